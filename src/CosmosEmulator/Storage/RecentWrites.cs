namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// The last writes of one physical partition, from which the state that a lagging replica still has is computed. Not thread-safe: it
/// lives under the partition's lock.
/// </summary>
internal sealed class RecentWrites
{
    /// <summary>A replica is never behind by more atomic units than this.</summary>
    public const int Capacity = 1000;

    private readonly LinkedList<WrittenUnit> units = []; // The oldest first.

    public void Add(WrittenUnit unit)
    {
        units.AddLast(unit);
        if (units.Count > Capacity)
        {
            units.RemoveFirst();
        }
    }

    /// <summary>No replica is behind what was written before now.</summary>
    public void Clear() => units.Clear();

    /// <summary>
    /// What a replica has not seen yet, the newest first. The units are atomic, so a batch is missing as a whole or not at all.
    /// </summary>
    public IReadOnlyList<WrittenUnit> Unseen(ReplicaLag lag, long seenLsn, long currentLsn, DateTimeOffset now)
    {
        List<WrittenUnit> unseen = [];
        for (LinkedListNode<WrittenUnit>? node = units.Last; node is not null; node = node.Previous)
        {
            WrittenUnit unit = node.Value;
            if (unit.StartLsn < seenLsn || unit.StartLsn < currentLsn - lag.Writes || unit.Time <= now - lag.Time)
            {
                break;
            }

            unseen.Add(unit);
        }

        return unseen;
    }
}

/// <summary>The changes that one request made together, when, and the LSN before them.</summary>
internal sealed record WrittenUnit(IReadOnlyList<ItemChange> Changes, long StartLsn, DateTimeOffset Time);
