using System.Net;
using System.Text.Json;
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

    private readonly ContainerPresence presence = new(container);

    public async Task<ProjectionVersions?> ReadAsync(string projection, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(
            RecordId, new PartitionKey(projection), cancellationToken: cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            await presence.EnsureAsync(cancellationToken);
            return null;
        }
        ThrowIfFault(response);
        using JsonDocument item = ItemJson.Parse(response.Content);
        VersionsItem read = item.RootElement.Deserialize(VersionsItemJson.Default.VersionsItem)!;
        return new ProjectionVersions { Projection = read.Consumer, Versions = read.Versions, ETag = response.Headers.ETag };
    }

    public async Task<bool> TryWriteAsync(ProjectionVersions versions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(versions);
        VersionsItem item = new() { Id = RecordId, Consumer = versions.Projection, Versions = versions.Versions };
        using MemoryStream json = new(JsonSerializer.SerializeToUtf8Bytes(item, VersionsItemJson.Default.VersionsItem));
        PartitionKey key = new(versions.Projection);
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = versions.ETag };
        using ResponseMessage response = versions.ETag is null
            ? await container.CreateItemStreamAsync(json, key, options, cancellationToken)
            : await container.ReplaceItemStreamAsync(json, RecordId, key, options, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed
            || (versions.ETag is not null && CosmosFault.MayBeMissingItem(response)))
        {
            return false;
        }
        ThrowIfFault(response);
        return true;
    }

    private void ThrowIfFault(ResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw CosmosFault.Of(response, container);
        }
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
