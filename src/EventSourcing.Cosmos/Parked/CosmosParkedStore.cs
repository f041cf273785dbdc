using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Parked streams in the container <c>parked</c>: one logical partition per consumer, one item per stream.</summary>
public sealed class CosmosParkedStore(Container container) : IParkedStore
{
    private const string CountQuery = "SELECT VALUE COUNT(1) FROM c WHERE c.status = @status";
    private const int StreamHashBytes = 16;

    private readonly ContainerPresence presence = new(container);

    public async Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(
            IdOf(stream), new PartitionKey(consumer), cancellationToken: cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            await presence.EnsureAsync(cancellationToken);
            return null;
        }
        CosmosFault.ThrowIfFault(response, container);
        using JsonDocument item = ItemJson.Parse(response.Content);
        return Read(item.RootElement);
    }

    public async Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parked);
        using MemoryStream item = new(JsonSerializer.SerializeToUtf8Bytes(ParkedItem.Of(parked), ParkedItemJson.Default.ParkedItem));
        PartitionKey key = new(parked.Consumer);
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = parked.ETag };
        using ResponseMessage response = parked.ETag is null
            ? await container.CreateItemStreamAsync(item, key, options, cancellationToken)
            : await container.ReplaceItemStreamAsync(item, IdOf(parked.Stream), key, options, cancellationToken);
        if (CosmosFault.IsLostRace(response, parked.ETag))
        {
            return null;
        }
        CosmosFault.ThrowIfFault(response, container);
        return parked with { ETag = response.Headers.ETag };
    }

    public async Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parked);
        using ResponseMessage response = await container.DeleteItemStreamAsync(
            IdOf(parked.Stream), new PartitionKey(parked.Consumer), new ItemRequestOptions { IfMatchEtag = parked.ETag }, cancellationToken);
        if (CosmosFault.IsLostRace(response, parked.ETag))
        {
            return false;
        }
        CosmosFault.ThrowIfFault(response, container);
        return true;
    }

    public async Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        // One more than a page, to know whether there is another.
        QueryDefinition definition = new QueryDefinition($"SELECT TOP {pageSize + 1} * FROM c WHERE c.id > @after ORDER BY c.id")
            .WithParameter("@after", Continuation.Unwrap(consumer, continuation) ?? "");
        using FeedIterator query = container.GetItemQueryStreamIterator(definition, requestOptions: QueryPage.InPartition(consumer));
        List<ParkedStream> items = [];
        while (query.HasMoreResults && items.Count <= pageSize)
        {
            using QueryPage page = await QueryPage.NextAsync(query, container, cancellationToken);
            items.AddRange(page.Items.EnumerateArray().Select(Read));
        }
        return items.Count <= pageSize
            ? new ParkedPage(items, Continuation: null)
            : new ParkedPage(items[..pageSize], Continuation.Wrap(consumer, IdOf(items[pageSize - 1].Stream)));
    }

    public async Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken)
    {
        using FeedIterator query = container.GetItemQueryStreamIterator(
            new QueryDefinition(CountQuery).WithParameter("@status", status == ParkedStatus.Parked ? "parked" : "failing"),
            requestOptions: QueryPage.InPartition(consumer));
        int count = 0;
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, container, cancellationToken);
            count += page.Items.EnumerateArray().Sum(i => i.GetInt32());
        }
        return count;
    }

    // A stream name is an id as it is. What is none may have characters that no id can have, so its hash stands for it.
    private static string IdOf(string stream)
    {
        int hyphen = stream.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0 && StreamName.TryCreate(stream[..hyphen], stream[(hyphen + 1)..], out _)
            ? stream
            : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stream)).AsSpan(0, StreamHashBytes));
    }

    private static ParkedStream Read(JsonElement item) =>
        item.Deserialize(ParkedItemJson.Default.ParkedItem)!.ToRecord(item.GetProperty("_etag"u8).GetString()!);

    /// <summary>The stored form. Mirrors the item.</summary>
    internal sealed record ParkedItem
    {
        public required string Id { get; init; }

        public required string Consumer { get; init; }

        public required string Stream { get; init; }

        public required ParkedStatus Status { get; init; }

        public required long FromVersion { get; init; }

        public required long ThroughVersion { get; init; }

        public required string Error { get; init; }

        public string? ErrorType { get; init; }

        public string? StackTrace { get; init; }

        public required int Attempts { get; init; }

        public required DateTimeOffset FirstFailedAt { get; init; }

        public required DateTimeOffset LastFailedAt { get; init; }

        public DateTimeOffset? NextRetryAt { get; init; }

        public string? CorrelationId { get; init; }

        public static ParkedItem Of(ParkedStream record) => new()
        {
            Id = IdOf(record.Stream),
            Consumer = record.Consumer,
            Stream = record.Stream,
            Status = record.Status,
            FromVersion = record.FromVersion,
            ThroughVersion = record.ThroughVersion,
            Error = record.Error,
            ErrorType = record.ErrorType,
            StackTrace = record.StackTrace,
            Attempts = record.Attempts,
            FirstFailedAt = record.FirstFailedAt,
            LastFailedAt = record.LastFailedAt,
            NextRetryAt = record.NextRetryAt,
            CorrelationId = record.CorrelationId,
        };

        public ParkedStream ToRecord(string etag) => new()
        {
            Consumer = Consumer,
            Stream = Stream,
            Status = Status,
            FromVersion = FromVersion,
            ThroughVersion = ThroughVersion,
            Error = Error,
            ErrorType = ErrorType,
            StackTrace = StackTrace,
            Attempts = Attempts,
            FirstFailedAt = FirstFailedAt,
            LastFailedAt = LastFailedAt,
            NextRetryAt = NextRetryAt,
            CorrelationId = CorrelationId,
            ETag = etag,
        };
    }
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(UtcInstantConverter), typeof(ParkedStatusConverter)])]
[JsonSerializable(typeof(CosmosParkedStore.ParkedItem))]
internal sealed partial class ParkedItemJson : JsonSerializerContext;

internal sealed class ParkedStatusConverter()
    : JsonStringEnumConverter<ParkedStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
