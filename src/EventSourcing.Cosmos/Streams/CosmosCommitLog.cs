using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>The commits of container <c>events</c> as they are stored.</summary>
public sealed class CosmosCommitLog(Container events) : ICommitLog
{
    private const int ItemsPerQuery = 1_000;

    public async IAsyncEnumerable<JsonElement> ReadItemsAsync(
        StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        string last = "";
        for (bool hasMore = true; hasMore;)
        {
            int found = 0;
            QueryDefinition definition = new QueryDefinition($"SELECT TOP {ItemsPerQuery} * FROM c WHERE c.id > @last ORDER BY c.id").WithParameter("@last", last);
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
                foreach (JsonElement item in page.RootElement.GetProperty("Documents"u8).EnumerateArray())
                {
                    yield return item;
                }
            }
        }
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
}
