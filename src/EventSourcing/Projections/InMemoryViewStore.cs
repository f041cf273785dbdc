using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>Views in this process's memory, with every guarantee of the port; for tests and for trying a context out.</summary>
public sealed class InMemoryViewStore : IViewStore
{
    private readonly SortedDictionary<(string Partition, string Id), (ViewPartition Partition, ViewDocument Document)> documents =
        new(Comparer<(string Partition, string Id)>.Create(Compare));

    private readonly Lock gate = new();
    private long writes;

    public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            List<ViewDocument> found = [];
            foreach (string id in ids)
            {
                if (documents.TryGetValue((partition.Value, id), out (ViewPartition, ViewDocument Document) stored))
                {
                    found.Add(stored.Document);
                }
            }
            return Task.FromResult(new ViewRead(found, RequestCharge: 0));
        }
    }

    public Task<ViewWrite> TryWriteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ViewRules.Check(partition, documents);
        long sizeBytes = documents.Sum(d => (long)d.Data.Length);
        if (sizeBytes > ViewLimits.MaxWriteBytes)
        {
            throw new ViewTooLargeException(partition, sizeBytes);
        }
        lock (gate)
        {
            foreach (ViewDocument document in documents)
            {
                string? current = this.documents.TryGetValue((partition.Value, document.Id), out (ViewPartition, ViewDocument Document) stored)
                    ? stored.Document.ETag
                    : null;
                if (current != document.ETag)
                {
                    return Task.FromResult(new ViewWrite(IsWritten: false, RequestCharge: 0));
                }
            }
            List<string> etags = new(documents.Count);
            foreach (ViewDocument document in documents)
            {
                string etag = (++writes).ToString(CultureInfo.InvariantCulture);
                this.documents[(partition.Value, document.Id)] = (partition, document with { ETag = etag });
                etags.Add(etag);
            }
            return Task.FromResult(new ViewWrite(IsWritten: true, RequestCharge: 0) { ETags = etags });
        }
    }

    public Task<ViewWrite> TryDeleteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ViewRules.CheckDelete(partition, documents);
        lock (gate)
        {
            bool isUnchanged = documents.All(d =>
                this.documents.TryGetValue((partition.Value, d.Id), out (ViewPartition, ViewDocument Document) stored) && stored.Document.ETag == d.ETag);
            if (isUnchanged)
            {
                foreach (ViewDocument document in documents)
                {
                    this.documents.Remove((partition.Value, document.Id));
                }
            }
            return Task.FromResult(new ViewWrite(isUnchanged, RequestCharge: 0));
        }
    }

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ViewRules.Check(query);
        (string Partition, string Id)? last = PlaceOf(Continuation.Unwrap(query));
        bool isDescending = query.NewestFirst && query.Key is not null;
        lock (gate)
        {
            IEnumerable<(ViewPartition Partition, ViewDocument Document)> matching = documents.Values.Where(d =>
                d.Partition.Projection == query.Projection && d.Partition.Version == query.Version
                && d.Document.Kind == query.Kind && (query.Key is null || d.Partition.Key == query.Key));
            List<(ViewPartition Partition, ViewDocument Document)> page = [.. (isDescending ? matching.Reverse() : matching)
                .Where(d => last is null || Compare((d.Partition.Value, d.Document.Id), last.Value) is var order && (isDescending ? order < 0 : order > 0))
                .Take(query.PageSize + 1)];
            int taken = 0;
            for (long bytes = 0; taken < Math.Min(page.Count, query.PageSize) && bytes < ViewLimits.MaxPageBytes; taken++)
            {
                bytes += page[taken].Document.Data.Length;
            }
            bool hasMore = page.Count > taken;
            page = page[..taken];
            return Task.FromResult(new ViewPage(
                [.. page.Select(d => new ViewItem(d.Partition.Key, d.Document))],
                hasMore ? Continuation.Wrap(query, $"{page[^1].Document.Id}\n{page[^1].Partition.Value}") : null,
                RequestCharge: 0));
        }
    }

    private static (string Partition, string Id)? PlaceOf(string? position) =>
        position?.Split('\n', 2) is [string id, string partition] ? (partition, id) : null;

    private static int Compare((string Partition, string Id) a, (string Partition, string Id) b)
    {
        int byPartition = string.CompareOrdinal(a.Partition, b.Partition);
        return byPartition != 0 ? byPartition : string.CompareOrdinal(a.Id, b.Id);
    }
}
