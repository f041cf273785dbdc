using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Records of consumers in the container <c>consumers</c>: one logical partition and one item per consumer.</summary>
public sealed class CosmosConsumerStore(Container container) : IConsumerStore
{
    private const string RecordId = "record";

    private readonly ContainerPresence presence = new(container);

    public async Task<ConsumerRecord?> ReadAsync(string consumer, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(
            RecordId, new PartitionKey(consumer), cancellationToken: cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            await presence.EnsureAsync(cancellationToken);
            return null;
        }
        ThrowIfFault(response);
        using JsonDocument item = ItemJson.Parse(response.Content);
        return item.RootElement.Deserialize(ConsumerItemJson.Default.ConsumerItem)!.ToRecord(response.Headers.ETag);
    }

    public async Task<bool> TryWriteAsync(ConsumerRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        using MemoryStream item = new(JsonSerializer.SerializeToUtf8Bytes(ConsumerItem.Of(record), ConsumerItemJson.Default.ConsumerItem));
        PartitionKey key = new(record.Consumer);
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = record.ETag };
        using ResponseMessage response = record.ETag is null
            ? await container.CreateItemStreamAsync(item, key, options, cancellationToken)
            : await container.ReplaceItemStreamAsync(item, RecordId, key, options, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed
            || (record.ETag is not null && CosmosFault.MayBeMissingItem(response)))
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
    internal sealed record ConsumerItem
    {
        public required string Id { get; init; }

        public required string Consumer { get; init; }

        public required ConsumerCounts Counts { get; init; }

        public DateTimeOffset? LastProgressAt { get; init; }

        public DateTimeOffset? LastAuditAt { get; init; }

        public DateTimeOffset? LastHealedAt { get; init; }

        public required IReadOnlyDictionary<string, RangeProgress> Ranges { get; init; }

        public required IReadOnlyDictionary<string, FeedFault> Faults { get; init; }

        public static ConsumerItem Of(ConsumerRecord record) => new()
        {
            Id = RecordId,
            Consumer = record.Consumer,
            Counts = record.Counts,
            LastProgressAt = record.LastProgressAt,
            LastAuditAt = record.LastAuditAt,
            LastHealedAt = record.LastHealedAt,
            Ranges = record.Ranges,
            Faults = record.Faults,
        };

        public ConsumerRecord ToRecord(string etag) => new()
        {
            Consumer = Consumer,
            Counts = Counts,
            LastProgressAt = LastProgressAt,
            LastAuditAt = LastAuditAt,
            LastHealedAt = LastHealedAt,
            Ranges = Ranges,
            Faults = Faults,
            ETag = etag,
        };
    }
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(CosmosConsumerStore.ConsumerItem))]
internal sealed partial class ConsumerItemJson : JsonSerializerContext;
