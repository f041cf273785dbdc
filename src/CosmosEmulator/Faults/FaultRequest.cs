using System.Text.Json;
using Serverless.CosmosEmulator.Batch;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Faults;

/// <summary>A request as fault rules see it. What costs something to find out is found out when it is asked for.</summary>
public sealed class FaultRequest
{
    private readonly CosmosRequest request;
    private readonly ResourcePath path;
    private IReadOnlyList<string>? itemIds;

    internal FaultRequest(CosmosRequest request, in ResourcePath path)
    {
        this.request = request;
        this.path = path;
        Operation = OperationOf(request, path);
    }

    /// <summary>Exactly one kind.</summary>
    public FaultOperations Operation { get; }

    public string Method => request.Method;

    /// <summary>Path and query as they were sent.</summary>
    public string Target => request.Target;

    /// <summary>As in the path: a name or a resource id. Empty when the request is about no database.</summary>
    public string Database => path.Database;

    /// <summary>As in the path: a name or a resource id. Empty when the request is about no container.</summary>
    public string Container => path.Container;

    /// <summary>The JSON array that the client sent, null if there was none.</summary>
    public string? PartitionKey => request.Header(HeaderNames.PartitionKey);

    public ReadOnlyMemory<byte> Body => request.Body;

    /// <summary>The items that the request is about: one of a point operation, all of a batch, none of a query.</summary>
    public IReadOnlyList<string> ItemIds => itemIds ??= ReadItemIds();

    /// <summary>Whether a replica that lags may answer it. Writes and batches go to the primary.</summary>
    internal bool MayBeStale => (Operation & FaultOperations.Reads) != 0 && !ReadConsistency.IsLatest(request);

    public string? Header(string name) => request.Header(name);

    private static FaultOperations OperationOf(CosmosRequest request, in ResourcePath path) => (request.Method, path.Kind) switch
    {
        ("GET", PathKind.Item) => FaultOperations.Read,
        ("PUT", PathKind.Item) => FaultOperations.Replace,
        ("PATCH", PathKind.Item) => FaultOperations.Patch,
        ("DELETE", PathKind.Item) => FaultOperations.Delete,
        ("GET", PathKind.Items) => request.Header(HeaderNames.ChangeFeed) is null ? FaultOperations.ReadFeed : FaultOperations.ChangeFeed,
        ("POST", PathKind.Items) => RouteTable.KindOfPost(request) switch
        {
            PostKind.Batch => request.IsSet(HeaderNames.BatchAtomic) ? FaultOperations.Batch : FaultOperations.Bulk,
            PostKind.QueryPlan => FaultOperations.QueryPlan,
            PostKind.Query => FaultOperations.Query,
            PostKind.Upsert => FaultOperations.Upsert,
            _ => FaultOperations.Create,
        },
        _ => FaultOperations.Metadata,
    };

    private IReadOnlyList<string> ReadItemIds()
    {
        try
        {
            return Operation switch
            {
                FaultOperations.Create or FaultOperations.Upsert => IdOf(request.Body) is { } id ? [id] : [],
                FaultOperations.Batch or FaultOperations.Bulk =>
                    [.. BatchHandler.Read(request.Body).Select(operation => operation.Id ?? IdOf(operation.Body)).OfType<string>()],
                _ => path.Kind == PathKind.Item ? [path.Id] : [],
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or RefusedException)
        {
            return []; // The request is going to be refused for what it is.
        }
    }

    private static string? IdOf(ReadOnlyMemory<byte> item)
    {
        using JsonDocument document = JsonDocument.Parse(item);
        return document.RootElement.TryGetProperty("id"u8, out JsonElement id) ? id.GetString() : null;
    }
}
