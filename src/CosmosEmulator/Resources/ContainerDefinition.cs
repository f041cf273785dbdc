using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Sql;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>What a container's document says that storage needs to know. Immutable; a replace makes another one.</summary>
internal sealed record ContainerDefinition(
    string Id,
    IReadOnlyList<JsonPath> PartitionKeyPaths,
    bool Hierarchical,
    IReadOnlyList<UniqueKey> UniqueKeys,
    int? DefaultTimeToLive,
    JsonPath? TimeToLivePath,
    JsonObject Document)
{
    /// <summary>Made without a partition key, as old clients could: items without the system's key property are one logical partition.</summary>
    public bool HasSystemKey { get; init; }

    /// <summary>What an ORDER BY of several paths needs.</summary>
    public IReadOnlyList<CompositeIndex> CompositeIndexes { get; init; } = [];

    /// <summary>What writes are charged for.</summary>
    public IndexedPaths IndexedPaths { get; init; } = IndexedPaths.Nothing;
}

/// <summary>Paths whose values together must differ from item to item of one logical partition.</summary>
internal sealed record UniqueKey(IReadOnlyList<JsonPath> Paths);
