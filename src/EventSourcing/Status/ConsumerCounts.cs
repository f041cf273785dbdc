namespace Serverless.EventSourcing;

/// <summary>
/// What a consumer did, counted since its first start. For operators, not for accounts: the counts of a process that is killed are lost
/// since its last record, and a write whose answer was lost may count twice. Mirrors stored data.
/// </summary>
public sealed record ConsumerCounts
{
    public static ConsumerCounts None { get; } = new();

    /// <summary>Commits that were acknowledged, repetitions among them.</summary>
    public long Commits { get; init; }

    /// <summary>Events that were applied for the first time.</summary>
    public long Events { get; init; }

    /// <summary>Writes that another one overtook.</summary>
    public long LostRaces { get; init; }

    /// <summary>Attempts that failed for reasons of the commit.</summary>
    public long Failures { get; init; }

    /// <summary>Streams that were put aside.</summary>
    public long Parked { get; init; }

    /// <summary>Retries of parked streams, by schedule or by hand.</summary>
    public long Retries { get; init; }

    /// <summary>Retries and discards after which a stream had caught up.</summary>
    public long Unparked { get; init; }

    /// <summary>Commits that the auditor gave to it once more.</summary>
    public long Audited { get; init; }

    /// <summary>Events that it had not when the auditor came.</summary>
    public long Healed { get; init; }

    public static ConsumerCounts operator +(ConsumerCounts left, ConsumerCounts right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return left.Add(right);
    }

    public ConsumerCounts Add(ConsumerCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new ConsumerCounts
        {
            Commits = Commits + other.Commits,
            Events = Events + other.Events,
            LostRaces = LostRaces + other.LostRaces,
            Failures = Failures + other.Failures,
            Parked = Parked + other.Parked,
            Retries = Retries + other.Retries,
            Unparked = Unparked + other.Unparked,
            Audited = Audited + other.Audited,
            Healed = Healed + other.Healed,
        };
    }
}
