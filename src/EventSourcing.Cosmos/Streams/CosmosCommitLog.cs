using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>The commits of container <c>events</c> as they are stored.</summary>
public sealed class CosmosCommitLog(Container events) : ICommitLog
{
    private const int ItemsPerQuery = 1_000;

    // Each partition is asked for as many, and most callers come back after a few.
    private const int StreamsPerQuery = 200;

    public async IAsyncEnumerable<JsonElement> ReadItemsAsync(
        StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        string last = "";
        for (bool hasMore = true; hasMore;)
        {
            int found = 0;
            QueryDefinition definition = new QueryDefinition($"SELECT TOP {ItemsPerQuery} * FROM c WHERE c.id > @last AND c.id != '{SnapshotJson.Id}' ORDER BY c.id").WithParameter("@last", last);
            using FeedIterator query = events.GetItemQueryStreamIterator(definition, requestOptions: QueryPage.InPartition(stream.Value));
            while (query.HasMoreResults)
            {
                using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
                foreach (JsonElement item in page.Items.EnumerateArray())
                {
                    last = item.GetProperty("id"u8).GetString()!;
                    found++;
                    yield return item;
                }
            }
            hasMore = found == ItemsPerQuery;
        }
    }

    public async IAsyncEnumerable<JsonElement> ReadItemsByIdAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using FeedIterator query = events.GetItemQueryStreamIterator(new QueryDefinition("SELECT * FROM c WHERE c.id = @id").WithParameter("@id", id));
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            foreach (JsonElement item in page.Items.EnumerateArray())
            {
                yield return item;
            }
        }
    }

    /// <summary>The change feed from its beginning: all partitions, in the order of their commits, without a query.</summary>
    public async IAsyncEnumerable<JsonElement> ReadAllItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (FeedRange range in await events.GetFeedRangesAsync(cancellationToken))
        {
            using FeedIterator feed = events.GetChangeFeedStreamIterator(
                ChangeFeedStartFrom.Beginning(range), ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = ItemsPerQuery });
            while (feed.HasMoreResults)
            {
                using ResponseMessage response = await feed.ReadNextAsync(cancellationToken);
                if (response.StatusCode == HttpStatusCode.NotModified)
                {
                    break; // The end of this range, as far as it is written now.
                }
                if (response.StatusCode != HttpStatusCode.OK)
                {
                    throw CosmosFault.Of(response, events);
                }
                using JsonDocument page = ItemJson.Parse(response.Content);
                foreach (JsonElement item in page.RootElement.GetProperty("Documents"u8).EnumerateArray().Where(static i => !SnapshotJson.IsSnapshot(i)))
                {
                    yield return item;
                }
            }
        }
    }

    /// <summary>The change feed, one physical partition after the other; of a single stream, a query.</summary>
    public Task<CommitLogPage> ReadPageAsync(StreamName? stream, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        return stream is null
            ? new CommitFeedPages(events).ReadAsync(continuation, pageSize, cancellationToken)
            : ReadPageOfStreamAsync(stream, continuation, pageSize, cancellationToken);
    }

    public async Task<CommitLink?> FindLinkBeforeAsync(StreamName stream, long version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        QueryDefinition definition = new QueryDefinition(
            "SELECT TOP 1 c.id, c.hash, ARRAY_LENGTH(c.events) AS events FROM c WHERE c.id < @id ORDER BY c.id DESC").WithParameter("@id", Commit.IdOf(version));
        using FeedIterator query = events.GetItemQueryStreamIterator(definition, requestOptions: QueryPage.InPartition(stream.Value));
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            if (page.Count > 0)
            {
                return LinkOf(page.Items[0]);
            }
        }
        return null;
    }

    /// <summary>What the account reports of the container's size, which lags a little behind.</summary>
    public async Task<long?> EstimateCountAsync(CancellationToken cancellationToken)
    {
        using ResponseMessage response = await events.ReadContainerStreamAsync(new ContainerRequestOptions { PopulateQuotaInfo = true }, cancellationToken);
        CosmosFault.ThrowIfFault(response, events);
        const string name = "documentsCount=";
        string? count = response.Headers["x-ms-resource-usage"]?.Split(';').FirstOrDefault(p => p.StartsWith(name, StringComparison.Ordinal));
        return long.TryParse(count?[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    /// <summary>A query across partitions: every stream has one first commit, whose id says so.</summary>
    public async IAsyncEnumerable<StreamName> ReadStreamsAsync(
        string category, StreamName? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string last = after?.Value ?? $"{category}-";
        for (bool hasMore = true; hasMore;)
        {
            int found = 0;
            // The full stop comes right after the hyphen, so it ends the streams of the category.
            QueryDefinition definition = new QueryDefinition(
                $"SELECT TOP {StreamsPerQuery} VALUE c.stream FROM c WHERE c.id = @first AND c.stream > @last AND c.stream < @end ORDER BY c.stream")
                .WithParameter("@first", Commit.IdOf(1)).WithParameter("@last", last).WithParameter("@end", $"{category}.");
            using FeedIterator query = events.GetItemQueryStreamIterator(definition);
            while (query.HasMoreResults)
            {
                using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
                foreach (string name in page.Items.EnumerateArray().Select(i => i.GetString()!))
                {
                    last = name;
                    found++;
                    yield return StreamName.Parse(name);
                }
            }
            hasMore = found == StreamsPerQuery;
        }
    }

    public Task<NewestPage<Delivery>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken) =>
        NewestItems.ReadAsync(events, query, "IS_DEFINED(c.commandId)", CommitJson.ReadDelivery, cancellationToken);

    public async Task<IReadOnlyList<Commit>> ReadByCommandAsync(string commandId, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        List<Commit> commits = [];
        QueryDefinition definition = new QueryDefinition("SELECT * FROM c WHERE c.commandId = @id").WithParameter("@id", commandId);
        using FeedIterator query = events.GetItemQueryStreamIterator(definition);
        while (query.HasMoreResults && commits.Count < limit)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            commits.AddRange(page.Items.EnumerateArray().Select(CommitJson.Read));
        }
        return [.. commits.OrderBy(c => c.Stream.Value, StringComparer.Ordinal).Take(limit)];
    }

    public async Task<IReadOnlyList<Commit>> ReadConversationAsync(string correlationId, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        List<Commit> commits = [];
        QueryDefinition definition = new QueryDefinition("SELECT * FROM c WHERE c.correlationId = @id").WithParameter("@id", correlationId);
        using FeedIterator query = events.GetItemQueryStreamIterator(definition);
        while (query.HasMoreResults && commits.Count < limit)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            commits.AddRange(page.Items.EnumerateArray().Select(CommitJson.Read));
        }
        return [.. commits.OrderBy(c => c.Metadata.Timestamp).ThenBy(c => c.Stream.Value, StringComparer.Ordinal).ThenBy(c => c.FirstVersion).Take(limit)];
    }

    private async Task<CommitLogPage> ReadPageOfStreamAsync(StreamName stream, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        string last = Continuation.Unwrap(stream.Value, continuation) ?? "";
        QueryDefinition definition = new QueryDefinition(string.Create(CultureInfo.InvariantCulture, $"SELECT TOP {pageSize} * FROM c WHERE c.id > @last AND c.id != '{SnapshotJson.Id}' ORDER BY c.id"))
            .WithParameter("@last", last);
        using FeedIterator query = events.GetItemQueryStreamIterator(definition, requestOptions: QueryPage.InPartition(stream.Value));
        // One page of the answer is enough, however much of it fits: the next one begins behind its last item.
        using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
        JsonElement[] items = [.. page.Items.EnumerateArray().Select(i => i.Clone())];
        bool isLast = items.Length < pageSize && page.Continuation is null;
        return new CommitLogPage(
            items, isLast ? null : Continuation.Wrap(stream.Value, items.Length == 0 ? last : items[^1].GetProperty("id"u8).GetString()!));
    }

    private static CommitLink? LinkOf(JsonElement found) =>
        long.TryParse(found.GetProperty("id"u8).GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out long first)
        && found.TryGetProperty("events"u8, out JsonElement count)
            ? new CommitLink(
                first + count.GetInt64() - 1,
                found.TryGetProperty("hash"u8, out JsonElement hash) && hash.ValueKind == JsonValueKind.String ? hash.GetString() : null)
            : null;
}
