namespace Serverless.EventSourcing;

/// <summary>
/// Which events a consumer with effects reacts to. It is resolved once, when the consumer first runs, and stored: a later change of the
/// code changes nothing. Events before it move the fence and have no effect.
/// </summary>
public sealed record StartPoint
{
    private readonly DateTimeOffset? instant;
    private readonly bool isNow;

    private StartPoint(DateTimeOffset? instant, bool isNow) => (this.instant, this.isNow) = (instant, isNow);

    /// <summary>Every event that was ever stored: for a process that is as old as its streams.</summary>
    public static StartPoint FromBeginning { get; } = new(instant: null, isNow: false);

    /// <summary>The events that are stored after an instance with this consumer first started, by that instance's clock.</summary>
    public static StartPoint Now { get; } = new(instant: null, isNow: true);

    /// <summary>The events that were stored at this instant or later.</summary>
    public static StartPoint From(DateTimeOffset instant) => new(instant.ToUniversalTime(), isNow: false);

    /// <summary>Null for the beginning.</summary>
    internal DateTimeOffset? At(DateTimeOffset now) => isNow ? now : instant;
}
