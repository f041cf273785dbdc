namespace Serverless.EventSourcing;

/// <summary>
/// Puts together what the leases, the record and the parked streams say of a consumer. Any instance can ask, running the consumer or not.
/// </summary>
public sealed class ConsumerStatusReader(
    IConsumerFeeds feeds, IConsumerStore records, IParkedStore parked, TimeProvider time, ConsumerOptions options)
{
    /// <summary>How far behind each consumer was when it was read here.</summary>
    public LagHistory History { get; } = new();

    public async Task<ConsumerStatus> ReadAsync(string consumer, CancellationToken cancellationToken)
    {
        // The record after the leases, so that a position it has not seen is newer than the record and not the other way round.
        IReadOnlyList<FeedLag> lags = await feeds.ReadLagAsync(consumer, cancellationToken);
        ConsumerRecord record = await records.ReadAsync(consumer, cancellationToken) ?? new ConsumerRecord { Consumer = consumer };
        RangeStatus[] ranges = [.. lags.Select(lag => StatusOf(lag, record))];
        RangeStatus? worst = ranges.OrderByDescending(r => r.State).ThenByDescending(r => r.LagTime).FirstOrDefault();
        LagSample lag = new(time.GetUtcNow(), ranges.Sum(r => r.Lag.Commits), ranges.Length == 0 ? TimeSpan.Zero : ranges.Max(r => r.LagTime));
        History.Add(consumer, lag);
        return new ConsumerStatus
        {
            Consumer = consumer,
            State = worst?.State ?? ConsumerState.NotStarted,
            Reason = worst?.Reason,
            LagCommits = lag.Commits,
            LagTime = lag.Age,
            IsOverdue = lag.Age > options.StuckAfter,
            Parked = await parked.CountAsync(consumer, ParkedStatus.Parked, cancellationToken),
            Failing = await parked.CountAsync(consumer, ParkedStatus.Failing, cancellationToken),
            Record = record,
            Ranges = ranges,
        };
    }

    private RangeStatus StatusOf(FeedLag lag, ConsumerRecord record)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isOwnerAlive = lag.Position.Owner is not null && now - lag.Position.OwnerSeenAt < options.LeaseExpiration;
        DateTimeOffset? progressAt = ProgressOf(lag.Position, record);
        if (lag.Oldest is not { } oldest)
        {
            return new RangeStatus(lag, ConsumerState.Current, Reason: null, TimeSpan.Zero, progressAt, isOwnerAlive);
        }
        TimeSpan age = now > oldest.At ? now - oldest.At : TimeSpan.Zero; // Another machine's clock may be ahead.
        // The first commit of a batch that fails is the first one after the lease's position.
        FeedFault? fault = record.Faults.GetValueOrDefault(PendingCommit.PlaceOf(oldest.Stream, oldest.FirstVersion));
        bool isStuck = age > options.StuckAfter && (progressAt is null ? !isOwnerAlive : now - progressAt > options.StuckAfter);
        ConsumerState state = fault switch
        {
            { IsStop: true } => ConsumerState.Stopped,
            not null when now - fault.LastAt <= options.StuckAfter => ConsumerState.Failing, // An older one says only what was.
            _ => isStuck ? ConsumerState.Stuck : ConsumerState.Behind,
        };
        return new RangeStatus(
            lag,
            state,
            fault?.Error ?? (!isStuck ? null : isOwnerAlive ? "no progress, and no error was recorded" : "no instance has taken it"),
            age,
            progressAt,
            isOwnerAlive);
    }

    /// <summary>
    /// A range that stands where the record saw it has not moved since. Of one that stands elsewhere it is only known that it was before
    /// the consumer's last sign of life, since a record is written after every acknowledgement.
    /// </summary>
    private static DateTimeOffset? ProgressOf(FeedPosition position, ConsumerRecord record) =>
        record.Ranges.TryGetValue(position.Range, out RangeProgress? known) && (known.Position == position.Position || known.At > record.LastProgressAt)
            ? known.At
            : record.LastProgressAt;
}
