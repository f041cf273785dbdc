using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>Reads and checks the documents that create and replace containers, and fills in what the service fills in.</summary>
internal static class ContainerDefinitionReader
{
    private static readonly string[] Refused =
        ["computedProperties", "analyticalStorageTtl", "materializedViewDefinition"];

    private static readonly string[] SystemProperties =
        ["_rid", "_self", "_etag", "_ts", "_docs", "_sprocs", "_triggers", "_udfs", "_conflicts", "statistics"];

    private const string SystemKey = "systemKey";
    private const string SystemKeyPath = "/_partitionKey";

    /// <summary>Only clients from before partition keys were a must may leave the key out.</summary>
    public static ContainerDefinition ReadNew(ReadOnlyMemory<byte> body, bool mayLackKey = false)
    {
        JsonObject document = Parse(body);
        if (mayLackKey && document["partitionKey"] is null)
        {
            document["partitionKey"] = new JsonObject { ["paths"] = new JsonArray(SystemKeyPath), ["kind"] = "Hash", [SystemKey] = true };
        }

        return Read(document, ResourceName.Of(document));
    }

    /// <summary>Key, unique keys and id of a container never change.</summary>
    public static ContainerDefinition ReadReplacement(ReadOnlyMemory<byte> body, ContainerDefinition current)
    {
        JsonObject document = Parse(body);
        ContainerDefinition next = Read(document, ResourceName.Of(document));
        return next.Id != current.Id ? throw Invalid("The id of a container can't be changed.")
            : !SameKeys(next, current) ? throw Invalid("The partition key of a container can't be changed.")
            : !JsonNode.DeepEquals(next.Document[EncryptionPolicy.Property], current.Document[EncryptionPolicy.Property])
                ? throw Invalid("'clientEncryptionPolicy' cannot be changed as part of collection replace operation.")
            : !SameUniqueKeys(next, current) ? throw Invalid("The unique keys of a container can't be changed.")
            : next;
    }

    private static ContainerDefinition Read(JsonObject document, string id)
    {
        foreach (string property in Refused)
        {
            if (document[property] is not null)
            {
                throw new RefusedException(Errors.Unsupported($"Containers with '{property}'"));
            }
        }

        foreach (string property in SystemProperties)
        {
            document.Remove(property);
        }

        (IReadOnlyList<JsonPath> paths, bool hierarchical) = PartitionKey(document);
        IReadOnlyList<UniqueKey> uniqueKeys = UniqueKeys(document);
        int? timeToLive = TimeToLive(document);
        JsonPath? timeToLivePath = document["ttlPropertyPath"] is { } start ? Path(start) : null;
        if (timeToLivePath is not null && timeToLive is null)
        {
            throw Invalid("A time to live property path needs a default time to live.");
        }

        IndexingPolicy.CheckAndComplete(document);
        FullTextPolicy.Check(document["fullTextPolicy"]);
        document["conflictResolutionPolicy"] ??= new JsonObject
        {
            ["mode"] = "LastWriterWins",
            ["conflictResolutionPath"] = "/_ts",
            ["conflictResolutionProcedure"] = "",
        };
        document["geospatialConfig"] ??= new JsonObject { ["type"] = "Geography" };
        return new ContainerDefinition(id, paths, hierarchical, uniqueKeys, timeToLive, timeToLivePath, document)
        {
            HasSystemKey = document["partitionKey"]?[SystemKey] is JsonValue isSystem && isSystem.TryGetValue(out bool set) && set,
            CompositeIndexes = IndexingPolicy.CompositeIndexes(document),
            IndexedPaths = IndexedPaths.From(document["indexingPolicy"]?.AsObject() ?? []),
        };
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonNode.Parse(body.Span) as JsonObject ?? throw Invalid("A container is a JSON object.");
        }
        catch (JsonException exception)
        {
            throw Invalid(exception.Message);
        }
    }

    private static (IReadOnlyList<JsonPath> Paths, bool Hierarchical) PartitionKey(JsonObject document)
    {
        if (document["partitionKey"] is not JsonObject key || key["paths"] is not JsonArray { Count: > 0 } paths)
        {
            throw Invalid("A container needs a partition key.");
        }

        string kind = Text(key["kind"]) ?? "Hash";
        bool hierarchical = kind == "MultiHash";
        if (!hierarchical && kind != "Hash")
        {
            throw new RefusedException(Errors.Unsupported($"Partition keys of kind '{kind}'"));
        }

        if (paths.Count > (hierarchical ? Limits.HierarchicalPaths : 1))
        {
            throw Invalid("The partition key has too many paths.");
        }

        // A missing version in the answer makes clients hash as in version 1, so it is always there. COSMOS-PROTOCOL §2.1.
        key["kind"] = kind;
        key["version"] = 2;
        return ([.. paths.Select(Path)], hierarchical);
    }

    private static IReadOnlyList<UniqueKey> UniqueKeys(JsonObject document)
    {
        if (document["uniqueKeyPolicy"] is not JsonObject policy || policy["uniqueKeys"] is not JsonArray keys)
        {
            return [];
        }

        return
        [
            .. keys.Select(key => key is JsonObject { } entry && entry["paths"] is JsonArray { Count: > 0 } paths
                ? new UniqueKey([.. paths.Select(Path)])
                : throw Invalid("A unique key needs paths.")),
        ];
    }

    private static int? TimeToLive(JsonObject document)
    {
        if (document["defaultTtl"] is not { } value)
        {
            return null;
        }

        return value is JsonValue number && number.TryGetValue(out int seconds) && seconds is -1 or > 0
            ? seconds
            : throw Invalid("The default time to live must be positive, or -1.");
    }

    private static JsonPath Path(JsonNode? node) => JsonPath.TryParse(Text(node)) ?? throw Invalid($"The path '{node}' is not valid.");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static bool SameKeys(ContainerDefinition left, ContainerDefinition right) =>
        left.Hierarchical == right.Hierarchical && SamePaths(left.PartitionKeyPaths, right.PartitionKeyPaths);

    private static bool SameUniqueKeys(ContainerDefinition left, ContainerDefinition right) =>
        left.UniqueKeys.Count == right.UniqueKeys.Count
        && left.UniqueKeys.Zip(right.UniqueKeys).All(pair => SamePaths(pair.First.Paths, pair.Second.Paths));

    private static bool SamePaths(IReadOnlyList<JsonPath> left, IReadOnlyList<JsonPath> right) =>
        left.Select(path => path.Text).SequenceEqual(right.Select(path => path.Text));

    private static RefusedException Invalid(string detail) => new(Errors.MalformedBody("container", detail));
}
