using System.Collections.Concurrent;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What a request of the client asks for.</summary>
public enum CosmosRequestKind
{
    /// <summary>Accounts, databases, containers, partition key ranges: read once per client and cached by it.</summary>
    Metadata,
    Create,
    Read,
    Replace,
    Query,
    QueryPlan,
    Batch,
    Other,
}

/// <summary>Writes down the requests that go through it.</summary>
public sealed class RequestLog(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentQueue<CosmosRequestKind> requests = new();

    /// <summary>The requests of an action apart from metadata. Nothing else may use the client meanwhile.</summary>
    public async Task<CosmosRequestKind[]> OfAsync(Func<Task> action)
    {
        int before = requests.Count;
        await action();
        return [.. requests.Skip(before).Where(r => r != CosmosRequestKind.Metadata)];
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        requests.Enqueue(KindOf(request));
        return base.SendAsync(request, cancellationToken);
    }

    private static CosmosRequestKind KindOf(HttpRequestMessage request)
    {
        string path = request.RequestUri!.AbsolutePath;
        if (!path.Contains("/docs", StringComparison.Ordinal))
        {
            return CosmosRequestKind.Metadata;
        }
        return request.Method.Method switch
        {
            "GET" => CosmosRequestKind.Read,
            "PUT" => CosmosRequestKind.Replace,
            "POST" when Has(request, "x-ms-cosmos-is-batch-request") => CosmosRequestKind.Batch,
            "POST" when Has(request, "x-ms-cosmos-is-query-plan-request") => CosmosRequestKind.QueryPlan,
            "POST" when Has(request, "x-ms-documentdb-isquery") => CosmosRequestKind.Query,
            "POST" => CosmosRequestKind.Create,
            _ => CosmosRequestKind.Other,
        };
    }

    private static bool Has(HttpRequestMessage request, string header) =>
        request.Headers.TryGetValues(header, out IEnumerable<string>? values)
        && values.Any(v => string.Equals(v, "true", StringComparison.OrdinalIgnoreCase));
}
