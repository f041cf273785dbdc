using System.Diagnostics;
using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// A physical partition: a range of effective partition keys, its items, its lock and its LSN counter. Every write of every kind
/// goes through <see cref="Execute"/>, which is where the journal hears of it.
/// </summary>
/// <remarks>
/// Each write of a transactional batch gets its own LSN, rising in the order of the operations; a change feed page never ends in the
/// middle of a batch. What the service does is not known (COSMOS-PROTOCOL §12); this way a reader sees a batch as a whole, and a
/// position still names one version.
/// </remarks>
internal sealed class PhysicalPartition(PartitionOwner owner, RangeIdentity range, ContainerJournal? journal)
{
    private readonly Lock gate = new();
    private readonly PartitionItems items = new();
    private readonly List<ItemChange> pending = []; // The changes of the unit that is being written, under the lock.
    private readonly RecentWrites recent = new();
    private bool isBehind; // While a reader sees an older state, under the lock.
    private long lsn;
    private bool gone;

    public RangeIdentity Range { get; } = range;

    /// <summary>Where its writes become durable, shared with all partitions of the container; null in memory.</summary>
    public ContainerJournal? Journal { get; } = journal;

    /// <summary>The LSN of the last write.</summary>
    public long Lsn => Query(0, static (_, current, _) => current);

    /// <summary>How much it holds, approximately: read without the lock.</summary>
    public PartitionSize Size => new(items.Numbers.Count, items.Bytes);

    /// <summary>
    /// Runs point and batch operations and returns the LSN after them; if one of an atomic unit fails, none happens and the others
    /// say 424.
    /// </summary>
    public long Execute(ReadOnlySpan<ItemOperation> operations, Span<OperationResult> results, bool atomic)
    {
        lock (gate)
        {
            Enter();
            Debug.Assert(pending.Count == 0, "A unit was left unfinished.");
            ContainerDefinition definition = owner.Definition;
            long start = lsn;
            try
            {
                long bytes = 0;
                for (int i = 0; i < operations.Length; i++)
                {
                    results[i] = Run(operations[i], definition, atomic ? start + 1 : lsn + 1);
                    bytes += results[i].Item?.Json.Length ?? 0;
                    if (atomic && i == operations.Length - 1 && bytes > Limits.BatchResultBytes)
                    {
                        results[i] = OperationResult.Fail(Errors.ResponseTooLarge); // Known only when all results are.
                    }

                    if (results[i].Failed && atomic)
                    {
                        TakeBack(start);
                        FailOthers(results[..operations.Length], i);
                        break;
                    }
                }

                if (pending.Count > 0)
                {
                    Keep(start);
                }

                return lsn;
            }
            catch
            {
                TakeBack(start);
                throw;
            }
        }
    }

    /// <summary>The cheapest path there is: one look-up, no operation object.</summary>
    public StoredItem? Read(PartitionKey key, string id, out long currentLsn)
    {
        lock (gate)
        {
            Enter();
            currentLsn = lsn;
            return items.Partition(key)?.Find(id);
        }
    }

    /// <summary>Runs a reader over the indexes; the reader must be short and must not keep what it enumerates.</summary>
    public TResult Query<TState, TResult>(TState state, Func<PartitionItems, long, TState, TResult> reader)
    {
        lock (gate)
        {
            Enter();
            return reader(items, lsn, state);
        }
    }

    /// <summary>
    /// Runs a reader over the state of a replica that lags, but has seen what the reader has seen. The reader finds that state here: it
    /// runs on this thread, under the lock, and the writes that the replica misses are taken back meanwhile.
    /// </summary>
    public TResult ReadBehind<TResult>(ReplicaLag lag, long seenLsn, Func<TResult> reader)
    {
        lock (gate)
        {
            Enter();
            long current = lsn;
            IReadOnlyList<WrittenUnit> unseen = recent.Unseen(lag, seenLsn, current, owner.Clock.GetUtcNow());
            ItemChange[] missing = [.. unseen.Reverse().SelectMany(unit => unit.Changes)]; // The oldest first.
            isBehind = true;
            Array.ForEach([.. missing.Reverse()], items.Undo);
            lsn = unseen is [.., var oldest] ? oldest.StartLsn : current;
            try
            {
                return reader();
            }
            finally
            {
                Array.ForEach(missing, items.Redo);
                lsn = current;
                isBehind = false;
            }
        }
    }

