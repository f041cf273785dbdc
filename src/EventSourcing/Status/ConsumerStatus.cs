namespace Serverless.EventSourcing;

/// <summary>From least to most severe.</summary>
public enum ConsumerState
{
    /// <summary>It has processed or parked everything.</summary>
    Current,

    /// <summary>It has something to do, and does it.</summary>
    Behind,

    /// <summary>It has no leases yet.</summary>
    NotStarted,

    /// <summary>Its batches fail, with a reason, and it tries again.</summary>
    Failing,

    /// <summary>It has work older than the limit, has made no progress for as long, and no error says why.</summary>
    Stuck,

    /// <summary>It refuses to go on, with the reason.</summary>
    Stopped,
}

/// <summary>One consumer as an operator wants to know it.</summary>
public sealed record ConsumerStatus
{
    public required string Consumer { get; init; }

    /// <summary>The worst of its ranges.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>Why it is failing, stuck, or stopped, in words without payload.</summary>
    public string? Reason { get; init; }

    /// <summary>Commits that were not acknowledged, over all ranges.</summary>
    public required long LagCommits { get; init; }

    /// <summary>The age of the oldest of them; zero when there is none.</summary>
    public required TimeSpan LagTime { get; init; }

    /// <summary>That commit has waited longer than <see cref="ConsumerOptions.StuckAfter"/>.</summary>
    public bool IsOverdue { get; init; }

    public required int Parked { get; init; }

    /// <summary>Streams that are being tried and hold up their range meanwhile.</summary>
    public required int Failing { get; init; }

    public required ConsumerRecord Record { get; init; }

    public required IReadOnlyList<RangeStatus> Ranges { get; init; }
}

/// <summary>One feed range. <paramref name="ProgressAt"/> is when it last came further, as far as anybody saw.</summary>
public sealed record RangeStatus(
    FeedLag Lag, ConsumerState State, string? Reason, TimeSpan LagTime, DateTimeOffset? ProgressAt, bool IsOwnerAlive);
