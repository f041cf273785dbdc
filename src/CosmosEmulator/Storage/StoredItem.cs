namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// One version of one item; immutable, a replace makes another one. <see cref="Json"/> is what clients read: compact enough to be
/// sent as it is, with the system properties last and <c>_ts</c> at the very end.
/// </summary>
internal sealed class StoredItem
{
    public required string Id { get; init; }

    public required LogicalPartition Partition { get; init; }

    /// <summary>Rises with creation in a container and survives a replace: the tie-breaker of every order.</summary>
    public required ulong Number { get; init; }

    /// <summary>The place in the physical partition's change feed; every version has its own.</summary>
    public required long Lsn { get; init; }

    /// <summary>
    /// The LSN of the first write of the transactional batch that wrote this version, its own LSN if there was none. The change
    /// feed keeps versions with the same value on one page.
    /// </summary>
    public required long BatchLsn { get; init; }

    /// <summary>Seconds since 1970, as in <c>_ts</c>.</summary>
    public required long Timestamp { get; init; }

    /// <summary>The item's own <c>ttl</c>, which overrides the container's: seconds, or -1 for never.</summary>
    public required int? TimeToLive { get; init; }

    /// <summary>
    /// Seconds from <see cref="Timestamp"/> to the moment its time to live counts from; other than zero only in a container whose
    /// times to live begin at a property of the item.
    /// </summary>
    public required int ExpiryShift { get; init; }

    /// <summary>The texts of its unique keys' values; empty in a container without such keys.</summary>
    public required string[] UniqueValues { get; init; }

    public required byte[] Json { get; init; }
}

/// <summary>What one write did to one item: created (no before), replaced, or deleted (no after).</summary>
internal readonly record struct ItemChange(StoredItem? Before, StoredItem? After);