    public void DefinitionChanged()
    {
        lock (gate)
        {
            if (!gone)
            {
                items.ScheduleExpiry(owner.Definition);
            }
        }
    }

    /// <summary>
    /// Gives all items to other partitions, whose ranges cover this one. Afterwards this one answers nothing. The new partitions are
    /// published before the lock is left: nobody can write to them before they have everything, or to this one after.
    /// </summary>
    public void SplitInto(IReadOnlyList<PhysicalPartition> children, Action publish)
    {
        lock (gate)
        {
            Enter();
            gone = true;
            bool hierarchical = owner.Definition.Hierarchical;
            foreach (PhysicalPartition child in children)
            {
                child.lsn = lsn;
            }

            foreach (LogicalPartition partition in items.Partitions.ToList())
            {
                PhysicalPartition child = children.First(c => c.Range.Contains(partition.Key.Effective(hierarchical)));
                foreach (StoredItem item in partition.ById.All())
                {
                    child.items.Adopt(item, owner.Definition);
                }
            }

            Journal?.AddSplit(Range, [.. children.Select(child => (child.Range, child.items.Numbers.Count))]);
            publish();
        }
    }

    /// <summary>Continues the counter of an earlier life.</summary>
    public void Restore(long lastLsn)
    {
        lock (gate)
        {
            lsn = lastLsn;
        }
    }

    /// <summary>Takes in an item of an earlier life.</summary>
    public void Restore(RestoredItem restored)
    {
        lock (gate)
        {
            (ItemDocument document, ItemRow row) = (restored.Document, restored.Row);
            var item = new StoredItem
            {
                Id = document.Id,
                Partition = items.Partition(document.Key) ?? new LogicalPartition(document.Key),
                Number = row.Number,
                Lsn = row.Lsn,
                BatchLsn = row.BatchLsn,
                Timestamp = row.Timestamp,
                TimeToLive = row.TimeToLive,
                ExpiryShift = row.ExpiryShift,
                UniqueValues = document.UniqueValues,
                Json = row.Json,
            };
            items.Apply(new ItemChange(null, item), owner.Definition);
        }
    }

    private void Enter()
    {
        if (gone)
        {
            throw new PartitionGoneException();
        }

        if (isBehind)
        {
            return; // What expires meanwhile goes when the newest state is back.
        }

        if (items.NextExpiry != long.MaxValue && items.RemoveExpired(owner.Now(), owner.Definition) is { Count: > 0 } expired)
        {
            recent.Clear(); // An item that has expired is gone in every replica.
            Journal?.Add(Range, expired, lsn);
        }
    }

    private OperationResult Run(ItemOperation operation, ContainerDefinition definition, long batchLsn)
    {
        if (operation.Refused is not null)
        {
            return OperationResult.Fail(operation.Refused);
        }

        LogicalPartition? partition = items.Partition(operation.Key);
        StoredItem? current = partition?.Find(operation.Id);
        switch (operation.Kind)
        {
            case ItemOperationKind.Create:
                return current is not null
                    ? OperationResult.Fail(Errors.ItemExists)
                    : Put(operation, partition, null, operation.Document, definition, batchLsn);
            case ItemOperationKind.Upsert:
                return current is not null && !MayWrite(operation, current)
                    ? OperationResult.Fail(Errors.PreconditionFailed)
                    : Put(operation, partition, current, operation.Document, definition, batchLsn);
            case var _ when current is null:
                return OperationResult.Fail(Errors.ItemNotFound);
            case ItemOperationKind.Read:
                // In a batch an equal If-Match says "not modified" too. COSMOS-PROTOCOL §5.1.
                string etag = owner.Format.Etag(current.Lsn);
                return OperationResult.Ok(etag == operation.IfNoneMatch || etag == operation.IfMatch ? 304 : 200, current);
            case var _ when !MayWrite(operation, current):
                return OperationResult.Fail(Errors.PreconditionFailed);
            case ItemOperationKind.Replace:
                return Put(operation, partition, current, operation.Document, definition, batchLsn);
            case ItemOperationKind.Patch:
                return Patch(operation, partition, current, definition, batchLsn);
            case ItemOperationKind.Delete:
                lsn++;
                Commit(new ItemChange(current, null), definition);
                return OperationResult.Ok(204, null) with { Before = current };
            default:
                throw new UnreachableException($"No rule for {operation.Kind}.");
        }
    }

