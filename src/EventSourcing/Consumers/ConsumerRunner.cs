using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>
/// Feeds a consumer so that nothing is lost, doubled or stuck: when it returns, every delivery is processed or durably parked, which
/// makes its return the acknowledgement. Faults of the store are thrown, so that the feed delivers the batch again.
/// </summary>
public sealed class ConsumerRunner(Projector projector, IParkedStore parkedStreams, TimeProvider time, ConsumerOptions options, ConsumerMonitor monitor)
{
    // Streams fail side by side. Between counting what is parked and parking one more no other stream of that consumer may do the same.
    private readonly Dictionary<string, Task> lastParking = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <exception cref="TooManyParkedStreamsException">The consumer must not park more; the batch is not acknowledged.</exception>
    public Task<ProjectionResult> HandleAsync(IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        HandleAsync(consumer, deliveries, believes: true, cancellationToken);

    /// <summary>Without <paramref name="believes"/> for what is mostly done already: to find that out, what is stored has to be read anyway.</summary>
    internal async Task<ProjectionResult> HandleAsync(
        IConsumer consumer, IReadOnlyList<Delivery> deliveries, bool believes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(deliveries);
        Dictionary<ViewPartition, Work.Apply> partitions = [];
        SideBySideResult<Work> routed = await RouteAsync(consumer, deliveries, cancellationToken);
        List<Work> work = [];
        foreach (Work one in routed.Completed)
        {
            if (one is not Work.Apply apply || partitions.TryAdd(apply.Partition, apply))
            {
                work.Add(one);
            }
            else
            {
                partitions[apply.Partition].Streams.AddRange(apply.Streams); // One write for all streams of a partition.
            }
        }
        SideBySideResult<ProjectionResult> handled = await SideBySide.RunAsync(
            work, projector.MaxParallelPartitions, async (w, token) => await HandleAsync(consumer, w, believes, token), cancellationToken);
        routed.Failure?.Throw();
        handled.Failure?.Throw();
        return ProjectionResult.Sum(handled.Completed);
    }

    /// <summary>What is to be done with each stream. A stream that can't be routed for a fault of the store is left out.</summary>
    private async Task<SideBySideResult<Work>> RouteAsync(
        IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        List<Work> known = [];
        List<StreamCommits> unknown = [];
        ILookup<string, Delivery> unreadable = deliveries.Where(d => d.Commit is null).ToLookup(d => d.Stream, StringComparer.Ordinal);
        IEnumerable<Commit> commits = deliveries.Select(d => d.Commit).OfType<Commit>();
        foreach (StreamCommits stream in Projector.ByStream(commits.Where(c => consumer.Categories.Contains(c.Stream.Category))))
        {
            // Behind a commit that can't be read nothing of its stream may pass: the feed may have it out of order, the store does not.
            Delivery? first = unreadable[stream.Stream.Value].MinBy(d => d.FirstVersion);
            StreamCommits readable = first is null
                ? stream
                : stream with { Commits = [.. stream.Commits.Where(c => c.FirstVersion < first.FirstVersion)] };
            if (readable.Commits.Count > 0)
            {
                unknown.Add(readable);
            }
        }
        foreach (IGrouping<string, Delivery> stream in unreadable.Where(s => Concerns(consumer, s.Key)))
        {
            // The readable commits behind it wait too, and a retry that runs now must learn of them.
            long through = deliveries.Where(d => d.Stream == stream.Key).Max(d => d.Commit?.LastVersion ?? d.FirstVersion);
            known.Add(new Work.Unreadable(stream.MinBy(d => d.FirstVersion)!, through));
        }
        SideBySideResult<Work?> routed = await SideBySide.RunAsync(
            unknown, projector.MaxParallelPartitions, (stream, token) => RouteAsync(consumer, stream, token), cancellationToken);
        return new SideBySideResult<Work>([.. known, .. routed.Completed.OfType<Work>()], routed.Failure);
    }

    /// <summary>Null when the stream feeds nothing.</summary>
    private async ValueTask<Work?> RouteAsync(IConsumer consumer, StreamCommits stream, CancellationToken cancellationToken)
    {
        try
        {
            return await projector.PartitionOfAsync(consumer, stream, cancellationToken) is { } partition
                ? new Work.Apply(partition, [stream])
                : null;
        }
        catch (PoisonException e)
        {
            return new Work.Failed(stream, e);
        }
    }

    private Task<ProjectionResult> HandleAsync(IConsumer consumer, Work work, bool believes, CancellationToken cancellationToken) => work switch
    {
        Work.Apply apply => ApplyAsync(consumer, apply.Partition, apply.Streams, believes, cancellationToken),
        Work.Failed failed => RetryOrParkAsync(consumer, failed.Stream, failed.Error, cancellationToken),
        Work.Unreadable unreadable => ParkAsync(
            consumer, unreadable.First.Stream, unreadable.First.FirstVersion, unreadable.ThroughVersion, unreadable.First.Error!, cancellationToken),
        _ => throw new UnreachableException(),
    };

    private async Task<ProjectionResult> ApplyAsync(
        IConsumer consumer, ViewPartition partition, IReadOnlyList<StreamCommits> streams, bool believes, CancellationToken cancellationToken)
    {
        ProjectionResult result = ProjectionResult.Nothing;
        List<StreamCommits> left = [.. streams];
        while (left.Count > 0)
        {
            try
            {
                return ProjectionResult.Sum([result, await projector.ApplyAsync(consumer, partition, left, believes, cancellationToken)]);
            }
            catch (PoisonException e)
            {
                // Only its own stream waits for it: take it out, go on with the others, and come back to it alone.
                StreamCommits poisoned = left.First(s => s.Stream == e.Stream);
                left.Remove(poisoned);
                result = ProjectionResult.Sum([result, await RetryOrParkAsync(consumer, poisoned, e, cancellationToken)]);
            }
            catch (Exception e) when (left.Count > 1 && !projector.Faults.MustRetry(e))
            {
                // It names no stream, or they don't fit together: one by one shows which of them is to blame.
                List<ProjectionResult> results = [result];
                foreach (StreamCommits stream in left)
                {
                    results.Add(await ApplyAsync(consumer, partition, [stream], believes, cancellationToken));
                }
                return ProjectionResult.Sum(results);
            }
        }
        return result;
    }

    /// <summary>Tries one failed stream until it passes or has failed often enough, which outlives this process.</summary>
    private async Task<ProjectionResult> RetryOrParkAsync(
        IConsumer consumer, StreamCommits stream, PoisonException error, CancellationToken cancellationToken)
    {
        long through = stream.Commits[^1].LastVersion;
        while (true)
        {
            ParkedStream? record = await RecordFailureAsync(
                consumer, stream.Stream.Value, error.Version, through, error.InnerException ?? error, error.CorrelationId, cancellationToken);
            if (record is { Status: ParkedStatus.Parked })
            {
                return ProjectionResult.Nothing;
            }
            if (record is not null)
            {
                await Task.Delay(Backoff(options.FirstBackoff, options.MaxBackoff, record.Attempts), time, cancellationToken);
            }
            try
            {
                ProjectionResult result = await projector.ApplyAsync(consumer, stream.Commits, cancellationToken);
                if (record is not null)
                {
                    await parkedStreams.TryDeleteAsync(record, cancellationToken);
                }
                return result;
            }
            catch (PoisonException e)
            {
                error = e;
            }
        }
    }

    /// <summary>
    /// Counts a failed attempt. A stream that is parked already keeps its record, which only learns what else waits; that write is what
    /// an unparking running at the same time trips over. Null when another host changed the record in between: try again.
    /// </summary>
    private async Task<ParkedStream?> RecordFailureAsync(
        IConsumer consumer, string stream, long fromVersion, long throughVersion, Exception error, string? correlationId,
        CancellationToken cancellationToken)
    {
        string name = consumer.FullName;
        DateTimeOffset now = time.GetUtcNow();
        ParkedStream? record = await parkedStreams.ReadAsync(name, stream, cancellationToken);
        if (record is { Status: ParkedStatus.Parked })
        {
            return throughVersion <= record.ThroughVersion
                ? record
                : await parkedStreams.TryWriteAsync(record with { ThroughVersion = throughVersion }, cancellationToken);
        }
        bool isSamePlace = record?.FromVersion >= fromVersion; // Only a stream that got further begins a new count.
        int? deaths = (error as ProcessDiedException)?.Deaths;
        int attempts = deaths ?? (isSamePlace ? record!.Attempts + 1 : 1);
        bool isParked = deaths is not null || attempts >= options.MaxAttempts;
        ParkedStream next = new()
        {
            Consumer = name,
            Stream = stream,
            Status = isParked ? ParkedStatus.Parked : ParkedStatus.Failing,
            FromVersion = fromVersion,
            ThroughVersion = Math.Max(throughVersion, record?.ThroughVersion ?? 0),
            Error = ErrorText.Of(error, options.MaxErrorLength),
            ErrorType = ErrorText.TypeOf(error),
            StackTrace = ErrorText.StackTraceOf(error, options.MaxStackTraceLength),
            Attempts = attempts,
            FirstFailedAt = isSamePlace ? record!.FirstFailedAt : now,
            LastFailedAt = now,
            NextRetryAt = isParked && deaths is null ? now + options.FirstRetryInterval : null,
            CorrelationId = correlationId,
            ETag = record?.ETag,
        };
        ParkedStream? written = isParked
            ? await ParkWithinLimitAsync(next, cancellationToken)
            : await parkedStreams.TryWriteAsync(next, cancellationToken);
        if (written is not null)
        {
            monitor.Failed(written, error);
        }
        return written;
    }

    /// <summary>Two hosts that park for one consumer at the same moment can go beyond the limit by one.</summary>
    private async Task<ParkedStream?> ParkWithinLimitAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        TaskCompletionSource done = new();
        Task before;
        lock (gate)
        {
            before = lastParking.GetValueOrDefault(parked.Consumer, Task.CompletedTask);
            lastParking[parked.Consumer] = done.Task;
        }
        await before; // It ends, whatever becomes of it: two requests, which mind their own cancellation.
        try
        {
            return await parkedStreams.CountAsync(parked.Consumer, ParkedStatus.Parked, cancellationToken) < options.MaxParkedStreams
                ? await parkedStreams.TryWriteAsync(parked, cancellationToken)
                : throw new TooManyParkedStreamsException(parked.Consumer, options.MaxParkedStreams);
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>
    /// Parks what can't be handled, as often as it takes: a document that can't be read fails the same way each time it is delivered, so the
    /// attempts are the record's alone.
    /// </summary>
    internal Task<ProjectionResult> ParkAsync(IConsumer consumer, IReadOnlyList<Delivery> stream, Exception error, CancellationToken cancellationToken) =>
        ParkAsync(
            consumer, stream[0].Stream, stream.Min(d => d.FirstVersion), stream.Max(d => d.Commit?.LastVersion ?? d.FirstVersion), error, cancellationToken);

    private async Task<ProjectionResult> ParkAsync(
        IConsumer consumer, string stream, long fromVersion, long throughVersion, Exception error, CancellationToken cancellationToken)
    {
        ParkedStream? record;
        do
        {
            record = await RecordFailureAsync(consumer, stream, fromVersion, throughVersion, error, correlationId: null, cancellationToken);
        }
        while (record is not { Status: ParkedStatus.Parked });
        return ProjectionResult.Nothing;
    }

    // A stray document that names no stream concerns everybody.
    private static bool Concerns(IConsumer consumer, string name) =>
        StrayDocument.CategoryOf(name) is not { } category || consumer.Categories.Contains(category);

    internal static TimeSpan Backoff(TimeSpan first, TimeSpan longest, int attempt) =>
        TimeSpan.FromMilliseconds(Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, attempt - 1)));

    /// <summary>What is to be done with streams of a batch.</summary>
    private abstract record Work
    {
        public sealed record Apply(ViewPartition Partition, List<StreamCommits> Streams) : Work;

        public sealed record Failed(StreamCommits Stream, PoisonException Error) : Work;

        public sealed record Unreadable(Delivery First, long ThroughVersion) : Work;
    }
}
