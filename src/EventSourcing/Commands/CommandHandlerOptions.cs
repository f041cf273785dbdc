namespace Serverless.EventSourcing;

/// <summary>The named limits of command handling.</summary>
public sealed record CommandHandlerOptions
{
    /// <summary>Appends tried before a command gives up against faster writers.</summary>
    public int MaxAttempts { get; init; } = 10;

    /// <summary>The longest wait before the first retry; it doubles each time, and the actual wait is a random part of it.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(10);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Commands of one stream that may wait in this instance, the running one included.</summary>
    public int MaxQueuedPerStream { get; init; } = 100;

    /// <summary>Commands of one stream that are decided and written together when they wait for each other. 1 writes each alone.</summary>
    public int MaxCommandsPerTurn { get; init; } = Limits.MaxCommitsPerAppend;

    /// <summary>
    /// Bytes of state that this instance keeps per aggregate, estimated from the JSON it was folded from; what was not used for longest goes
    /// first. 0 keeps none.
    /// </summary>
    public long CachedStateBytes { get; init; } = 64 * 1024 * 1024;
}
