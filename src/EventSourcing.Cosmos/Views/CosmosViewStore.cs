using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Views in the container <c>views</c>: one logical partition per projection, version and key, one item per document. Every call
/// but the listing of all keys is one request, however many documents it reads or writes.
/// </summary>
public sealed class CosmosViewStore(Container views) : IViewStore
{
    private const string ListAllQuery = "SELECT * FROM c WHERE c.projection = @projection AND c.kind = @kind";

    private readonly ContainerPresence presence = new(views);

    public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(partition);
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Count switch
        {
            0 => Task.FromResult(new ViewRead([], RequestCharge: 0)),
            1 => ReadOneAsync(partition, ids[0], cancellationToken),
            _ => ReadManyAsync(partition, ids, cancellationToken),
        };
    }

    public async Task<ViewWrite> TryWriteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        ViewRules.Check(partition, documents);
        return documents.Count == 1
            ? await WriteOneAsync(partition, documents[0], cancellationToken)
            : await WriteBatchAsync(partition, documents, cancellationToken);
    }

    public async Task<ViewWrite> TryDeleteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        ViewRules.CheckDelete(partition, documents);
        return documents.Count == 1
            ? await DeleteOneAsync(partition, documents[0], cancellationToken)
            : await DeleteBatchAsync(partition, documents, cancellationToken);
    }

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken)
    {
        ViewRules.Check(query);
        return query.Key is null ? ListAllAsync(query, cancellationToken) : ListKeyAsync(query, query.Key, cancellationToken);
    }

    private async Task<ViewRead> ReadOneAsync(ViewPartition partition, string id, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await views.ReadItemStreamAsync(
            id, new PartitionKey(partition.Value), cancellationToken: cancellationToken);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                using (JsonDocument item = ItemJson.Parse(response.Content))
                {
                    return new ViewRead([ViewDocumentItem.Read(item.RootElement).Document], response.Headers.RequestCharge);
                }
            case HttpStatusCode.NotFound when CosmosFault.MayBeMissingItem(response):
                await presence.EnsureAsync(cancellationToken);
                return new ViewRead([], response.Headers.RequestCharge);
            default:
                throw CosmosFault.Of(response, views);
        }
    }

    /// <summary>
    /// One query. The client's own read of many items would ask for a query plan first, and single reads cost a request each.
    /// </summary>
    private async Task<ViewRead> ReadManyAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        using FeedIterator query = views.GetItemQueryStreamIterator(
            IdsQuery(ids), requestOptions: QueryPage.InPartition(partition.Value));
        List<ViewDocument> documents = new(ids.Count);
        double charge = 0;
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, views, cancellationToken);
            charge += page.RequestCharge;
            foreach (JsonElement item in page.Items.EnumerateArray())
            {
                documents.Add(ViewDocumentItem.Read(item).Document);
            }
        }
        return new ViewRead(documents, charge);
    }

    private static QueryDefinition IdsQuery(IReadOnlyList<string> ids)
    {
        StringBuilder text = new("SELECT * FROM c WHERE c.id IN (");
        for (int i = 0; i < ids.Count; i++)
        {
            text.Append(i == 0 ? "@" : ", @").Append('p').Append(i);
        }
        QueryDefinition definition = new(text.Append(')').ToString());
        for (int i = 0; i < ids.Count; i++)
        {
            definition.WithParameter($"@p{i}", ids[i]);
        }
        return definition;
    }

    private async Task<ViewWrite> WriteOneAsync(ViewPartition partition, ViewDocument document, CancellationToken cancellationToken)
    {
        using MemoryStream item = ViewDocumentItem.Write(partition, document);
        ThrowIfTooLarge(partition, item.Length);
        PartitionKey key = new(partition.Value);
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = document.ETag };
        using ResponseMessage response = document.ETag is null
            ? await views.CreateItemStreamAsync(item, key, options, cancellationToken)
            : await views.ReplaceItemStreamAsync(item, document.Id, key, options, cancellationToken);
        bool isLost = response.StatusCode switch
        {
            HttpStatusCode.Created or HttpStatusCode.OK => false,
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => true,
            // Deleted since it was read: as good a lost race as any other change.
            HttpStatusCode.NotFound when document.ETag is not null && CosmosFault.MayBeMissingItem(response) => true,
            HttpStatusCode.RequestEntityTooLarge => throw new ViewTooLargeException(partition, item.Length),
            HttpStatusCode.Forbidden when CosmosFault.IsFull(response) => throw ViewTooLargeException.PartitionFull(partition, item.Length),
            _ => throw CosmosFault.Of(response, views),
        };
        return new ViewWrite(!isLost, response.Headers.RequestCharge) { ETags = isLost ? [] : [response.Headers.ETag] };
    }

    private async Task<ViewWrite> WriteBatchAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        TransactionalBatch batch = views.CreateTransactionalBatch(new PartitionKey(partition.Value));
        long sizeBytes = 0;
        foreach (ViewDocument document in documents)
        {
            MemoryStream item = ViewDocumentItem.Write(partition, document);
            sizeBytes += item.Length;
            TransactionalBatchItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = document.ETag };
            _ = document.ETag is null
                ? batch.CreateItemStream(item, options)
                : batch.ReplaceItemStream(document.Id, item, options);
        }
        ThrowIfTooLarge(partition, sizeBytes);
        using TransactionalBatchResponse response = await ExecuteAsync(batch, cancellationToken);
        bool isLost = response.StatusCode switch
        {
            HttpStatusCode.OK => false,
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => true,
            // One item is gone and the others failed with it. Without a container all results are the same.
            HttpStatusCode.NotFound when response.Any(r => r.StatusCode == HttpStatusCode.FailedDependency) => true,
            HttpStatusCode.RequestEntityTooLarge => throw new ViewTooLargeException(partition, sizeBytes),
            HttpStatusCode.Forbidden when CosmosFault.IsFull(response) => throw ViewTooLargeException.PartitionFull(partition, sizeBytes),
            _ => throw CosmosFault.Of(response, views),
        };
        return new ViewWrite(!isLost, response.RequestCharge) { ETags = isLost ? [] : [.. response.Select(r => r.ETag)] };
    }

    private async Task<ViewWrite> DeleteOneAsync(ViewPartition partition, ViewDocument document, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await views.DeleteItemStreamAsync(
            document.Id, new PartitionKey(partition.Value), new ItemRequestOptions { IfMatchEtag = document.ETag }, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.NoContent => new ViewWrite(IsWritten: true, response.Headers.RequestCharge),
            HttpStatusCode.PreconditionFailed => new ViewWrite(IsWritten: false, response.Headers.RequestCharge),
            HttpStatusCode.NotFound when CosmosFault.MayBeMissingItem(response) => new ViewWrite(IsWritten: false, response.Headers.RequestCharge),
            _ => throw CosmosFault.Of(response, views),
        };
    }

    private async Task<ViewWrite> DeleteBatchAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        TransactionalBatch batch = views.CreateTransactionalBatch(new PartitionKey(partition.Value));
        foreach (ViewDocument document in documents)
        {
            batch.DeleteItem(document.Id, new TransactionalBatchItemRequestOptions { IfMatchEtag = document.ETag });
        }
        using TransactionalBatchResponse response = await ExecuteAsync(batch, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => new ViewWrite(IsWritten: true, response.RequestCharge),
            HttpStatusCode.PreconditionFailed => new ViewWrite(IsWritten: false, response.RequestCharge),
            HttpStatusCode.NotFound when response.Any(r => r.StatusCode == HttpStatusCode.FailedDependency) =>
                new ViewWrite(IsWritten: false, response.RequestCharge),
            _ => throw CosmosFault.Of(response, views),
        };
    }

    private async Task<TransactionalBatchResponse> ExecuteAsync(TransactionalBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await batch.ExecuteAsync(cancellationToken);
        }
        catch (CosmosException e) when (CosmosFault.IsMissingContainer(e))
        {
            throw CosmosFault.Of(e, views);
        }
    }

    private static void ThrowIfTooLarge(ViewPartition partition, long sizeBytes)
    {
        if (sizeBytes > ViewLimits.MaxWriteBytes)
        {
            throw new ViewTooLargeException(partition, sizeBytes);
        }
    }

    /// <summary>
    /// Continues after the last id that was given out rather than with the client's token, so that a page is the same in every
    /// connection mode, after a split and after an upgrade of the client.
    /// </summary>
    private async Task<ViewPage> ListKeyAsync(ViewQuery query, string key, CancellationToken cancellationToken)
    {
        string? after = Continuation.Unwrap(query);
        string partition = new ViewPartition(query.Projection, query.Version, key).Value;
        using FeedIterator iterator = views.GetItemQueryStreamIterator(
            KeyQuery(query, after), requestOptions: QueryPage.InPartition(partition));
        List<ViewItem> items = new(query.PageSize + 1);
        double charge = 0;
        while (iterator.HasMoreResults && !IsFull(items))
        {
            using QueryPage page = await QueryPage.NextAsync(iterator, views, cancellationToken);
            charge += page.RequestCharge;
            AddItems(page, items);
        }
        if (items.Count <= query.PageSize && !iterator.HasMoreResults)
        {
            return new ViewPage(items, Continuation: null, charge);
        }
        if (items.Count > query.PageSize)
        {
            items.RemoveRange(query.PageSize, items.Count - query.PageSize);
        }
        return new ViewPage(items, Continuation.Wrap(query, items[^1].Document.Id), charge);
    }

    /// <summary>One more than a page, to know whether there is another.</summary>
    private static QueryDefinition KeyQuery(ViewQuery query, string? after)
    {
        string select = $"SELECT TOP {query.PageSize + 1} * FROM c WHERE c.kind = @kind";
        string text = (query.NewestFirst, after) switch
        {
            (false, null) => $"{select} ORDER BY c.id",
            (false, _) => $"{select} AND c.id > @after ORDER BY c.id",
            (true, null) => $"{select} ORDER BY c.id DESC",
            (true, _) => $"{select} AND c.id < @after ORDER BY c.id DESC",
        };
        QueryDefinition definition = new QueryDefinition(text).WithParameter("@kind", ViewDocumentItem.NameOf(query.Kind));
        return after is null ? definition : definition.WithParameter("@after", after);
    }

    /// <summary>
    /// All partitions of a projection. Without ORDER BY the database answers in its own order, which stays the same under updates,
    /// and the client goes through the physical partitions one after the other instead of asking all of them for every page.
    /// </summary>
    private async Task<ViewPage> ListAllAsync(ViewQuery query, CancellationToken cancellationToken)
    {
        string? token = Continuation.Unwrap(query);
        List<ViewItem> items = new(query.PageSize);
        double charge = 0;
        do
        {
            // The page size of an iterator is fixed, so what a short page leaves open is asked for by the next one.
            using FeedIterator iterator = views.GetItemQueryStreamIterator(
                new QueryDefinition(ListAllQuery)
                    .WithParameter("@projection", ViewDocumentItem.ProjectionOf(query.Projection, query.Version))
                    .WithParameter("@kind", ViewDocumentItem.NameOf(query.Kind)),
                token,
                // A token of optimistic direct execution dies when the only physical partition is split.
                new QueryRequestOptions { MaxItemCount = query.PageSize - items.Count, EnableOptimisticDirectExecution = false });
            using QueryPage page = await NextAsync(iterator, isResumed: token is not null, cancellationToken);
            charge += page.RequestCharge;
            AddItems(page, items);
            token = page.Continuation;
        }
        while (token is not null && items.Count < query.PageSize && !IsFull(items));
        return new ViewPage(items, token is null ? null : Continuation.Wrap(query, token), charge);
    }

    private async Task<QueryPage> NextAsync(FeedIterator iterator, bool isResumed, CancellationToken cancellationToken)
    {
        try
        {
            return await QueryPage.NextAsync(iterator, views, cancellationToken);
        }
        catch (Exception e) when (isResumed && e is (CosmosException { StatusCode: HttpStatusCode.BadRequest } or InvalidOperationException))
        {
            // The query is always the same, so what is bad can only be the token: made before the container was, for instance.
            throw new InvalidContinuationException(e);
        }
    }

    private static bool IsFull(List<ViewItem> items) => items.Sum(i => (long)i.Document.Data.Length) >= ViewLimits.MaxPageBytes;

    private static void AddItems(QueryPage page, List<ViewItem> items)
    {
        foreach (JsonElement item in page.Items.EnumerateArray())
        {
            items.Add(ViewDocumentItem.Read(item));
        }
    }
}
