namespace Serverless.CosmosEmulator.Http;

/// <summary>Whether a read sees the latest write, or whatever the replica that answers has.</summary>
internal static class ReadConsistency
{
    private static readonly string[] LatestStrategies = ["LatestCommitted", "GlobalStrong"];
    private static readonly string[] LatestLevels = ["Strong", "BoundedStaleness"];

    /// <summary>Two replicas have to agree on such a read. The strategy of a request overrides every level.</summary>
    public static bool IsLatest(CosmosRequest request) =>
        request.Header(HeaderNames.ReadConsistencyStrategy) is { Length: > 0 } strategy
            ? LatestStrategies.Contains(strategy, StringComparer.OrdinalIgnoreCase)
            : LatestLevels.Contains(request.Header(HeaderNames.ConsistencyLevel) ?? request.AccountConsistency, StringComparer.OrdinalIgnoreCase);
}
