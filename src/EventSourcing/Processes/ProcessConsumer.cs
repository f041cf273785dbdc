using System.Diagnostics;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// Runs a process manager as a consumer: sends the steps of each commit, then moves the fence of its stream, a marker in the view
/// store. A crash in between sends the steps again under the same command ids, which commits nothing twice.
/// </summary>
public sealed class ProcessConsumer(IProcessManager process, IReadOnlyDictionary<string, IAggregateEndpoint> aggregates) : IConsumer
{
    public string Name => process.Name;

    public int Version => process.Version;

    public int KeySpace => 1;

    public IReadOnlySet<string> Categories => process.Categories;

    public string? KeyOf(StreamName stream) => stream.Value;

    public string? KeyOf(Commit commit) => commit.Stream.Value;

    public async Task<ProjectionStep> TryApplyAsync(
        ViewPartition partition, IReadOnlyList<StreamCommits> streams, IEventStore store, IViewStore views, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(views);
        ArgumentNullException.ThrowIfNull(streams);
        StreamCommits stream = streams[0]; // The key is the stream.
        ViewRead read = await views.ReadAsync(partition, [ViewDocument.SingleId], cancellationToken);
        ViewDocument? marker = read.Documents.Count == 0 ? null : read.Documents[0];
        Fence fence = new(marker?.Seen, marker?.AsOf ?? default);
        ProjectionStepResult result = ProjectionStepResult.Done;
        double charge = read.RequestCharge;
        int events = 0;
        try
        {
            await foreach (Commit commit in NewCommits.AfterAsync(fence[stream.Stream], stream, store, cancellationToken))
            {
                foreach ((ProcessStep step, CommandCause cause) in process.StepsOf(commit, stream))
                {
                    charge += await SendAsync(step, cause, commit, cancellationToken);
                }
                events += commit.Events.Count;
                fence.Advance(commit);
            }
        }
        catch (PoisonException) when (fence.HasMoved)
        {
            result = ProjectionStepResult.Partial; // What came before it is done; the next attempt meets it first and reports it.
        }
        if (!fence.HasMoved)
        {
            return new ProjectionStep(ProjectionStepResult.Done, 0, charge);
        }
        ViewDocument next = new()
        {
            Id = ViewDocument.SingleId,
            Kind = ViewKind.Marker,
            Seen = fence.Seen,
            AsOf = fence.AsOf,
            ETag = marker?.ETag,
        };
        ViewWrite write = await views.TryWriteAsync(partition, [next], cancellationToken);
        return new ProjectionStep(
            write.IsWritten ? result : ProjectionStepResult.LostRace, write.IsWritten ? events : 0, charge + write.RequestCharge);
    }

    /// <summary>Sends a step. Returns its request charge.</summary>
    private async Task<double> SendAsync(ProcessStep step, CommandCause cause, Commit commit, CancellationToken cancellationToken)
    {
        // The step's own span becomes the cause that its commit is linked to; without one it stays the first request.
        using Activity? span = ConsumerTrace.Step(Name, step, cause);
        return await ExecuteAsync(step, cause, commit, cancellationToken) switch
        {
            CommandOutcome.Accepted accepted => accepted.RequestCharge,
            CommandOutcome.Contended or CommandOutcome.Busy => throw new ProcessContentionException(step.Target),
            CommandOutcome.Rejected rejected =>
                throw Poison(commit, cause, $"the step '{step.Name}' was refused by {step.Target}: {rejected.Reason.Code}"),
            CommandOutcome other => throw Poison(commit, cause, $"the step '{step.Name}' to {step.Target} ended as {other.GetType().Name}"),
        };
    }

    private async Task<CommandOutcome> ExecuteAsync(ProcessStep step, CommandCause cause, Commit commit, CancellationToken cancellationToken)
    {
        if (!aggregates.TryGetValue(step.Target.Category, out IAggregateEndpoint? aggregate)
            || aggregate.Commands.FirstOrDefault(c => c.Json.Type == step.Command.GetType()) is not { } shape)
        {
            throw Poison(commit, cause, $"no aggregate takes {step.Command.GetType().Name} for {step.Target}");
        }
        CommandContext context = new()
        {
            CommandId = $"{Name}/{cause.EventId}/{step.Name}",
            Actor = $"process:{Name}",
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
}

/// <summary>A target is too busy for a process step; the batch is to be delivered again.</summary>
public sealed class ProcessContentionException(StreamName target) : DeliverAgainException($"{target} is too busy for a step of a process.")
{
    public StreamName Target { get; } = target;
}
