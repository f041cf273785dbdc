using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>Indexing policies are kept, checked and completed. What they exclude changes charges and can't be ordered by; filters work all the same.</summary>
internal static class IndexingPolicy
{
    public static void CheckAndComplete(JsonObject container)
    {
        if (container["indexingPolicy"] is not JsonObject policy)
        {
            policy = [];
            container["indexingPolicy"] = policy;
        }

        string mode = (policy["indexingMode"] is JsonValue value && value.TryGetValue(out string? text) ? text : "consistent").ToLowerInvariant();
        if (mode is not ("consistent" or "none"))
        {
            throw mode == "lazy" ? new RefusedException(Errors.Unsupported("Lazy indexing policies")) : Invalid($"The indexing mode '{mode}' is unknown.");
        }

        policy["indexingMode"] = mode;
        policy["automatic"] ??= mode == "consistent";
        CompleteSpatialIndexes(policy["spatialIndexes"]);
        CheckPaths(policy["includedPaths"]);
        CheckPaths(policy["excludedPaths"]);
        if (mode == "none")
        {
            return;
        }

        if (policy["includedPaths"] is not JsonArray { Count: > 0 } && policy["excludedPaths"] is not JsonArray { Count: > 0 })
        {
            policy["includedPaths"] = new JsonArray(new JsonObject { ["path"] = "/*" });
        }

        policy["includedPaths"] ??= new JsonArray();
        if (policy["excludedPaths"] is not JsonArray excluded)
        {
            policy["excludedPaths"] = excluded = [];
        }

        const string etag = "/\"_etag\"/?";
        if (!excluded.Any(entry => PathOf(entry) == etag))
        {
            excluded.Add(new JsonObject { ["path"] = etag });
        }
    }

    /// <summary>The kinds and precisions of indexes on a path are of old: the service drops them when a newer client replaces the policy.</summary>
    public static void DropKinds(JsonObject container)
    {
        foreach (JsonObject path in (container["indexingPolicy"]?["includedPaths"] as JsonArray ?? []).OfType<JsonObject>())
        {
            path.Remove("indexes");
        }
    }

    /// <summary>The composite indexes of a checked container.</summary>
    public static IReadOnlyList<CompositeIndex> CompositeIndexes(JsonObject container) => container["indexingPolicy"]?["compositeIndexes"] is JsonArray indexes
        ?
        [
            .. indexes.OfType<JsonArray>().Select(index => new CompositeIndex([.. index.Select(entry =>
                (PathOf(entry) ?? throw Invalid("A composite index needs paths."), IsDescending(entry)))])),
        ]
        : [];

    private static bool IsDescending(JsonNode? entry) =>
        entry?["order"] is JsonValue value && value.TryGetValue(out string? order) && order.Equals("descending", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whatever types a spatial index names, the service keeps all of them; naming none is an error.</summary>
    private static void CompleteSpatialIndexes(JsonNode? indexes)
    {
        foreach (JsonObject index in (indexes as JsonArray ?? []).OfType<JsonObject>())
        {
            if (index["types"] is not JsonArray { Count: > 0 })
            {
                throw Invalid(
                    "The spatial data types array cannot be empty. Assign at least one spatial type for the 'types' array for the path "
                    + $"'{PathOf(index)}'.");
            }

            index["types"] = new JsonArray("Point", "LineString", "Polygon", "MultiPolygon");
        }
    }

    private static void CheckPaths(JsonNode? paths)
    {
        if (paths is null)
        {
            return;
        }

        foreach (JsonNode? entry in paths as JsonArray ?? throw Invalid("Included and excluded paths are lists."))
        {
            if (PathOf(entry) is "/")
            {
                continue; // Of old: the root and all below it.
            }

            if (PathOf(entry) is not ['/', ..] path || !(path[^1] is '*' or '?'))
            {
                throw Invalid($"The indexing path '{PathOf(entry)}' could not be accepted: it begins with '/' and ends with '?' or '*'.");
            }
        }
    }

    private static string? PathOf(JsonNode? entry) =>
        entry is JsonObject path && path["path"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static RefusedException Invalid(string detail) => new(Errors.MalformedBody("indexing policy", detail));
}