    private OperationResult Patch(
        ItemOperation operation, LogicalPartition? partition, StoredItem current, ContainerDefinition definition, long batchLsn)
    {
        try
        {
            ItemDocument next = (operation.Patch ?? throw new UnreachableException()).Apply(current, definition, owner.Clock);
            return Put(operation, partition, current, next, definition, batchLsn);
        }
        catch (RefusedException refused)
        {
            return OperationResult.Fail(refused.Error);
        }
    }

    private OperationResult Put(
        ItemOperation operation, LogicalPartition? partition, StoredItem? current, ItemDocument? document,
        ContainerDefinition definition, long batchLsn)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (current is not null && current.Id != document.Id && partition?.Find(document.Id) is not null)
        {
            return OperationResult.Fail(Errors.ItemExists); // A replace may give an item another id, but not one that is taken.
        }

        partition ??= new LogicalPartition(operation.Key);
        if (items.UniqueKeys.Conflicts(partition, document.UniqueValues, current))
        {
            return OperationResult.Fail(Errors.UniqueKeyViolated);
        }

        long version = ++lsn;
        long timestamp = owner.Now();
        ulong number = current?.Number ?? owner.NextItemNumber();
        var item = new StoredItem
        {
            Id = document.Id,
            Partition = partition,
            Number = number,
            Lsn = version,
            BatchLsn = batchLsn,
            Timestamp = timestamp,
            TimeToLive = document.TimeToLive,
            ExpiryShift = document.ExpiryBase is { } expiryBase ? (int)(expiryBase - timestamp) : 0,
            UniqueValues = document.UniqueValues,
            Json = owner.Format.Write(document.Properties.Span, number, version, timestamp),
        };
        Commit(new ItemChange(current, item), definition);
        return OperationResult.Ok(current is null ? 201 : 200, item) with { Before = current };
    }

    private bool MayWrite(ItemOperation operation, StoredItem current) =>
        operation.IfMatch is null or "*" || operation.IfMatch == owner.Format.Etag(current.Lsn);

    private void Commit(ItemChange change, ContainerDefinition definition)
    {
        items.Apply(change, definition);
        pending.Add(change);
    }

    /// <summary>The unit is complete.</summary>
    private void Keep(long start)
    {
        if (owner.RemembersWrites)
        {
            recent.Add(new WrittenUnit([.. pending], start, owner.Clock.GetUtcNow()));
        }
        else
        {
            recent.Clear();
        }

        Journal?.Add(Range, [.. pending], lsn);
        pending.Clear();
    }

    private void TakeBack(long start)
    {
        for (int i = pending.Count - 1; i >= 0; i--)
        {
            items.Undo(pending[i]);
        }

        pending.Clear();
        lsn = start;
    }

    private static void FailOthers(Span<OperationResult> results, int failed)
    {
        for (int i = 0; i < results.Length; i++)
        {
            if (i != failed)
            {
                results[i] = OperationResult.Fail(Errors.FailedDependency);
            }
        }
    }
}

/// <summary>What a physical partition holds.</summary>
internal readonly record struct PartitionSize(int Items, long Bytes);

/// <summary>The partition was split while a request was on its way to it; the request has to be routed anew.</summary>
internal sealed class PartitionGoneException : Exception;
