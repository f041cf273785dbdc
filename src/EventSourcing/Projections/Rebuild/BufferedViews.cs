using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>
/// Views that are written later: writes change documents in memory, however often, until all of them are written at once. Each
/// partition is written on its condition as it would have been without this, in one write, so a view is never half of two states.
/// Partitions go side by side, but one after the other in each.
/// </summary>
internal sealed class BufferedViews(IViewStore views) : IViewStore
{
    // Documents larger than this are written at once, so that what is too large for the store is refused where it came from.
    private const long MaxBufferedWriteBytes = ViewLimits.MaxWriteBytes / 2;

    private readonly ConcurrentDictionary<ViewPartition, Partition> partitions = [];
    private readonly ConcurrentBag<ViewDocument> lost = [];
    private long bytes;
    private long events;
    private int written;

    /// <summary>About the memory that all documents take.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Documents written so far.</summary>
    public int Written => written;

    /// <summary>Events in them; those that went into what another writer was faster with are not.</summary>
    public long Events => Interlocked.Read(ref events);

    /// <summary>The partitions to be written.</summary>
    public IReadOnlyCollection<ViewPartition> Partitions => [.. partitions.Keys];

    public async Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        Partition buffered = partitions.GetOrAdd(partition, static _ => new Partition());
        string[] missing = [.. ids.Where(id => !buffered.Documents.ContainsKey(id))];
        double charge = 0;
        if (missing.Length > 0)
        {
            ViewRead read = await views.ReadAsync(partition, missing, cancellationToken);
            charge = read.RequestCharge;
            foreach (ViewDocument document in read.Documents)
            {
                Put(buffered, Entry.Of(document, tag: 0, isChanged: false, document.ETag));
            }
        }
        return new ViewRead([.. ids.Select(id => buffered.Documents.GetValueOrDefault(id)?.Document).OfType<ViewDocument>()], charge);
    }

    public async Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        ViewRules.Check(partition, documents);
        Partition buffered = partitions.GetOrAdd(partition, static _ => new Partition());
        if (documents.Any(d => buffered.Documents.GetValueOrDefault(d.Id)?.Document.ETag != d.ETag))
        {
            return new ViewWrite(IsWritten: false, RequestCharge: 0);
        }
        double charge = 0;
        if (!FitsOneWrite(buffered, documents))
        {
            ViewWrite before = await WriteAsync(partition, cancellationToken);
            if (!before.IsWritten)
            {
                return before; // What these documents were made from is no more.
            }
            charge = before.RequestCharge;
            if (partitions.GetValueOrDefault(partition) != buffered)
            {
                return new ViewWrite(IsWritten: false, charge); // Forgotten for want of tags: nothing that is put there would be written.
            }
        }
        List<string> etags = new(documents.Count);
        foreach (ViewDocument document in documents)
        {
            Entry? known = buffered.Documents.GetValueOrDefault(document.Id);
            Entry changed = Entry.Of(document, tag: known is null ? 1 : known.Tag + 1, isChanged: true, known?.StoredETag);
            Put(buffered, changed);
            etags.Add(changed.Document.ETag!);
        }
        if (documents.Sum(SizeOf) <= MaxBufferedWriteBytes)
        {
            return new ViewWrite(IsWritten: true, charge) { ETags = etags };
        }
        ViewWrite now = await WriteAsync(partition, cancellationToken);
        return now with { RequestCharge = charge + now.RequestCharge, ETags = now.IsWritten ? etags : [] };
    }

    public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A projection deletes no document.");

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => views.ListAsync(query, cancellationToken);

    /// <summary>Notes that events went into the documents of a partition; they count when those are written, or if they are already.</summary>
    public void Note(ViewPartition partition, int applied)
    {
        if (partitions.TryGetValue(partition, out Partition? buffered) && buffered.Documents.Values.Any(e => e.IsChanged))
        {
            buffered.Events += applied;
        }
        else
        {
            Interlocked.Add(ref events, applied);
        }
    }

    /// <summary>Where the streams stood that went into documents which could not be written, because another writer was faster.</summary>
    public IReadOnlyDictionary<string, long> TakeLost()
    {
        Dictionary<string, long> taken = [];
        while (lost.TryTake(out ViewDocument? document))
        {
            foreach ((string stream, long version) in document.Seen)
            {
                taken[stream] = Math.Max(version, taken.GetValueOrDefault(stream));
            }
        }
        return taken;
    }

    /// <summary>Writes what has changed in a partition, and keeps it; a partition that another writer has changed is forgotten.</summary>
    public async Task<ViewWrite> WriteAsync(ViewPartition partition, CancellationToken cancellationToken)
    {
        if (!partitions.TryGetValue(partition, out Partition? buffered) || buffered.Documents.Values.Where(e => e.IsChanged).ToArray() is not [_, ..] changed)
        {
            return new ViewWrite(IsWritten: true, RequestCharge: 0);
        }
        ViewWrite? write = null;
        try
        {
            write = await views.TryWriteAsync(partition, [.. changed.Select(e => e.Document with { ETag = e.StoredETag })], cancellationToken);
        }
        finally
        {
            if (write is not { IsWritten: true })
            {
                Forget(partition);
            }
        }
        if (!write.IsWritten)
        {
            foreach (Entry entry in changed)
            {
                lost.Add(entry.Document);
            }
        }
        else
        {
            Interlocked.Add(ref written, changed.Length);
            Interlocked.Add(ref events, buffered.Events);
            buffered.Events = 0;
            for (int i = 0; i < write.ETags.Count; i++)
            {
                buffered.Documents[changed[i].Document.Id] = changed[i] with { IsChanged = false, StoredETag = write.ETags[i] };
            }
            if (write.ETags.Count == 0)
            {
                Forget(partition); // Without tags they have to be read again.
            }
        }
        return write;
    }

    public void Forget(ViewPartition partition)
    {
        if (partitions.TryRemove(partition, out Partition? buffered))
        {
            Interlocked.Add(ref bytes, -buffered.Documents.Values.Sum(e => SizeOf(e.Document)));
        }
    }

    private static bool FitsOneWrite(Partition buffered, IReadOnlyList<ViewDocument> documents)
    {
        HashSet<string> ids = new(documents.Select(d => d.Id), StringComparer.Ordinal);
        long size = documents.Sum(SizeOf);
        foreach (Entry entry in buffered.Documents.Values.Where(e => e.IsChanged && ids.Add(e.Document.Id)))
        {
            size += SizeOf(entry.Document);
        }
        return ids.Count <= ViewLimits.MaxDocumentsPerWrite && size <= MaxBufferedWriteBytes;
    }

    private void Put(Partition buffered, Entry entry)
    {
        long before = buffered.Documents.TryGetValue(entry.Document.Id, out Entry? known) ? SizeOf(known.Document) : 0;
        buffered.Documents[entry.Document.Id] = entry;
        Interlocked.Add(ref bytes, SizeOf(entry.Document) - before);
    }

    private static long SizeOf(ViewDocument document) => ViewCache.SizeOf(document);

    private sealed class Partition
    {
        public Dictionary<string, Entry> Documents { get; } = new(StringComparer.Ordinal);

        /// <summary>That went into its documents since they were written.</summary>
        public int Events { get; set; }
    }

    /// <summary>A document under a tag of this buffer, and the store's own tag of it; that is null as long as it is only here.</summary>
    private sealed record Entry(ViewDocument Document, int Tag, bool IsChanged, string? StoredETag)
    {
        public static Entry Of(ViewDocument document, int tag, bool isChanged, string? storedETag) =>
            new(document with { ETag = tag.ToString(CultureInfo.InvariantCulture) }, tag, isChanged, storedETag);
    }
}
