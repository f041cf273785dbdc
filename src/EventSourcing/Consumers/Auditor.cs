using System.Runtime.ExceptionServices;

namespace Serverless.EventSourcing;

/// <summary>What an audit found: events that a consumer had missed and now has.</summary>
public sealed record AuditResult(string Consumer, int CheckedCommits, int HealedEvents, double RequestCharge);

/// <summary>What one run of the auditor came to. Stopped: another host was at work at the same time. The charge is in request units.</summary>
public sealed record AuditRun(IReadOnlyList<AuditResult> Results, bool IsStopped, double RequestCharge);

/// <summary>
/// Finds what any consumer missed from whatever cause, and heals it: after a grace time each commit is given to every consumer once
/// more. A consumer that has it reads its fence and does nothing; one that doesn't catches up, gaps included. It keeps its own position
/// in the feed, works in short runs, and may run on several hosts at once.
/// </summary>
public sealed class Auditor(
    WatchedConsumers watched, ICommitFeed feed, IConsumerStore records, IConsumerFeeds feeds, TimeProvider time, ConsumerOptions options)
{
    /// <summary>The name of its record.</summary>
    public const string Name = "auditor@1";

    /// <summary>
    /// Audits what is older than the grace time from the stored position on, until there is no more of it or the time of a run is up.
    /// A fault with one consumer does not keep the others from being audited. It is thrown in the end, and the next run begins there again.
    /// </summary>
    public async Task<AuditRun> RunAsync(IReadOnlyCollection<IConsumer> consumers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        long start = time.GetTimestamp();
        Run run = new(await records.ReadAsync(Name, cancellationToken) ?? new ConsumerRecord { Consumer = Name });
        IReadOnlyList<CommitFeedRange> ranges = await feed.ReadRangesAsync(
            run.Record.Ranges.ToDictionary(r => r.Key, r => r.Value.Position, StringComparer.Ordinal), cancellationToken);
        Dictionary<string, string?> positions = ranges.ToDictionary(r => r.Range, r => r.Position, StringComparer.Ordinal);
        foreach (CommitFeedRange range in ranges)
        {
            while (time.GetElapsedTime(start) < options.MaxAuditTime
                && await AuditPageAsync(consumers, range with { Position = positions[range.Range] }, run, cancellationToken) is { } next)
            {
                positions[range.Range] = next.Position;
                if (!await TryKeepAsync(run, positions, cancellationToken))
                {
                    return new AuditRun(run.Results, IsStopped: true, run.RequestCharge);
                }
                if (next.IsEnd)
                {
                    break;
                }
            }
        }
        run.Failure?.Throw();
        return new AuditRun(run.Results, IsStopped: false, run.RequestCharge);
    }

    /// <summary>Gives commits to every consumer. Healed counts what a feed has passed without the consumer having it; what is late is not missed.</summary>
    public async Task<IReadOnlyList<AuditResult>> AuditAsync(
        IReadOnlyCollection<IConsumer> consumers, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        Run run = new(new ConsumerRecord { Consumer = Name });
        await AuditAsync(consumers, deliveries, run, cancellationToken);
        run.Failure?.Throw();
        return run.Results;
    }

    /// <summary>Null when there is nothing old enough, or a consumer could not be audited.</summary>
    private async Task<(string Position, bool IsEnd)?> AuditPageAsync(
        IReadOnlyCollection<IConsumer> consumers, CommitFeedRange range, Run run, CancellationToken cancellationToken)
    {
        CommitFeedPage page = await feed.ReadAsync(range, options.MaxAuditItems, cancellationToken);
        run.RequestCharge += page.RequestCharge;
        DateTimeOffset newest = time.GetUtcNow() - options.AuditGrace;
        CommitFeedItem[] old = [.. page.Items.TakeWhile(i => i.At <= newest)];
        if (old.Length == 0 || !await AuditAsync(consumers, [.. old.Select(i => i.Delivery).OfType<Delivery>()], run, cancellationToken))
        {
            return null;
        }
        return (old[^1].Position, page.IsEnd || old.Length < page.Items.Count);
    }

    /// <summary>False when a consumer could not be audited for a reason that goes by.</summary>
    private async Task<bool> AuditAsync(
        IReadOnlyCollection<IConsumer> consumers, IReadOnlyList<Delivery> deliveries, Run run, CancellationToken cancellationToken)
    {
        // What stands at no version has no fence: the feed has listed it, and an operator may have discarded it.
        Delivery[] given = [.. deliveries.Where(d => !d.IsStray)];
        bool isDone = true;
        foreach (IConsumer consumer in consumers)
        {
            try
            {
                run.Results.Add(await AuditAsync(consumer, given, cancellationToken));
            }
            catch (ConsumerStoppedException)
            {
                // It refuses to go on by itself, and its status says why: the others must not wait for it.
            }
#pragma warning disable CA1031 // Whatever it is, it is thrown when the other consumers were audited.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                run.Failure ??= ExceptionDispatchInfo.Capture(e);
                isDone = false;
            }
        }
        return isDone;
    }

    private async Task<AuditResult> AuditAsync(IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        Delivery[] own = [.. deliveries.Where(d => d.Commit is not { } commit || consumer.Categories.Contains(commit.Stream.Category))];
        ProjectionResult result = await watched.AuditAsync(consumer, own, cancellationToken);
        bool isMissed = result.Events > 0 && await HasPassedAsync(consumer, own, cancellationToken);
        return new AuditResult(consumer.FullName, own.Count(d => d.Commit is not null), isMissed ? result.Events : 0, result.RequestCharge);
    }

    /// <summary>Whether the feed of the consumer is beyond these commits, so that it would not have come to them any more.</summary>
    private async Task<bool> HasPassedAsync(IConsumer consumer, IReadOnlyList<Delivery> audited, CancellationToken cancellationToken)
    {
        IReadOnlyList<FeedLag> lags = await feeds.ReadLagAsync(consumer.FullName, cancellationToken);
        DateTimeOffset? newest = audited.Max(d => d.Commit?.Metadata.Timestamp);
        return lags.Count > 0 && lags.All(l => l.Oldest is null || l.Oldest.At > newest);
    }

    /// <summary>False when another host has kept a position meanwhile: what it audits need not be audited here as well.</summary>
    private async Task<bool> TryKeepAsync(Run run, IReadOnlyDictionary<string, string?> positions, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        ConsumerRecord next = run.Record with
        {
            LastProgressAt = now,
            Ranges = positions.ToDictionary(p => p.Key, p => new RangeProgress(p.Value, now), StringComparer.Ordinal),
        };
        if (!await records.TryWriteAsync(next, cancellationToken))
        {
            return false;
        }
        run.Record = await records.ReadAsync(Name, cancellationToken) ?? next;
        return true;
    }

    private sealed class Run(ConsumerRecord record)
    {
        public ConsumerRecord Record { get; set; } = record;

        public List<AuditResult> Results { get; } = [];

        public double RequestCharge { get; set; }

        public ExceptionDispatchInfo? Failure { get; set; }
    }
}
