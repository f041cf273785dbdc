using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.ChangeFeed;

/// <summary>
/// One page of changes in rising LSN. It may hold more items than were asked for: the versions that one transactional batch wrote
/// are never divided between two pages, so that a reader which acts on pages sees the whole batch or nothing of it.
/// </summary>
internal sealed record ChangePage(IReadOnlyList<StoredItem> Items, long Position, long CurrentLsn, long Bytes)
{
    public static ChangePage Read(PartitionItems items, long currentLsn, Scope scope, ChangeFeedStart start, int maxItems)
    {
        if (start.After is not { } after)
        {
            return new ChangePage([], currentLsn, currentLsn, 0);
        }

        List<StoredItem> page = [];
        long bytes = 0;
        foreach (StoredItem item in Changes(items, scope, after))
        {
            if (item.Timestamp <= (start.Since ?? long.MinValue))
            {
                continue;
            }

            bool full = page.Count >= maxItems || bytes + item.Json.Length > Limits.PageBytes;
            if (full && page.Count > 0 && page[^1].BatchLsn != item.BatchLsn)
            {
                return new ChangePage(page, page[^1].Lsn, currentLsn, bytes);
            }

            page.Add(item);
            bytes += item.Json.Length;
        }

        // Everything was seen. A position beyond the counter is one of another life of the account: it is kept as it is.
        return new ChangePage(page, page.Count > 0 ? page[^1].Lsn : Math.Max(after, currentLsn), currentLsn, bytes);
    }

    private static IEnumerable<StoredItem> Changes(PartitionItems items, Scope scope, long after)
    {
        if (scope.Key is not null)
        {
            return (items.Partition(scope.Key)?.ById.All() ?? []).Where(item => item.Lsn > after).OrderBy(item => item.Lsn);
        }

        IEnumerable<StoredItem> changes = items.Changes.From(after, inclusive: false);
        return scope.Window is null ? changes : changes.Where(item => scope.Includes(item.Partition));
    }
}
