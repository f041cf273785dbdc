namespace Serverless.CosmosEmulator.Storage;

/// <summary>Who has which unique values in which logical partition. Not thread-safe.</summary>
internal sealed class UniqueKeyIndex
{
    private readonly Dictionary<Entry, StoredItem> owners = [];

    public StoredItem? Find(LogicalPartition partition, int key, string value) => owners.GetValueOrDefault(new Entry(partition, key, value));

    /// <summary>Whether an item with these values would violate a key; the version it replaces does not count.</summary>
    public bool Conflicts(LogicalPartition partition, string[] values, StoredItem? replaced)
    {
        for (int key = 0; key < values.Length; key++)
        {
            if (owners.TryGetValue(new Entry(partition, key, values[key]), out StoredItem? owner) && owner != replaced)
            {
                return true;
            }
        }

        return false;
    }

    public void Add(StoredItem item)
    {
        for (int key = 0; key < item.UniqueValues.Length; key++)
        {
            owners[new Entry(item.Partition, key, item.UniqueValues[key])] = item;
        }
    }

    public void Remove(StoredItem item)
    {
        for (int key = 0; key < item.UniqueValues.Length; key++)
        {
            owners.Remove(new Entry(item.Partition, key, item.UniqueValues[key]));
        }
    }

    private readonly record struct Entry(LogicalPartition Partition, int Key, string Value);
}
