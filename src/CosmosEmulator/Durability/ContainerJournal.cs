using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Durability;

/// <summary>
/// Where the writes of one container go to be durable. Adding happens under the lock of what changes, so the order is that of the
/// LSNs; what is added at once is written as a whole or not at all. No answer is sent before <see cref="WhenSafe"/> says so, not
/// even to a read: what anybody has seen is still there after the process was killed.
/// </summary>
internal sealed class ContainerJournal : IDisposable
{
    private readonly ContainerFile file;
    private readonly CommitQueue<Action<ContainerJournal>> queue;
    private readonly Dictionary<int, PartitionRow> partitions = []; // Belongs to whoever writes.
    private readonly HashSet<int> changed = []; // Whose row the file must get.
    private readonly Lock fileGate = new(); // Only against the end of the file: writers take turns anyway.
    private bool deleted;

    public ContainerJournal(ContainerFile file)
    {
        this.file = file;
        queue = new CommitQueue<Action<ContainerJournal>>(Write);
    }

    public string Path => file.Path;

    /// <summary>Says where the counters are. Comes before everything else.</summary>
    public void Begin(IEnumerable<PartitionRow> rows)
    {
        foreach (PartitionRow row in rows)
        {
            partitions[row.Range.Number] = row;
        }
    }

    /// <summary>The changes of one request's atomic unit, or items that have expired.</summary>
    public void Add(RangeIdentity range, IReadOnlyList<ItemChange> changes, long lsn) =>
        queue.Add(journal => journal.Write(range, changes, lsn));

    public void AddSplit(RangeIdentity parent, IReadOnlyList<(RangeIdentity Range, int Items)> children) =>
        queue.Add(journal => journal.WriteSplit(parent, children));

    public void AddDefinition(byte[] document) => queue.Add(journal => journal.file.Replace(document));

    /// <summary>Null if everything added so far is safe, else a task that ends when it is.</summary>
    public Task? WhenSafe() => queue.WhenSafe();

    /// <summary>The container is gone: what is still on its way to the file has no place any more, and nobody can tell.</summary>
    public void Delete()
    {
        lock (fileGate)
        {
            deleted = true;
            file.Dispose();
        }
    }

    /// <summary>Nothing may be added any more.</summary>
    public void Dispose()
    {
        try
        {
            // With the counters, so that the next one to open the file can check all of it.
            queue.Add(journal => journal.changed.UnionWith(journal.partitions.Keys));
            queue.WhenSafe()?.GetAwaiter().GetResult();
        }
        catch (StoreException)
        {
            // Those whose writes have failed were told so.
        }
        finally
        {
            Delete();
        }
    }

    private void Write(IReadOnlyList<Action<ContainerJournal>> units)
    {
        lock (fileGate)
        {
            if (!deleted)
            {
                Transact(units);
            }
        }
    }

    private void Transact(IReadOnlyList<Action<ContainerJournal>> units)
    {
        try
        {
            file.Transact(() =>
            {
                foreach (Action<ContainerJournal> unit in units)
                {
                    unit(this);
                }

                foreach (int number in changed)
                {
                    file.Update(partitions[number]);
                }
            });
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new StoreFailedException(Path, exception);
        }
        finally
        {
            changed.Clear();
        }
    }

    private void Write(RangeIdentity range, IReadOnlyList<ItemChange> changes, long lsn)
    {
        PartitionRow row = partitions[range.Number];
        (long items, long lastItem) = (row.Items, row.LastItem);
        bool deletes = false;
        foreach (ItemChange change in changes)
        {
            items += (change.After is null ? 0 : 1) - (change.Before is null ? 0 : 1);
            if (change.After is { } after)
            {
                lastItem = Math.Max(lastItem, (long)after.Number);
                file.Put(after);
            }
            else if (change.Before is { } before)
            {
                deletes = true;
                file.Delete(before.Number);
            }
        }

        partitions[range.Number] = row with { Lsn = lsn, Items = items, LastItem = lastItem };
        if (deletes)
        {
            // An item tells its own LSN and number. When it goes, they must not be given again.
            changed.Add(range.Number);
        }
    }

    private void WriteSplit(RangeIdentity parent, IReadOnlyList<(RangeIdentity Range, int Items)> children)
    {
        PartitionRow row = partitions[parent.Number];
        partitions.Remove(parent.Number);
        changed.Remove(parent.Number);
        PartitionRow[] rows = [.. children.Select(child => new PartitionRow(child.Range, row.Lsn, child.Items, row.LastItem))];
        file.Replace(parent, rows);
        foreach (PartitionRow child in rows)
        {
            partitions[child.Range.Number] = child;
        }
    }
}
