namespace Serverless.EventSourcing;

/// <summary>Values up to a number of bytes in total; what was not used for longest goes first. A value larger than that is not kept.</summary>
internal sealed class SizedCache<TKey, TValue>(long maxBytes, Func<TValue, long> sizeOf)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new(); // The last used is first.
    private long bytes;

    public bool IsEnabled => maxBytes > 0;

    public TValue? Find(TKey key)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out LinkedListNode<Entry>? node))
            {
                return null;
            }
            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.Value;
        }
    }

    public void Put(TKey key, TValue value)
    {
        long size = sizeOf(value);
        lock (gate)
        {
            RemoveLocked(key);
            if (size > maxBytes)
            {
                return;
            }
            entries.Add(key, byUse.AddFirst(new Entry(key, value, size)));
            bytes += size;
            while (bytes > maxBytes)
            {
                RemoveLocked(byUse.Last!.Value.Key);
            }
        }
    }

    public void Remove(TKey key)
    {
        lock (gate)
        {
            RemoveLocked(key);
        }
    }

    private void RemoveLocked(TKey key)
    {
        if (entries.Remove(key, out LinkedListNode<Entry>? node))
        {
            byUse.Remove(node);
            bytes -= node.Value.Bytes;
        }
    }

    private sealed record Entry(TKey Key, TValue Value, long Bytes);
}
