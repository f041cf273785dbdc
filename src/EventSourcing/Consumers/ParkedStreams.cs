using System.Collections.Concurrent;

namespace Serverless.EventSourcing;

/// <summary>How a retry or a discard of a parked stream ended.</summary>
public abstract record RetryOutcome
{
    private protected RetryOutcome() { } // Closed: every case is in this file.

    /// <summary>The consumer has the whole stream; the record is gone.</summary>
    public sealed record CaughtUp(int Events) : RetryOutcome;

    /// <summary>It failed again, at the same place or a later one.</summary>
    public sealed record StillFailing(ParkedStream Record) : RetryOutcome;

    /// <summary>There is no such record.</summary>
    public sealed record NotParked : RetryOutcome;

    /// <summary>The record stands at another version than the one to be discarded.</summary>
    public sealed record OtherVersion(ParkedStream Record) : RetryOutcome;
}

/// <summary>Replays parked streams with today's code, in order, and unparks those that have caught up.</summary>
public sealed class ParkedStreams(
    Projector projector,
    IEventStore store,
    ICommitLog log,
    IParkedStore parkedStreams,
    TimeProvider time,
    ConsumerOptions options,
    ConsumerMonitor monitor)
{
    internal const int RecordsPerPage = 100;

    private const int CommitsPerChunk = 100;

    /// <summary>Reads the stream again from where the consumer stands and goes on to its end.</summary>
    public Task<RetryOutcome> RetryAsync(IConsumer consumer, string stream, CancellationToken cancellationToken) =>
        CountedAsync(consumer, stream, discardedVersion: null, cancellationToken);

    /// <summary>
    /// Leaves out, for this consumer only, the commit that holds the version at which the stream is parked, and goes on with the rest.
    /// </summary>
    public Task<RetryOutcome> DiscardAsync(IConsumer consumer, string stream, long version, CancellationToken cancellationToken) =>
        CountedAsync(consumer, stream, version, cancellationToken);

    /// <summary>
    /// Retries the parked streams of a consumer side by side: all of them, or those whose time has come. Returns how each ended.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, RetryOutcome>> RetryAllAsync(
        IConsumer consumer, bool onlyDue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ConcurrentDictionary<string, RetryOutcome> outcomes = new(StringComparer.Ordinal);
        string? continuation = null;
        do
        {
            ParkedPage page = await parkedStreams.ListAsync(consumer.FullName, RecordsPerPage, continuation, cancellationToken);
            DateTimeOffset now = time.GetUtcNow();
            await Parallel.ForEachAsync(
                page.Items.Where(r => !onlyDue || r.DueAt(options) <= now),
                new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelRetries, CancellationToken = cancellationToken },
                async (record, token) =>
                {
                    if (record.Status == ParkedStatus.Failing)
                    {
                        await ForgetIfPassedAsync(consumer, record, token);
                    }
                    else
                    {
                        outcomes[record.Stream] = await RetryAsync(consumer, record.Stream, token);
                    }
                });
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return outcomes;
    }

    private async Task<RetryOutcome> CountedAsync(
        IConsumer consumer, string stream, long? discardedVersion, CancellationToken cancellationToken)
    {
        RetryOutcome outcome = await ReplayAsync(consumer, stream, discardedVersion, cancellationToken);
        if (outcome is RetryOutcome.CaughtUp or RetryOutcome.StillFailing)
        {
            int unparked = outcome is RetryOutcome.CaughtUp ? 1 : 0;
            monitor.Count(consumer.FullName, new ConsumerCounts { Retries = 1, Unparked = unparked, Failures = 1 - unparked });
        }
        return outcome;
    }

    private async Task<RetryOutcome> ReplayAsync(
        IConsumer consumer, string name, long? discardedVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        int events = 0;
        while (true)
        {
            ParkedStream? record = await parkedStreams.ReadAsync(consumer.FullName, name, cancellationToken);
            if (record is not { Status: ParkedStatus.Parked })
            {
                return events > 0 ? new RetryOutcome.CaughtUp(events) : new RetryOutcome.NotParked();
            }
            if (discardedVersion is { } version && version != record.FromVersion && events == 0)
            {
                return new RetryOutcome.OtherVersion(record);
            }
            try
            {
                events += await ApplyToEndAsync(consumer, StreamName.Parse(name), record.FromVersion, discardedVersion, cancellationToken);
            }
            catch (Exception e) when (e is PoisonException or FormatException)
            {
                return await RecordAgainAsync(record, e, cancellationToken) is { } failed
                    ? new RetryOutcome.StillFailing(failed)
                    : await ReplayAsync(consumer, name, discardedVersion, cancellationToken);
            }
            // A commit that was delivered meanwhile has raised the record, which makes this fail: then there is more to read.
            if (await parkedStreams.TryDeleteAsync(record, cancellationToken))
            {
                return new RetryOutcome.CaughtUp(events);
            }
        }
    }

    /// <summary>
    /// A process that dies between two attempts leaves its count behind. Who gets the commit next and succeeds at once does not look for
    /// one, so it is taken away here.
    /// </summary>
    private async Task ForgetIfPassedAsync(IConsumer consumer, ParkedStream record, CancellationToken cancellationToken)
    {
        try
        {
            await ApplyToEndAsync(consumer, StreamName.Parse(record.Stream), record.FromVersion, discardedVersion: null, cancellationToken);
        }
        catch (Exception e) when (e is PoisonException or FormatException)
        {
            // It was an attempt like those of the feed, which goes on from this count.
            await parkedStreams.TryWriteAsync(
                record with { Attempts = record.Attempts + 1, LastFailedAt = time.GetUtcNow() }, cancellationToken);
            return;
        }
        await parkedStreams.TryDeleteAsync(record, cancellationToken);
    }

    private async Task<int> ApplyToEndAsync(
        IConsumer consumer, StreamName stream, long fromVersion, long? discardedVersion, CancellationToken cancellationToken)
    {
        int events = 0;
        List<Commit> chunk = [];
        for (long? next = fromVersion; next is { } version;)
        {
            next = null;
            try
            {
                await foreach (Commit commit in NewCommits.StoredAsync(stream, version, store, cancellationToken))
                {
                    chunk.Add(commit);
                    if (chunk.Count == CommitsPerChunk)
                    {
                        await ApplyAsync();
                    }
                }
            }
            catch (PoisonException e) when (e.InnerException is CommitFormatException)
            {
                if (chunk.Count > 0)
                {
                    await ApplyAsync(); // What stands before a document that can't be read is good, unless it fails first.
                }
                if (e.Version != discardedVersion || await UnreadableCommit.FindAsync(log, stream, e.Version, cancellationToken) is not { } found)
                {
                    throw;
                }
                chunk.Add(found.StandIn);
                next = found.Next;
            }
        }
        if (chunk.Count > 0)
        {
            await ApplyAsync();
        }
        return events;

        async Task ApplyAsync()
        {
            StreamCommits commits = new(stream, [.. chunk]) { DiscardedVersion = discardedVersion };
            chunk.Clear();
            if (await projector.PartitionOfAsync(consumer, commits, cancellationToken) is { } partition)
            {
                events += (await projector.ApplyAsync(consumer, partition, [commits], believes: false, cancellationToken)).Events;
            }
        }
    }

    private async Task<ParkedStream?> RecordAgainAsync(ParkedStream record, Exception error, CancellationToken cancellationToken)
    {
        PoisonException? poison = error as PoisonException;
        int attempts = record.Attempts + 1;
        int retries = Math.Max(1, attempts - options.MaxAttempts + 1);
        DateTimeOffset now = time.GetUtcNow();
        return await parkedStreams.TryWriteAsync(
            record with
            {
                FromVersion = poison?.Version ?? record.FromVersion,
                ThroughVersion = Math.Max(record.ThroughVersion, poison?.Version ?? 0),
                Error = ErrorText.Of(error.InnerException ?? error, options.MaxErrorLength),
                Attempts = attempts,
                LastFailedAt = now,
                NextRetryAt = now + ConsumerRunner.Backoff(options.FirstRetryInterval, options.MaxRetryInterval, retries),
                CorrelationId = poison?.CorrelationId ?? record.CorrelationId,
            },
            cancellationToken);
    }
}
