using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Refused commands in the container <c>refused</c>: one item per command and version, in the logical partition of its stream.</summary>
public sealed class CosmosRefusedCommandStore(Container container) : IRefusedCommandStore
{
    private const int ItemsPerQuery = 100;
    private const int StreamsPerQuery = 200;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    public async Task<RefusedWrite> TryRecordAsync(RefusedCommand command, TimeSpan keep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        using MemoryStream item = RefusedItem.Write(command, keep);
        // Delivered again it is the same item: the id holds the version and the command.
        using ResponseMessage response = await container.CreateItemStreamAsync(
            item, new PartitionKey(command.Stream.Value), NoContent, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Created => new RefusedWrite(IsRecorded: true, response.Headers.RequestCharge),
            HttpStatusCode.Conflict => new RefusedWrite(IsRecorded: false, response.Headers.RequestCharge),
            _ => throw CosmosFault.Of(response, container),
        };
    }

    public async IAsyncEnumerable<RefusedCommand> ReadAsync(
        StreamName stream, string? afterId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        string last = afterId ?? "";
        for (bool hasMore = true; hasMore;)
        {
            int found = 0;
            QueryDefinition definition = new QueryDefinition($"SELECT TOP {ItemsPerQuery} * FROM c WHERE c.id > @last ORDER BY c.id").WithParameter("@last", last);
            using FeedIterator query = container.GetItemQueryStreamIterator(definition, requestOptions: QueryPage.InPartition(stream.Value));
            while (query.HasMoreResults)
            {
                using QueryPage page = await QueryPage.NextAsync(query, container, cancellationToken);
                foreach (RefusedCommand command in page.Items.EnumerateArray().Select(RefusedItem.Read))
                {
                    last = command.Id;
                    found++;
                    yield return command;
                }
            }
            hasMore = found == ItemsPerQuery;
        }
    }

    public Task<NewestPage<RefusedCommand>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken) =>
        NewestItems.ReadAsync(container, query, "IS_DEFINED(c.stream)", RefusedItem.Read, cancellationToken);

    /// <summary>A query across partitions. A stream with many refusals fills a page by itself; the next one begins behind it.</summary>
    public async IAsyncEnumerable<StreamName> ReadRefusedBeginningsAsync(
        string category, StreamName? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string last = after?.Value ?? $"{category}-";
        for (bool hasMore = true; hasMore;)
        {
            int found = 0;
            // The full stop comes right after the hyphen: it ends the ids of version 0, and the streams of the category.
            QueryDefinition definition = new QueryDefinition(
                $"SELECT TOP {StreamsPerQuery} VALUE c.stream FROM c WHERE c.id >= '0000000000-' AND c.id < '0000000000.' "
                + "AND c.stream > @last AND c.stream < @end ORDER BY c.stream")
                .WithParameter("@last", last).WithParameter("@end", $"{category}.");
            using FeedIterator query = container.GetItemQueryStreamIterator(definition);
            while (query.HasMoreResults)
            {
                using QueryPage page = await QueryPage.NextAsync(query, container, cancellationToken);
                foreach (string name in page.Items.EnumerateArray().Select(i => i.GetString()!))
                {
                    found++;
                    if (name != last)
                    {
                        last = name;
                        yield return StreamName.Parse(name);
                    }
                }
            }
            hasMore = found == StreamsPerQuery;
        }
    }
}
