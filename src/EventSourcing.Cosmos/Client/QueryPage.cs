using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>One page of a query as JSON. Its elements live until it is disposed.</summary>
internal sealed class QueryPage : IDisposable
{
    private readonly JsonDocument body;

    private QueryPage(JsonDocument body, string? continuation, double requestCharge)
    {
        this.body = body;
        Items = body.RootElement.GetProperty("Documents"u8);
        Count = Items.GetArrayLength();
        Continuation = continuation;
        RequestCharge = requestCharge;
    }

    public JsonElement Items { get; }

    public int Count { get; }

    public string? Continuation { get; }

    public double RequestCharge { get; }

    /// <summary>
    /// For queries inside one logical partition. Without optimistic direct execution the client asks for a query plan before a
    /// query with ORDER BY: a second request. It keeps to one only as long as the result needs no second page, so the queries limit
    /// themselves with TOP, and the size of a page is left to the service.
    /// </summary>
    public static QueryRequestOptions InPartition(string partitionKey) => new()
    {
        PartitionKey = new PartitionKey(partitionKey),
        EnableOptimisticDirectExecution = true,
        MaxItemCount = -1,
    };

    /// <exception cref="CosmosException">The store answered with a fault.</exception>
    /// <exception cref="ContainerMissingException">There is no such container or database.</exception>
    public static async Task<QueryPage> NextAsync(FeedIterator query, Container container, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await query.ReadNextAsync(cancellationToken);
        CosmosFault.ThrowIfFault(response, container);
        return new QueryPage(ItemJson.Parse(response.Content), response.ContinuationToken, response.Headers.RequestCharge);
    }

    public void Dispose() => body.Dispose();
}
