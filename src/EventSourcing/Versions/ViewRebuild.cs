namespace Serverless.EventSourcing;

/// <summary>What a rebuild came to. An empty key means that the stream feeds nothing.</summary>
/// <param name="Key">Of the view.</param>
/// <param name="Streams">That were folded again.</param>
/// <param name="Documents">That the fold made.</param>
/// <param name="Changed">Those of them that were missing, or stored otherwise.</param>
/// <param name="Deleted">Documents that the fold did not make.</param>
public sealed record RebuildResult(string Key, int Streams, int Documents, int Changed, int Deleted);

/// <summary>
/// Makes the documents of one key again from the events, with today's code, while everything else goes on. They are folded in memory up to
/// where the view stands and only then written, so no reader sees less than before. More documents than fit into one transaction are
/// written in several.
/// </summary>
public sealed class ViewRebuild(
    Projector projector, IEventStore store, IViewStore views, TimeProvider time, ProjectorOptions options)
{
    /// <summary>Documents of one key that are held in memory; a key with more is rebuilt by raising the version.</summary>
    public const int MaxDocuments = 20_000;

    private const int CommitsPerChunk = 500;

    /// <summary>Rebuilds what a stream feeds, with all the other streams that feed the same key.</summary>
    /// <exception cref="VersionChangeException">The key is fed by all streams, or has too many documents: raise the version.</exception>
    /// <exception cref="PoisonException">A commit can't be processed. Nothing was changed.</exception>
    public async Task<RebuildResult> RunAsync(IProjection projection, StreamName stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(projection);
        ArgumentNullException.ThrowIfNull(stream);
        if (projection.KeyOf(stream) is { } shared && projection.Locate(shared).DocumentId != projection.FenceOf(stream))
        {
            throw new VersionChangeException(
                $"'{projection.Name}' is fed by all streams together, and no stream can be taken out of it. Raise its version to build it anew.");
        }
        if (await FirstCommitAsync(stream, cancellationToken) is not { } first
            || await projector.PartitionOfAsync(projection, new StreamCommits(stream, [first]), cancellationToken) is not { } partition)
        {
            return new RebuildResult("", 0, 0, 0, 0);
        }
        for (int attempt = 1; ; attempt++)
        {
            RebuildResult? result = await TryAsync(projection, partition, cancellationToken);
            if (result is not null)
            {
                // The document may not have known this stream, or not be there at all: then it is fed as by the feed.
                int events = await FeedAsync(projector, projection, stream, through: long.MaxValue, cancellationToken);
                return result with { Streams = Math.Max(result.Streams, 1), Changed = result.Changed + (result.Streams == 0 && events > 0 ? 1 : 0) };
            }
            if (attempt > options.MaxLostRaces)
            {
                throw new ViewContentionException(partition, options.MaxLostRaces);
            }
        }
    }

    /// <summary>Null when the view went on meanwhile.</summary>
    private async Task<RebuildResult?> TryAsync(IProjection projection, ViewPartition partition, CancellationToken cancellationToken)
    {
        Dictionary<string, ViewDocument> stored = await ReadAllAsync(views, partition, cancellationToken);
        string headerId = projection.Locate(partition.Key).DocumentId;
        if (!stored.TryGetValue(headerId, out ViewDocument? header))
        {
            // Entries whose header is gone are in the way of new ones, and nothing says which streams made them.
            return await DeleteAsync(partition, [.. stored.Values], cancellationToken) ? new RebuildResult(partition.Key, 0, 0, 0, stored.Count) : null;
        }
        // Not beyond the fence that is stored: what is newer is the feed's to write.
        InMemoryViewStore scratch = new();
        Projector folding = new(store, scratch, projector.Faults, time, options);
        foreach ((string name, long version) in header.Seen)
        {
            await FeedAsync(folding, projection, StreamName.Parse(name), version, cancellationToken);
        }
        Dictionary<string, ViewDocument> folded = await ReadAllAsync(scratch, partition, cancellationToken);
        List<ViewDocument> changed = [.. folded.Values
            .Where(d => d.Id != headerId && !IsSame(d, stored.GetValueOrDefault(d.Id)))
            .Select(d => d with { ETag = stored.GetValueOrDefault(d.Id)?.ETag })];
        List<ViewDocument> superfluous = [.. stored.Values.Where(d => d.Id != headerId && !folded.ContainsKey(d.Id))];
        ViewDocument? newHeader = folded.GetValueOrDefault(headerId);
        bool isHeaderChanged = newHeader is not null && !IsSame(newHeader, header);
        if (isHeaderChanged)
        {
            changed.Add(newHeader! with { ETag = header.ETag }); // The last, so that it says what is true even if this ends halfway.
        }
        return await DeleteAsync(partition, superfluous, cancellationToken) && await WriteAsync(partition, changed, cancellationToken)
            ? new RebuildResult(partition.Key, header.Seen.Count, folded.Count, changed.Count, superfluous.Count)
            : null;
    }

    private async Task<Commit?> FirstCommitAsync(StreamName stream, CancellationToken cancellationToken)
    {
        await foreach (Commit commit in NewCommits.StoredAsync(stream, fromVersion: 1, store, cancellationToken))
        {
            return commit;
        }
        return null;
    }

    private async Task<int> FeedAsync(Projector to, IProjection projection, StreamName stream, long through, CancellationToken cancellationToken)
    {
        int events = 0;
        List<Commit> chunk = [];
        await foreach (Commit commit in NewCommits.StoredAsync(stream, fromVersion: 1, store, cancellationToken))
        {
            if (commit.LastVersion > through)
            {
                break;
            }
            chunk.Add(commit);
            if (chunk.Count == CommitsPerChunk)
            {
                events += (await to.ApplyAsync(projection, chunk, cancellationToken)).Events;
                chunk = [];
            }
        }
        return chunk.Count == 0 ? events : events + (await to.ApplyAsync(projection, chunk, cancellationToken)).Events;
    }

    private static async Task<Dictionary<string, ViewDocument>> ReadAllAsync(IViewStore from, ViewPartition partition, CancellationToken cancellationToken)
    {
        Dictionary<string, ViewDocument> documents = new(StringComparer.Ordinal);
        foreach (ViewKind kind in Enum.GetValues<ViewKind>())
        {
            ViewQuery query = new(partition.Projection, partition.Version, kind, partition.Key, NewestFirst: false, ViewLimits.MaxPageSize, Continuation: null);
            do
            {
                ViewPage page = await from.ListAsync(query, cancellationToken);
                foreach (ViewItem item in page.Items)
                {
                    documents[item.Document.Id] = item.Document;
                }
                if (documents.Count > MaxDocuments)
                {
                    throw new VersionChangeException(
                        $"'{partition.Key}' has more than {MaxDocuments} documents, too many for one rebuild. Raise the version to build all of it anew.");
                }
                query = query with { Continuation = page.Continuation };
            }
            while (query.Continuation is not null);
        }
        return documents;
    }

    private async Task<bool> WriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        List<ViewDocument> batch = [];
        long bytes = 0;
        foreach (ViewDocument document in documents)
        {
            // Half of what fits leaves room for what the store adds to each document.
            if (batch.Count == ViewLimits.MaxDocumentsPerWrite || (batch.Count > 0 && bytes + document.Data.Length > ViewLimits.MaxWriteBytes / 2))
            {
                if (!(await views.TryWriteAsync(partition, batch, cancellationToken)).IsWritten)
                {
                    return false;
                }
                (batch, bytes) = ([], 0);
            }
            batch.Add(document);
            bytes += document.Data.Length;
        }
        return batch.Count == 0 || (await views.TryWriteAsync(partition, batch, cancellationToken)).IsWritten;
    }

    private async Task<bool> DeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        foreach (ViewDocument[] batch in documents.Chunk(ViewLimits.MaxDocumentsPerWrite))
        {
            if (!(await views.TryDeleteAsync(partition, batch, cancellationToken)).IsWritten)
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsSame(ViewDocument folded, ViewDocument? stored) =>
        stored is not null && folded.Kind == stored.Kind && folded.AsOf == stored.AsOf
        && folded.Seen.Count == stored.Seen.Count && folded.Seen.All(s => stored.Seen.GetValueOrDefault(s.Key) == s.Value)
        && folded.Data.Span.SequenceEqual(stored.Data.Span);
}
