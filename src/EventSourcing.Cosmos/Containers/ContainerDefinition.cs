using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>One container as <c>infra/containers.json</c> describes it; the templates that deploy read the same file.</summary>
public sealed record ContainerDefinition
{
    public required string Name { get; init; }

    /// <summary>What it is for, and why it is indexed as it is.</summary>
    public required string Description { get; init; }

    public required IReadOnlyList<string> PartitionKeyPaths { get; init; }

    /// <summary>One unique key per path.</summary>
    public required IReadOnlyList<string> UniqueKeyPaths { get; init; }

    public required IndexingDefinition IndexingPolicy { get; init; }

    /// <summary>Seconds; -1 lets items have a time to live of their own; null turns it off.</summary>
    public required int? DefaultTtl { get; init; }

    /// <summary>Every container of the system, in the order of the file.</summary>
    public static IReadOnlyList<ContainerDefinition> All { get; } = ReadAll();

    internal ContainerProperties ToProperties()
    {
        ContainerProperties properties = new()
        {
            Id = Name,
            PartitionKeyPaths = PartitionKeyPaths,
            PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2,
            DefaultTimeToLive = DefaultTtl,
            IndexingPolicy = new IndexingPolicy { Automatic = IndexingPolicy.Automatic, IndexingMode = IndexingMode.Consistent },
        };
        foreach (IndexingPath path in IndexingPolicy.IncludedPaths)
        {
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = path.Path });
        }
        foreach (IndexingPath path in IndexingPolicy.ExcludedPaths)
        {
            properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = path.Path });
        }
        foreach (string path in UniqueKeyPaths)
        {
            UniqueKey key = new();
            key.Paths.Add(path);
            properties.UniqueKeyPolicy.UniqueKeys.Add(key);
        }
        return properties;
    }

    private static ReadOnlyCollection<ContainerDefinition> ReadAll()
    {
        using Stream file = typeof(ContainerDefinition).Assembly.GetManifestResourceStream("containers.json")
            ?? throw new InvalidOperationException("containers.json is not embedded in this assembly.");
        return JsonSerializer.Deserialize(file, ContainerDefinitionJson.Default.ContainerDefinitionArray)!.AsReadOnly();
    }
}

/// <summary>In the form of the resource manager, so that the templates pass it on as it is.</summary>
public sealed record IndexingDefinition(
    bool Automatic, string IndexingMode, IReadOnlyList<IndexingPath> IncludedPaths, IReadOnlyList<IndexingPath> ExcludedPaths);

public sealed record IndexingPath(string Path);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ContainerDefinition[]))]
internal sealed partial class ContainerDefinitionJson : JsonSerializerContext;
