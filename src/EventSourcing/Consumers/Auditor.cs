using System.Runtime.ExceptionServices;

namespace Serverless.EventSourcing;

/// <summary>What an audit found: events that a consumer had missed and now has.</summary>
public sealed record AuditResult(string Consumer, int CheckedCommits, int HealedEvents, double RequestCharge);

/// <summary>What one run of the auditor came to. Stopped: another host was at work at the same time. The charge is in request units.</summary>
public sealed record AuditRun(IReadOnlyList<AuditResult> Results, bool IsStopped, double RequestCharge);

/// <summary>How the auditor is: what it has still to audit, younger than the grace time or not, and the age of the oldest commit of that.</summary>
public sealed record AuditorStatus(ConsumerState State, string? Reason, long LagCommits, TimeSpan LagTime, DateTimeOffset? LastProgressAt);

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

    private const string FaultKey = "run";

    /// <summary>
    /// Audits what is older than the grace time from the stored position on, until there is no more of it or the time of a run is up.
    /// A fault with one consumer does not keep the others from being audited. It is thrown in the end, and the next run begins there again.
    /// </summary>
    /// <param name="consumers">Those that have to be up to date.</param>
    /// <param name="onAudited">Told of each consumer after each page, also when the run fails in the end.</param>
    /// <param name="cancellationToken">Ends the run; what was audited need not be audited again.</param>
    public async Task<AuditRun> RunAsync(
        IReadOnlyCollection<IConsumer> consumers, Action<AuditResult> onAudited, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        ArgumentNullException.ThrowIfNull(onAudited);
        long start = time.GetTimestamp();
        Run run = new(await records.ReadAsync(Name, cancellationToken) ?? new ConsumerRecord { Consumer = Name }, onAudited);
        IReadOnlyList<CommitFeedRange> ranges = await feed.ReadRangesAsync(PositionsOf(run.Record), cancellationToken);
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
        await NoteFailureAsync(run, cancellationToken);
        run.Failure?.Throw();
        return new AuditRun(run.Results, IsStopped: false, run.RequestCharge);
    }

    /// <summary>How far it has come, read by any host. One point read, and one or two looks at the feed per range.</summary>
    public async Task<AuditorStatus> ReadStatusAsync(CancellationToken cancellationToken)
    {
        ConsumerRecord? record = await records.ReadAsync(Name, cancellationToken);
        IReadOnlyList<FeedLag> lags = await feeds.ReadLagAsync(
            await feed.ReadRangesAsync(PositionsOf(record), cancellationToken), cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan age = lags.Max(l => now - l.Oldest?.At) is { } oldest && oldest > TimeSpan.Zero ? oldest : TimeSpan.Zero;
        FeedFault? fault = record?.Faults.GetValueOrDefault(FaultKey);
        (ConsumerState state, string? reason) = record switch
        {
            _ when age > options.AuditGrace + options.AuditStuckAfter => (ConsumerState.Stuck, fault?.Error ?? "no run has audited it: check the timer that runs the auditor"),
            null => (ConsumerState.NotStarted, null),
            _ when age > options.AuditGrace => (ConsumerState.Behind, fault?.Error),
            _ => (ConsumerState.Current, null),
        };
        return new AuditorStatus(state, reason, lags.Sum(l => l.Commits), age, record?.LastProgressAt);
    }

    /// <summary>Gives commits to every consumer. Healed counts what a feed has passed without the consumer having it; what is late is not missed.</summary>
    public async Task<IReadOnlyList<AuditResult>> AuditAsync(
        IReadOnlyCollection<IConsumer> consumers, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        Run run = new(new ConsumerRecord { Consumer = Name }, static _ => { });
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
                run.Add(await AuditAsync(consumer, given, cancellationToken));
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

    /// <summary>Writes only when the last run ended in another way. A race lost here is another host that is at work.</summary>
    private async Task NoteFailureAsync(Run run, CancellationToken cancellationToken)
    {
        string? error = run.Failure is { } failure ? ErrorText.Of(failure.SourceException, options.MaxErrorLength) : null;
        if (run.Record.Faults.GetValueOrDefault(FaultKey)?.Error != error)
        {
            DateTimeOffset now = time.GetUtcNow();
            Dictionary<string, FeedFault> faults = error is null ? [] : new() { [FaultKey] = new FeedFault(error, IsStop: false, now, now) };
            await records.TryWriteAsync(run.Record with { Faults = faults }, cancellationToken);
        }
    }

    private static Dictionary<string, string?> PositionsOf(ConsumerRecord? record) =>
        record?.Ranges.ToDictionary(r => r.Key, r => r.Value.Position, StringComparer.Ordinal) ?? [];

    private sealed class Run(ConsumerRecord record, Action<AuditResult> onAudited)
    {
        private readonly List<AuditResult> results = [];

        public ConsumerRecord Record { get; set; } = record;

        public IReadOnlyList<AuditResult> Results => results;

        public double RequestCharge { get; set; }

        public ExceptionDispatchInfo? Failure { get; set; }

        public void Add(AuditResult result)
        {
            results.Add(result);
            onAudited(result);
        }
    }
}
