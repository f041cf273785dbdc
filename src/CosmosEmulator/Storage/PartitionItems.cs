using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// The items of one physical partition and every index over them, kept in step by one method. Knows nothing of locks, LSNs or
/// rules; not thread-safe.
/// </summary>
internal sealed class PartitionItems
{
    private readonly Dictionary<PartitionKey, LogicalPartition> partitions = [];
    private readonly PriorityQueue<StoredItem, long> expiring = new();

    public ItemOrder<ulong, ByNumber> Numbers { get; } = new();

    /// <summary>The change index: the newest version of each item, by LSN.</summary>
    public ItemOrder<long, ByLsn> Changes { get; } = new();

    public UniqueKeyIndex UniqueKeys { get; } = new();

    public long Bytes { get; private set; }

    public IEnumerable<LogicalPartition> Partitions => partitions.Values;

    public LogicalPartition? Partition(PartitionKey key) => partitions.GetValueOrDefault(key);

    /// <summary>Makes one change in all indexes, and remembers when the item has to go.</summary>
    public void Apply(ItemChange change, ContainerDefinition definition)
    {
        Move(change);
        if (change.After is { } after && ExpiresAt(after, definition) is { } expiresAt)
        {
            expiring.Enqueue(after, expiresAt);
        }
    }

    /// <summary>Takes a change back that was just applied.</summary>
    public void Undo(ItemChange change) => Move(new ItemChange(change.After, change.Before));

    /// <summary>Makes a change again that was taken back.</summary>
    public void Redo(ItemChange change) => Move(change);

    private void Move(ItemChange change)
    {
        if (change.Before is { } before)
        {
            Changes.Remove(before.Lsn);
            UniqueKeys.Remove(before);
            Bytes -= before.Json.Length;
            if (change.After?.Id != before.Id)
            {
                before.Partition.Remove(before);
            }

            if (change.After is null)
            {
                Numbers.Remove(before.Number);
            }

            if (before.Partition.Count == 0)
            {
                partitions.Remove(before.Partition.Key);
            }
        }

        if (change.After is { } after)
        {
            if (after.Partition.Count == 0)
            {
                partitions[after.Partition.Key] = after.Partition;
            }

            after.Partition.Set(after);
            Numbers.Set(after);
            Changes.Set(after);
            UniqueKeys.Add(after);
            Bytes += after.Json.Length;
        }
    }

    /// <summary>Takes in an item that another physical partition had, as it is.</summary>
    public void Adopt(StoredItem item, ContainerDefinition definition)
    {
        // The logical partition has all its items already; only the indexes of this physical partition are new.
        partitions[item.Partition.Key] = item.Partition;
        Numbers.Set(item);
        Changes.Set(item);
        UniqueKeys.Add(item);
        Bytes += item.Json.Length;
        if (ExpiresAt(item, definition) is { } expiresAt)
        {
            expiring.Enqueue(item, expiresAt);
        }
    }

    /// <summary>When the next item may have to go, in seconds since 1970.</summary>
    public long NextExpiry => expiring.TryPeek(out _, out long expiresAt) ? expiresAt : long.MaxValue;

    /// <summary>
    /// Takes out what has outlived its time, and says what that was. Clients see no change for it, as in the service's latest-version
    /// feed.
    /// </summary>
    public IReadOnlyList<ItemChange> RemoveExpired(long now, ContainerDefinition definition)
    {
        List<ItemChange> removed = [];
        while (expiring.TryPeek(out StoredItem? item, out long expiresAt) && expiresAt <= now)
        {
            expiring.Dequeue();
            if (ReferenceEquals(item.Partition.Find(item.Id), item))
            {
                removed.Add(new ItemChange(item, null));
                Apply(removed[^1], definition);
            }
        }

        return removed;
    }

    /// <summary>A container's time to live was changed, which counts for the items it has.</summary>
    public void ScheduleExpiry(ContainerDefinition definition)
    {
        expiring.Clear();
        foreach (StoredItem item in Numbers.All())
        {
            if (ExpiresAt(item, definition) is { } expiresAt)
            {
                expiring.Enqueue(item, expiresAt);
            }
        }
    }

    /// <summary>An item's own time to live counts only in a container that has one, if only -1. COSMOS-PROTOCOL §9.2.</summary>
    private static long? ExpiresAt(StoredItem item, ContainerDefinition definition) =>
        definition.DefaultTimeToLive is { } standard && (item.TimeToLive ?? standard) is var seconds and not -1
            ? item.Timestamp + item.ExpiryShift + seconds
            : null;
}
