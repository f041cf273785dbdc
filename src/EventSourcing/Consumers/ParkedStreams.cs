using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace Serverless.EventSourcing;

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

    /// <summary>Reads the stream again from where the consumer stands and goes on to its end.</summary>
    public Task<RetryOutcome> RetryAsync(IConsumer consumer, string stream, CancellationToken cancellationToken) =>
        CountedAsync(consumer, stream, discardedVersion: null, cancellationToken);

    /// <summary>
    /// Leaves out, for this consumer only, the commit that holds a version, and goes on with the rest. The stream need not be parked. A
    /// version that the consumer has passed already is not undone.
    /// </summary>
    public Task<RetryOutcome> DiscardAsync(IConsumer consumer, string stream, long version, CancellationToken cancellationToken) =>
        CountedAsync(consumer, stream, version, cancellationToken);

    /// <summary>
    /// Retries the parked streams of a consumer side by side: all of them, or those whose time has come. Returns how each ended. A fault of
    /// the store with one of them is thrown when the others are done.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, RetryOutcome>> RetryAllAsync(
        IConsumer consumer, bool onlyDue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ConcurrentDictionary<string, RetryOutcome> outcomes = new(StringComparer.Ordinal);
        ExceptionDispatchInfo? failure = null;
        string? continuation = null;
        do
        {
            ParkedPage page = await parkedStreams.ListAsync(consumer.FullName, RecordsPerPage, continuation, cancellationToken);
            DateTimeOffset now = time.GetUtcNow();
            SideBySideResult<bool> results = await SideBySide.RunAsync(
                [.. page.Items.Where(r => !onlyDue || r.DueAt(options) <= now)],
                options.MaxParallelRetries,
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
                    return true;
                },
                cancellationToken);
            failure ??= results.Failure;
            continuation = page.Continuation;
        }
        while (continuation is not null);
        failure?.Throw();
        return outcomes;
    }

    private async Task<RetryOutcome> CountedAsync(
        IConsumer consumer, string stream, long? discardedVersion, CancellationToken cancellationToken)
    {
        RetryOutcome outcome = await ReplayAsync(consumer, stream, discardedVersion, cancellationToken);
        if (outcome is RetryOutcome.CaughtUp { Events: var events })
        {
            monitor.CaughtUp(consumer.FullName, stream, discardedVersion, events);
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
            ParkedStream? stored = await parkedStreams.ReadAsync(consumer.FullName, name, cancellationToken);
            bool isDiscarding = discardedVersion > 0 && events == 0 && IsFedWith(consumer, name);
            if (stored is not { Status: ParkedStatus.Parked } && !isDiscarding)
            {
                return events > 0 ? new RetryOutcome.CaughtUp(events) : new RetryOutcome.NotParked();
            }
            ParkedStream record = stored ?? NotParkedYet(consumer, name, discardedVersion!.Value);
            if (discardedVersion is { } asked && asked != record.FromVersion && events == 0)
            {
                return new RetryOutcome.OtherVersion(record);
            }
            try
            {
                (int applied, bool wasWaiting) = await ApplyAsync(consumer, record, discardedVersion, cancellationToken);
                if (stored is null && !wasWaiting)
                {
                    return new RetryOutcome.NotParked(); // The stream has no such version, or the consumer has passed it.
                }
                events += applied;
            }
            catch (Exception e) when (!projector.Faults.MustRetry(e))
            {
                if (await RecordAgainAsync(record, e, cancellationToken) is not { } failed)
                {
                    return await ReplayAsync(consumer, name, discardedVersion, cancellationToken);
                }
                monitor.FailedAgain(failed, (e as PoisonException)?.InnerException ?? e);
                return new RetryOutcome.StillFailing(failed);
            }
            // A commit that was delivered meanwhile has raised the record, which makes this fail: then there is more to read.
            if (stored is null || await parkedStreams.TryDeleteAsync(stored, cancellationToken))
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
            await ApplyAsync(consumer, record, discardedVersion: null, cancellationToken);
        }
        catch (Exception e) when (!projector.Faults.MustRetry(e))
        {
            // It was an attempt like those of the feed, which goes on from this count.
            await parkedStreams.TryWriteAsync(
                record with { Attempts = record.Attempts + 1, LastFailedAt = time.GetUtcNow() }, cancellationToken);
            return;
        }
        await parkedStreams.TryDeleteAsync(record, cancellationToken);
    }

    private static bool IsFedWith(IConsumer consumer, string name) =>
        StrayDocument.IsStreamName(name) && consumer.Categories.Contains(StreamName.Parse(name).Category);

    /// <summary>Returns how many events were applied, and whether what was to be discarded was still to be processed.</summary>
    private async Task<(int Events, bool WasWaiting)> ApplyAsync(IConsumer consumer, ParkedStream record, long? discardedVersion, CancellationToken cancellationToken)
    {
        if (StrayDocument.IsStreamName(record.Stream))
        {
            ParkedReplay replay = new(consumer, StreamName.Parse(record.Stream), discardedVersion, projector, store, log);
            await replay.RunAsync(record, cancellationToken);
            return (replay.Events, replay.Reached >= discardedVersion && replay.HadPassed != true);
        }
        if (discardedVersion is null && StrayDocument.TryReadId(record.Stream, out string? id))
        {
            await foreach (JsonElement item in log.ReadItemsByIdAsync(id, cancellationToken))
            {
                if (CommitJson.ReadDelivery(item) is { Error: { } error } delivery && delivery.Stream == record.Stream)
                {
                    throw error; // It is still there.
                }
            }
        }
        return (0, WasWaiting: true);
    }

    private ParkedStream NotParkedYet(IConsumer consumer, string stream, long version) => new()
    {
        Consumer = consumer.FullName,
        Stream = stream,
        Status = ParkedStatus.Parked,
        FromVersion = version,
        ThroughVersion = version,
        Error = "",
        Attempts = 0,
        FirstFailedAt = time.GetUtcNow(),
        LastFailedAt = time.GetUtcNow(),
    };

    private async Task<ParkedStream?> RecordAgainAsync(ParkedStream record, Exception error, CancellationToken cancellationToken)
    {
        PoisonException? poison = error as PoisonException;
        Exception cause = poison?.InnerException ?? error;
        int attempts = record.Attempts + 1;
        int retries = Math.Max(1, attempts - options.MaxAttempts + 1);
        DateTimeOffset now = time.GetUtcNow();
        return await parkedStreams.TryWriteAsync(
            record with
            {
                Status = ParkedStatus.Parked,
                FromVersion = poison?.Version ?? record.FromVersion,
                ThroughVersion = Math.Max(record.ThroughVersion, poison?.Version ?? 0),
                Error = ErrorText.Of(cause, options.MaxErrorLength),
                ErrorType = ErrorText.TypeOf(cause),
                StackTrace = ErrorText.StackTraceOf(cause, options.MaxStackTraceLength),
                Attempts = attempts,
                LastFailedAt = now,
                NextRetryAt = now + ConsumerRunner.Backoff(options.FirstRetryInterval, options.MaxRetryInterval, retries),
                CorrelationId = poison?.CorrelationId ?? record.CorrelationId,
            },
            cancellationToken);
    }
}
