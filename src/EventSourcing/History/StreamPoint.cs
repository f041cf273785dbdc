namespace Serverless.EventSourcing;

/// <summary>A place in the story of a stream: after so many events, or as it stood at an instant.</summary>
public sealed record StreamPoint
{
    private StreamPoint(long? version, DateTimeOffset? instant)
    {
        Version = version;
        Instant = instant;
    }

    /// <summary>The end, wherever that is when it is read.</summary>
    public static StreamPoint End { get; } = new(null, null);

    public long? Version { get; }

    public DateTimeOffset? Instant { get; }

    /// <summary>After the event of this version; 0 is before the first.</summary>
    public static StreamPoint At(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        return new StreamPoint(version, null);
    }

    /// <summary>After every commit that was written at or before this instant, by the clock of who wrote it.</summary>
    public static StreamPoint At(DateTimeOffset instant) => new(null, instant);

    internal bool Includes(Commit commit) => Instant is not { } instant || commit.Metadata.Timestamp <= instant;

    internal bool Includes(long version) => Version is not { } last || version <= last;
}
