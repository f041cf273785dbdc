namespace Serverless.EventSourcing;

/// <summary>
/// One small record per consumer: what it did and when, for other instances and for the time after a restart. Guarantees: a write is
/// conditional on the record being unchanged since it was read (or absent, when it is new); a read after it sees it.
/// </summary>
public interface IConsumerStore
{
    Task<ConsumerRecord?> ReadAsync(string consumer, CancellationToken cancellationToken);

    /// <summary>False when another writer was faster.</summary>
    Task<bool> TryWriteAsync(ConsumerRecord record, CancellationToken cancellationToken);
}

/// <summary>What a consumer says of itself. How far it has come is not here: its leases know that. Mirrors stored data.</summary>
public sealed record ConsumerRecord
{
    private const int MaxFaults = 20;

    /// <summary><c>name@version</c>.</summary>
    public required string Consumer { get; init; }

    public ConsumerCounts Counts { get; init; } = ConsumerCounts.None;

    /// <summary>When it last acknowledged a batch, in any of its feed ranges.</summary>
    public DateTimeOffset? LastProgressAt { get; init; }

    public DateTimeOffset? LastAuditAt { get; init; }

    public DateTimeOffset? LastHealedAt { get; init; }

    /// <summary>Where each feed range stood when the record was last written, and since when, by lease.</summary>
    public IReadOnlyDictionary<string, RangeProgress> Ranges { get; init; } = new Dictionary<string, RangeProgress>();

    /// <summary>What keeps batches from being acknowledged, by the place of the first commit of the batch.</summary>
    public IReadOnlyDictionary<string, FeedFault> Faults { get; init; } = new Dictionary<string, FeedFault>();

    public string? ETag { get; init; }

    /// <summary>The record after <paramref name="news"/>, with the positions that were looked up for it.</summary>
    internal ConsumerRecord With(ConsumerNews news, IReadOnlyList<FeedPosition> positions, DateTimeOffset now)
    {
        Dictionary<string, FeedFault> faults = new(Faults, StringComparer.Ordinal);
        foreach ((string batch, FeedFault? fault) in news.Faults)
        {
            if (fault is null)
            {
                faults.Remove(batch);
            }
            else
            {
                faults[batch] = faults.TryGetValue(batch, out FeedFault? known) ? fault with { Since = known.Since } : fault;
            }
        }
        return this with
        {
            Counts = Counts + news.Counts,
            LastProgressAt = Later(LastProgressAt, news.ProgressAt),
            LastAuditAt = Later(LastAuditAt, news.AuditAt),
            LastHealedAt = Later(LastHealedAt, news.HealedAt),
            Ranges = positions.ToDictionary(
                p => p.Range,
                p => Ranges.TryGetValue(p.Range, out RangeProgress? known) && known.Position == p.Position ? known : new RangeProgress(p.Position, now),
                StringComparer.Ordinal),
            // What a batch of another composition has got past stays until newer ones push it out; status asks where the feed stands.
            Faults = faults.OrderByDescending(f => f.Value.LastAt).Take(MaxFaults).ToDictionary(StringComparer.Ordinal),
        };
    }

    private static DateTimeOffset? Later(DateTimeOffset? known, DateTimeOffset? other) => known is null || other > known ? other ?? known : known;
}

/// <summary>A position, opaque, null before the first acknowledgement; and when it was first seen there. Mirrors stored data.</summary>
public sealed record RangeProgress(string? Position, DateTimeOffset At);

/// <summary>
/// Why a batch could not be acknowledged: class and message of the exception, whether the consumer refuses to go on rather than having
/// trouble with its store, and when that was first and last. Mirrors stored data.
/// </summary>
public sealed record FeedFault(string Error, bool IsStop, DateTimeOffset Since, DateTimeOffset LastAt);

/// <summary>What happened to one consumer in this process since its record was last written.</summary>
internal sealed record ConsumerNews
{
    public ConsumerCounts Counts { get; init; } = ConsumerCounts.None;

    public DateTimeOffset? ProgressAt { get; init; }

    public DateTimeOffset? AuditAt { get; init; }

    public DateTimeOffset? HealedAt { get; init; }

    /// <summary>By batch; null for one that has passed.</summary>
    public IReadOnlyDictionary<string, FeedFault?> Faults { get; init; } = new Dictionary<string, FeedFault?>();

    /// <summary>Both, this one being the older.</summary>
    public ConsumerNews Then(ConsumerNews later) => new()
    {
        Counts = Counts + later.Counts,
        ProgressAt = later.ProgressAt ?? ProgressAt,
        AuditAt = later.AuditAt ?? AuditAt,
        HealedAt = later.HealedAt ?? HealedAt,
        Faults = later.Faults.Concat(Faults.Where(f => !later.Faults.ContainsKey(f.Key))).ToDictionary(StringComparer.Ordinal),
    };
}
