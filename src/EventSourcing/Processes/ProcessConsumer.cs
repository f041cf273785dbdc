using System.Diagnostics;
using System.Text.Json;
using BitFaster.Caching.Lru;

namespace Serverless.EventSourcing;

/// <summary>
/// Runs a process manager as a consumer: sends the steps of each commit, then moves the fence of its stream. A crash in between sends the
/// steps again under the same command ids, which commits nothing twice. A commit that leads to nothing costs no request on a host that
/// handled the one before it.
/// </summary>
public sealed class ProcessConsumer(
    IProcessManager process, IReadOnlyDictionary<string, IAggregateEndpoint> aggregates, IFenceStore fences, ProcessStarts starts) : IConsumer
{
    /// <summary>Versions without an effect after which the fence moves anyway: so many commits at most are read again by another host.</summary>
    public const int MaxUnfencedVersions = 100;

    private const int RememberedStreams = 10_000;

    private readonly ConcurrentLru<StreamName, Handled> handled = new(RememberedStreams);

    public string Name => process.Name;

    public int Version => process.Version;

    public int KeySpace => 1;

    public IReadOnlySet<string> Categories => process.Categories;

    public string? KeyOf(StreamName stream) => stream.Value;

    public string? KeyOf(Commit commit) => commit.Stream.Value;

    public async Task<ProjectionStep> TryApplyAsync(
        ViewPartition partition, IReadOnlyList<StreamCommits> streams, IEventStore store, IViewStore views, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(streams);
        Work work = new(streams[0], await starts.OfAsync(process, cancellationToken)); // The key is the stream.
        if (handled.TryGet(work.Stream, out Handled before))
        {
            work.Through = before.Through;
        }
        else
        {
            await ReadFenceAsync(work, cancellationToken);
        }
        ProjectionStepResult result = ProjectionStepResult.Done;
        bool mustWrite = work.Given.DiscardedVersion is not null; // What is discarded must not be met again.
        try
        {
            await foreach (Commit commit in NewCommits.AfterAsync(work.Through, work.Given, store, cancellationToken))
            {
                await HandleAsync(commit, work, cancellationToken);
            }
        }
        catch (PoisonException) when (work.HasMoved)
        {
            // What came before it is done; the next attempt meets it first and reports it.
            (result, mustWrite) = (ProjectionStepResult.Partial, true);
        }
        long fenced = work.IsRead ? work.Fence?.Version ?? 0 : before.Fenced;
        if (work.HasMoved && (mustWrite || work.Events > 0 || work.Through - fenced >= MaxUnfencedVersions))
        {
            if (!await TryMoveFenceAsync(work, cancellationToken))
            {
                handled.TryRemove(work.Stream);
                return new ProjectionStep(ProjectionStepResult.LostRace, 0, work.RequestCharge);
            }
            fenced = work.Through;
        }
        handled.AddOrUpdate(work.Stream, new Handled(work.Through, fenced));
        return new ProjectionStep(result, work.Events, work.RequestCharge);
    }

    private async Task HandleAsync(Commit commit, Work work, CancellationToken cancellationToken)
    {
        (ProcessStep Step, CommandCause Cause)[] steps = work.Start.IsBefore(commit) ? [] : [.. process.StepsOf(commit, work.Given)];
        if (steps.Length > 0 && !work.IsRead)
        {
            await ReadFenceAsync(work, cancellationToken); // Another host may have sent them.
        }
        if (steps.Length > 0 && !(work.Fence?.Version >= commit.LastVersion))
        {
            foreach ((ProcessStep step, CommandCause cause) in steps)
            {
                work.RequestCharge += await SendAsync(step, cause, commit, work.Start, cancellationToken);
            }
            work.Events += commit.Events.Count;
        }
        work.Through = Math.Max(work.Through, commit.LastVersion);
        work.HasMoved = true;
    }

    private async Task ReadFenceAsync(Work work, CancellationToken cancellationToken)
    {
        FenceRead read = await fences.ReadAsync(work.Start.StoredName, work.Stream, cancellationToken);
        work.RequestCharge += read.RequestCharge;
        work.IsRead = true;
        work.Fence = read.Fence;
        work.Through = Math.Max(work.Through, read.Fence?.Version ?? 0);
    }

    /// <summary>False when another host was faster.</summary>
    private async Task<bool> TryMoveFenceAsync(Work work, CancellationToken cancellationToken)
    {
        if (!work.IsRead)
        {
            await ReadFenceAsync(work, cancellationToken);
        }
        if (work.Fence?.Version >= work.Through)
        {
            return true;
        }
        FenceWrite write = await fences.TryWriteAsync(
            new StreamFence { Consumer = work.Start.StoredName, Stream = work.Stream, Version = work.Through, ETag = work.Fence?.ETag }, cancellationToken);
        work.RequestCharge += write.RequestCharge;
        return write.IsWritten;
    }

    /// <summary>Sends a step. Returns its request charge.</summary>
    private async Task<double> SendAsync(
        ProcessStep step, CommandCause cause, Commit commit, ProcessStart start, CancellationToken cancellationToken)
    {
        // The step's own span becomes the cause that its commit is linked to; without one it stays the first request.
        using Activity? span = ConsumerTrace.Step(Name, step, cause);
        return await ExecuteAsync(step, cause, commit, start, cancellationToken) switch
        {
            CommandOutcome.Accepted accepted => accepted.RequestCharge,
            CommandOutcome.Contended or CommandOutcome.Busy => throw new ProcessContentionException(step.Target),
            CommandOutcome.Rejected rejected =>
                throw Poison(commit, cause, $"the step '{step.Name}' was refused by {step.Target}: {rejected.Reason.Code}"),
            CommandOutcome other => throw Poison(commit, cause, $"the step '{step.Name}' to {step.Target} ended as {other.GetType().Name}"),
        };
    }

    private async Task<CommandOutcome> ExecuteAsync(
        ProcessStep step, CommandCause cause, Commit commit, ProcessStart start, CancellationToken cancellationToken)
    {
        if (!aggregates.TryGetValue(step.Target.Category, out IAggregateEndpoint? aggregate)
            || aggregate.Commands.FirstOrDefault(c => c.Json.Type == step.Command.GetType()) is not { } shape)
        {
            throw Poison(commit, cause, $"no aggregate takes {step.Command.GetType().Name} for {step.Target}");
        }
        CommandContext context = new()
        {
            CommandId = SystemCommandId.Of("process", start.StoredName, $"{cause.EventId}/{step.Name}"),
            Actor = $"process:{start.StoredName}",
            CorrelationId = cause.CorrelationId,
            CausationId = cause.EventId,
            TraceParent = cause.TraceParent,
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(step.Command, shape.Json);
        try
        {
            return await aggregate.ExecuteAsync(step.Target, shape.Name, body, context, cancellationToken);
        }
        catch (Exception e) when (e is EventDecodeException or CommitFormatException or DeciderException)
        {
            // The target can't be read or decided on, however often the feed delivers this: it must not hold the streams of others.
            throw new PoisonException(commit.Stream, cause.Version, cause.CorrelationId, e);
        }
    }

    private static PoisonException Poison(Commit commit, CommandCause cause, string reason) =>
        new(commit.Stream, cause.Version, cause.CorrelationId, new InvalidOperationException(reason));

    /// <summary>What this host knows of a stream: handled through a version, of which the fence may be behind.</summary>
    private readonly record struct Handled(long Through, long Fenced);

    /// <summary>One attempt.</summary>
    private sealed class Work(StreamCommits given, ProcessStart start)
    {
        public StreamCommits Given => given;

        public StreamName Stream => given.Stream;

        public ProcessStart Start => start;

        public bool IsRead { get; set; }

        public StreamFence? Fence { get; set; }

        public long Through { get; set; }

        public bool HasMoved { get; set; }

        /// <summary>Of commits that led to steps.</summary>
        public int Events { get; set; }

        public double RequestCharge { get; set; }
    }
}

/// <summary>A target is too busy for a process step; the batch is to be delivered again.</summary>
public sealed class ProcessContentionException(StreamName target) : DeliverAgainException($"{target} is too busy for a step of a process.")
{
    public StreamName Target { get; } = target;
}
