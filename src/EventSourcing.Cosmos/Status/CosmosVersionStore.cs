using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The versions of projections in the container <c>consumers</c>: one item per projection, beside the records of its consumers, whose
/// partitions bear a version in their name.
/// </summary>
public sealed class CosmosVersionStore(Container container) : IVersionStore
{
    private const string RecordId = "versions";

    private readonly ConditionalRecords<VersionsItem> records = new(container, RecordId, VersionsItemJson.Default.VersionsItem);

    public async Task<ProjectionVersions?> ReadAsync(string projection, CancellationToken cancellationToken) =>
        await records.ReadAsync(projection, cancellationToken) is ({ } item, var etag)
            ? new ProjectionVersions { Projection = item.Consumer, Versions = item.Versions, ETag = etag }
            : null;

    public Task<bool> TryWriteAsync(ProjectionVersions versions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        VersionsItem item = new() { Id = RecordId, Consumer = versions.Projection, Versions = versions.Versions };
        return records.TryWriteAsync(versions.Projection, item, versions.ETag, cancellationToken);
    }

    /// <summary>The stored form. Mirrors the item.</summary>
    internal sealed record VersionsItem
    {
        public required string Id { get; init; }

        public required string Consumer { get; init; }

        public required IReadOnlyList<ProjectionVersion> Versions { get; init; }
    }
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    UseStringEnumConverter = true,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(CosmosVersionStore.VersionsItem))]
internal sealed partial class VersionsItemJson : JsonSerializerContext;
