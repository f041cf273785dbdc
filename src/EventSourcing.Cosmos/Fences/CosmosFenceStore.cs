using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Fences in the container <c>fences</c>: one logical partition and one item per consumer and stream, and one item for where each
/// consumer began. Read and written by id alone.
/// </summary>
public sealed class CosmosFenceStore(Container container) : IFenceStore
{
    private const string FenceId = "fence";
    private const string StartsId = "starts"; // And its partition: that of a fence has a slash in it.

    private readonly ContainerPresence presence = new(container);
    private readonly ConditionalRecords<StartsItem> starts = new(container, StartsId, FencesJson.Default.StartsItem);

    public async Task<FenceRead> ReadAsync(string consumer, StreamName stream, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(
            FenceId, new PartitionKey(PartitionOf(consumer, stream)), cancellationToken: cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            await presence.EnsureAsync(cancellationToken);
            return new FenceRead(Fence: null, response.Headers.RequestCharge);
        }
        CosmosFault.ThrowIfFault(response, container);
        using JsonDocument item = ItemJson.Parse(response.Content);
        StreamFence fence = new()
        {
            Consumer = consumer,
            Stream = stream,
            Version = item.RootElement.Deserialize(FencesJson.Default.FenceItem)!.Version,
            ETag = response.Headers.ETag,
        };
        return new FenceRead(fence, response.Headers.RequestCharge);
    }

    public async Task<FenceWrite> TryWriteAsync(StreamFence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fence);
        string partition = PartitionOf(fence.Consumer, fence.Stream);
        FenceItem item = new() { Id = FenceId, Partition = partition, Version = fence.Version };
        using MemoryStream content = new(JsonSerializer.SerializeToUtf8Bytes(item, FencesJson.Default.FenceItem));
        PartitionKey key = new(partition);
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = fence.ETag };
        using ResponseMessage response = fence.ETag is null
            ? await container.CreateItemStreamAsync(content, key, options, cancellationToken)
            : await container.ReplaceItemStreamAsync(content, FenceId, key, options, cancellationToken);
        if (CosmosFault.IsLostRace(response, fence.ETag))
        {
            return new FenceWrite(IsWritten: false, response.Headers.RequestCharge);
        }
        CosmosFault.ThrowIfFault(response, container);
        return new FenceWrite(IsWritten: true, response.Headers.RequestCharge);
    }

    public async Task<ConsumerStarts?> ReadStartsAsync(CancellationToken cancellationToken) =>
        await starts.ReadAsync(StartsId, cancellationToken) is ({ } item, var etag)
            ? new ConsumerStarts { Consumers = item.Consumers, ETag = etag }
            : null;

    public Task<bool> TryWriteStartsAsync(ConsumerStarts starts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(starts);
        StartsItem item = new() { Id = StartsId, Partition = StartsId, Consumers = starts.Consumers };
        return this.starts.TryWriteAsync(StartsId, item, starts.ETag, cancellationToken);
    }

    private static string PartitionOf(string consumer, StreamName stream) => $"{consumer}/{stream}";

    /// <summary>The stored form of a fence. Mirrors the item.</summary>
    internal sealed record FenceItem
    {
        public required string Id { get; init; }

        public required string Partition { get; init; }

        public required long Version { get; init; }
    }

    /// <summary>The stored form of the start points. Mirrors the item.</summary>
    internal sealed record StartsItem
    {
        public required string Id { get; init; }

        public required string Partition { get; init; }

        public required IReadOnlyDictionary<string, ConsumerStart> Consumers { get; init; }
    }
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(CosmosFenceStore.FenceItem))]
[JsonSerializable(typeof(CosmosFenceStore.StartsItem))]
internal sealed partial class FencesJson : JsonSerializerContext;
