namespace Serverless.EventSourcing;

/// <summary>
/// What consumers with effects have done: one fence per consumer and stream, and one record of where each consumer began. It can't be
/// built again from events. Every write is conditional on the record being unchanged since it was read (or absent, when it is new).
/// </summary>
public interface IFenceStore
{
    Task<FenceRead> ReadAsync(string consumer, StreamName stream, CancellationToken cancellationToken);

    /// <summary>Writes nothing when another writer was faster.</summary>
    Task<FenceWrite> TryWriteAsync(StreamFence fence, CancellationToken cancellationToken);

    /// <summary>Null when no consumer with effects ever ran.</summary>
    Task<ConsumerStarts?> ReadStartsAsync(CancellationToken cancellationToken);

    /// <summary>False when another writer was faster.</summary>
    Task<bool> TryWriteStartsAsync(ConsumerStarts starts, CancellationToken cancellationToken);
}

/// <summary>How far a consumer has come with one stream: all effects of its events up to the version are done. Mirrors stored data.</summary>
public sealed record StreamFence
{
    /// <summary>The stored name of the consumer.</summary>
    public required string Consumer { get; init; }

    public required StreamName Stream { get; init; }

    public required long Version { get; init; }

    public string? ETag { get; init; }
}

/// <summary>A fence, or null for a stream without one. The charge is in request units, 0 where the store has none.</summary>
public sealed record FenceRead(StreamFence? Fence, double RequestCharge);

/// <summary>Whether the write happened, or lost a race.</summary>
public sealed record FenceWrite(bool IsWritten, double RequestCharge);

/// <summary>Where every consumer with effects began, by stored name. Mirrors stored data.</summary>
public sealed record ConsumerStarts
{
    public required IReadOnlyDictionary<string, ConsumerStart> Consumers { get; init; }

    public string? ETag { get; init; }
}

/// <summary>Where one consumer began. Mirrors stored data.</summary>
public sealed record ConsumerStart
{
    /// <summary>Events of commits before this instant have no effect; null for none, UTC.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset FirstRunAt { get; init; }
}
