namespace Serverless.CosmosEmulator.Storage;

/// <summary>The items that share one partition key. Not thread-safe: it belongs to a physical partition and lives under its lock.</summary>
internal sealed class LogicalPartition(PartitionKey key)
{
    // Below this size sorting on demand is cheaper than keeping a second order.
    private const int OrderByNumberFrom = 64;

    private readonly ItemOrder<string, ById> byId = new();
    private ItemOrder<ulong, ByNumber>? byNumber;

    public PartitionKey Key { get; } = key;

    public int Count => byId.Count;

    public ItemOrder<string, ById> ById => byId;

    public StoredItem? Find(string id) => byId.Find(id);

    public void Set(StoredItem item)
    {
        byId.Set(item);
        byNumber?.Set(item);
    }

    public void Remove(StoredItem item)
    {
        byId.Remove(item.Id);
        byNumber?.Remove(item.Number);
    }

    public IEnumerable<StoredItem> ByNumberFrom(ulong number)
    {
        if (byNumber is null && Count < OrderByNumberFrom)
        {
            return byId.All().Where(item => item.Number >= number).OrderBy(item => item.Number);
        }

        if (byNumber is null)
        {
            byNumber = new ItemOrder<ulong, ByNumber>();
            foreach (StoredItem item in byId.All().OrderBy(item => item.Number))
            {
                byNumber.Set(item);
            }
        }

        return byNumber.From(number, inclusive: true);
    }
}
