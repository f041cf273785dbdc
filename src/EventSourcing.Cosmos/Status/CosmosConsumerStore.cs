using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Records of consumers in the container <c>consumers</c>: one logical partition and one item per consumer.</summary>
public sealed class CosmosConsumerStore(Container container) : IConsumerStore
{
    private const string RecordId = "record";

    private readonly ConditionalRecords<ConsumerItem> records = new(container, RecordId, ConsumerItemJson.Default.ConsumerItem);

    public async Task<ConsumerRecord?> ReadAsync(string consumer, CancellationToken cancellationToken) =>
        await records.ReadAsync(consumer, cancellationToken) is ({ } item, var etag) ? item.ToRecord(etag) : null;

    public Task<bool> TryWriteAsync(ConsumerRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return records.TryWriteAsync(record.Consumer, ConsumerItem.Of(record), record.ETag, cancellationToken);
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
