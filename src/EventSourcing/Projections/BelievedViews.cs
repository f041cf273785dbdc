namespace Serverless.EventSourcing;

/// <summary>
/// The views during the work on one partition, with what is believed of them instead of read: documents from the cache, and that a
/// stream which begins now has none. A belief is confirmed when a write that depends on it succeeds; whatever else came of it, that
/// there was nothing to do or that a commit can't be processed, must be found again on documents that were read.
/// </summary>
internal sealed class BelievedViews(IViewStore views, ViewCache cache, bool believes, bool isNew) : IViewStore
{
    private readonly List<string> believed = []; // A few, mostly one.
    private readonly List<string> confirmed = [];
    private bool believes = believes;

    /// <summary>The last write was refused because a belief was wrong, which says nothing about other writers being fast.</summary>
    public bool WasWrong { get; private set; }

    public async Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        if (!believes)
        {
            return await views.ReadAsync(partition, ids, cancellationToken);
        }
        List<ViewDocument> found = new(ids.Count);
        List<string> asked = [];
        foreach (string id in ids)
        {
            ViewDocument? document = cache.Find(partition, id);
            if (document is not null)
            {
                found.Add(document);
            }
            if (document is null && (!isNew || confirmed.Contains(id)))
            {
                asked.Add(id);
            }
            else if (!confirmed.Contains(id) && !believed.Contains(id))
            {
                believed.Add(id);
            }
        }
        if (asked.Count == 0)
        {
            return new ViewRead(found, RequestCharge: 0);
        }
        ViewRead read = await views.ReadAsync(partition, asked, cancellationToken);
        confirmed.AddRange(asked);
        foreach (ViewDocument document in read.Documents)
        {
            cache.Put(partition, document);
        }
        found.AddRange(read.Documents);
        return read with { Documents = found };
    }

    public async Task<ViewWrite> TryWriteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        WasWrong = false;
        ViewWrite? write = null;
        try
        {
            write = await views.TryWriteAsync(partition, documents, cancellationToken);
        }
        finally
        {
            if (write is not { IsWritten: true })
            {
                // After a fault it is not known whether they were written.
                Forget(partition, documents.Select(d => d.Id));
            }
        }
        if (write.IsWritten)
        {
            Remember(partition, documents, write.ETags);
        }
        else
        {
            WasWrong = Doubt(partition);
        }
        return write;
    }

    public Task<ViewWrite> TryDeleteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(documents);
        Forget(partition, documents.Select(d => d.Id));
        return views.TryDeleteAsync(partition, documents, cancellationToken);
    }

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => views.ListAsync(query, cancellationToken);

    /// <summary>Whether anything was believed that is not confirmed. From then on everything is read.</summary>
    public bool Doubt(ViewPartition partition)
    {
        bool doubts = believed.Count > 0;
        if (doubts)
        {
            Forget(partition, believed);
            believed.Clear();
            believes = false;
        }
        return doubts;
    }

    private void Remember(ViewPartition partition, IReadOnlyList<ViewDocument> documents, IReadOnlyList<string> etags)
    {
        for (int i = 0; i < documents.Count; i++)
        {
            believed.Remove(documents[i].Id);
            confirmed.Add(documents[i].Id);
            if (i < etags.Count && documents[i].Kind != ViewKind.Entry) // An entry is never read again.
            {
                cache.Put(partition, documents[i] with { ETag = etags[i] });
            }
            else
            {
                cache.Remove(partition, documents[i].Id);
            }
        }
    }

    private void Forget(ViewPartition partition, IEnumerable<string> ids)
    {
        foreach (string id in ids)
        {
            cache.Remove(partition, id);
        }
    }
}
