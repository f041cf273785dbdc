namespace Serverless.EventSourcing;

/// <summary>
/// View documents as this process last saw them, up to a number of bytes; what was not used for longest goes first. Only a hint: who
/// uses it has to find out whether it still holds, which a conditional write does.
/// </summary>
internal sealed class ViewCache(long maxBytes)
{
    // What a document costs beside its data: the objects and tables around it, and a name and a number per stream in its fence.
    private const int DocumentBytes = 700;
    private const int SeenBytes = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<(ViewPartition Partition, string Id), LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new(); // The last used is first.
    private long bytes;

    public bool IsEnabled => maxBytes > 0;

    /// <summary>About what a document takes in memory.</summary>
    public static int SizeOf(ViewDocument document) => DocumentBytes + document.Data.Length + SeenBytes * document.Seen.Count;

    public ViewDocument? Find(ViewPartition partition, string id)
    {
        lock (gate)
        {
            if (!entries.TryGetValue((partition, id), out LinkedListNode<Entry>? node))
            {
                return null;
            }
            byUse.Remove(node);
            byUse.AddFirst(node);
            return node.Value.Document;
        }
    }

    public void Put(ViewPartition partition, ViewDocument document)
    {
        int size = SizeOf(document);
        lock (gate)
        {
            RemoveLocked(partition, document.Id);
            if (size > maxBytes)
            {
                return;
            }
            entries.Add((partition, document.Id), byUse.AddFirst(new Entry(partition, document, size)));
            bytes += size;
            while (bytes > maxBytes)
            {
                Entry last = byUse.Last!.Value;
                RemoveLocked(last.Partition, last.Document.Id);
            }
        }
    }

    public void Remove(ViewPartition partition, string id)
    {
        lock (gate)
        {
            RemoveLocked(partition, id);
        }
    }

    private void RemoveLocked(ViewPartition partition, string id)
    {
        if (entries.Remove((partition, id), out LinkedListNode<Entry>? node))
        {
            byUse.Remove(node);
            bytes -= node.Value.Bytes;
        }
    }

    private sealed record Entry(ViewPartition Partition, ViewDocument Document, int Bytes);
}
