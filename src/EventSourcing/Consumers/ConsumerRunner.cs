namespace Serverless.EventSourcing;

/// <summary>
/// A document as a feed delivered it: a commit, or, with <paramref name="Error"/>, one that can't be read. The stream is its name as
/// stored; the version that of its first event, 0 if even that can't be read.
/// </summary>
public sealed record Delivery(string Stream, long FirstVersion, Commit? Commit, Exception? Error)
{
    public static Delivery Of(Commit commit) => new(commit.Stream.Value, commit.FirstVersion, commit, Error: null);

    public static Delivery Unreadable(string stream, long firstVersion, Exception error) => new(stream, firstVersion, Commit: null, error);
}

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
        List<Work> work = [.. await ByPartitionAsync(consumer, deliveries, cancellationToken)];
        return ProjectionResult.Sum(await projector.EachAsync(work, (w, token) => HandleAsync(consumer, w, believes, token), cancellationToken));
    }

    /// <summary>Streams of one partition together, and each stream that can't even be routed by itself.</summary>
    private async Task<IEnumerable<Work>> ByPartitionAsync(
        IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        Dictionary<ViewPartition, Work> partitions = [];
        List<Work> failed = [];
        ILookup<string, Delivery> unreadable = deliveries.Where(d => d.Commit is null).ToLookup(d => d.Stream, StringComparer.Ordinal);
        IEnumerable<Commit> commits = deliveries.Select(d => d.Commit).OfType<Commit>();
        foreach (StreamCommits stream in Projector.ByStream(commits.Where(c => consumer.Categories.Contains(c.Stream.Category))))
        {
            // Behind a commit that can't be read nothing of its stream may pass: the feed may have it out of order, the store does not.
            Delivery? first = unreadable[stream.Stream.Value].MinBy(d => d.FirstVersion);
            StreamCommits readable = first is null
                ? stream
                : stream with { Commits = [.. stream.Commits.Where(c => c.FirstVersion < first.FirstVersion)] };
            if (readable.Commits.Count == 0)
            {
                continue;
            }
            try
            {
                if (await projector.PartitionOfAsync(consumer, readable, cancellationToken) is { } partition)
                {
                    if (!partitions.TryGetValue(partition, out Work? work))
                    {
                        partitions.Add(partition, work = new Work(partition, [], Error: null));
                    }
                    work.Streams.Add(readable);
                }
            }
            catch (PoisonException e)
            {
                failed.Add(new Work(Partition: null, [stream], e));
            }
        }
        foreach (IGrouping<string, Delivery> stream in unreadable.Where(s => Concerns(consumer, s.Key)))
        {
            // The readable commits behind it wait too, and a retry that runs now must learn of them.
            long through = deliveries.Where(d => d.Stream == stream.Key).Max(d => d.Commit?.LastVersion ?? d.FirstVersion);
            await HandleUnreadableAsync(consumer, stream, through, cancellationToken);
        }
        return [.. partitions.Values, .. failed];
    }

    private async Task<ProjectionResult> HandleAsync(IConsumer consumer, Work work, bool believes, CancellationToken cancellationToken)
    {
        ProjectionResult result = ProjectionResult.Nothing;
        if (work.Partition is null)
        {
            StreamCommits stream = work.Streams[0];
            return await RetryOrParkAsync(consumer, stream, work.Error!, cancellationToken);
        }
        List<StreamCommits> left = [.. work.Streams];
        while (left.Count > 0)
        {
            try
            {
                return ProjectionResult.Sum([result, await projector.ApplyAsync(consumer, work.Partition, left, believes, cancellationToken)]);
            }
            catch (PoisonException e)
            {
                // Only its own stream waits for it: take it out, go on with the others, and come back to it alone.
                StreamCommits poisoned = left.First(s => s.Stream == e.Stream);
                left.Remove(poisoned);
                result = ProjectionResult.Sum([result, await RetryOrParkAsync(consumer, poisoned, e, cancellationToken)]);
            }
            catch (ViewTooLargeException) when (left.Count > 1)
            {
                // Together they don't fit; one by one shows which of them is too much.
                foreach (StreamCommits stream in left)
                {
                    Work alone = work with { Streams = [stream] };
                    result = ProjectionResult.Sum([result, await HandleAsync(consumer, alone, believes, cancellationToken)]);
                }
                return result;
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
        bool isSamePlace = record?.FromVersion == fromVersion;
        int attempts = isSamePlace ? record!.Attempts + 1 : 1;
        bool isParked = attempts >= options.MaxAttempts;
        ParkedStream next = new()
        {
            Consumer = name,
            Stream = stream,
            Status = isParked ? ParkedStatus.Parked : ParkedStatus.Failing,
            FromVersion = fromVersion,
            ThroughVersion = Math.Max(throughVersion, record?.ThroughVersion ?? 0),
            Error = ErrorText.Of(error, options.MaxErrorLength),
            Attempts = attempts,
            FirstFailedAt = isSamePlace ? record!.FirstFailedAt : now,
            LastFailedAt = now,
            NextRetryAt = isParked ? now + options.FirstRetryInterval : null,
            CorrelationId = correlationId,
            ETag = record?.ETag,
        };
        ParkedStream? written = isParked
            ? await ParkWithinLimitAsync(next, cancellationToken)
            : await parkedStreams.TryWriteAsync(next, cancellationToken);
        if (written is not null)
        {
            monitor.Count(name, new ConsumerCounts { Failures = 1, Parked = isParked ? 1 : 0 });
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

    /// <summary>A document that can't be read fails the same way each time it is delivered, so the attempts are the record's alone.</summary>
    private async Task HandleUnreadableAsync(
        IConsumer consumer, IGrouping<string, Delivery> stream, long through, CancellationToken cancellationToken)
    {
        Delivery first = stream.MinBy(d => d.FirstVersion)!;
        while (true)
        {
            ParkedStream? record = await RecordFailureAsync(
                consumer, stream.Key, first.FirstVersion, through, first.Error!, correlationId: null, cancellationToken);
            if (record is { Status: ParkedStatus.Parked })
            {
                return;
            }
        }
    }

    private static bool Concerns(IConsumer consumer, string stream) =>
        stream.IndexOf('-', StringComparison.Ordinal) is var hyphen
        && (hyphen < 0 || consumer.Categories.Contains(stream[..hyphen]));

    internal static TimeSpan Backoff(TimeSpan first, TimeSpan longest, int attempt) =>
        TimeSpan.FromMilliseconds(Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, attempt - 1)));

    private sealed record Work(ViewPartition? Partition, List<StreamCommits> Streams, PoisonException? Error);
}

/// <summary>What is kept of an exception: its class and message, never a payload.</summary>
internal static class ErrorText
{
    public static string Of(Exception error, int maxLength)
    {
        string text = $"{error.GetType().Name}: {error.Message}";
        return text.Length <= maxLength ? text : text[..maxLength];
    }
}
