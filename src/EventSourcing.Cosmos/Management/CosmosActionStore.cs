using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Operators' actions in the container <c>actions</c>: one logical partition per consumer, one item per action.</summary>
public sealed class CosmosActionStore(Container container) : IActionStore
{
    public async Task WriteAsync(OperatorAction action, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        using MemoryStream item = new(JsonSerializer.SerializeToUtf8Bytes(action, ActionJson.Default.OperatorAction));
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false };
        using ResponseMessage response = await container.UpsertItemStreamAsync(
            item, new PartitionKey(action.Consumer), options, cancellationToken);
        CosmosFault.ThrowIfFault(response, container);
    }

    public async Task<ActionPage> ListAsync(string? consumer, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        string? before = Continuation.Unwrap(QueryOf(consumer), continuation);
        // One more than a page, to know whether there is another.
        QueryDefinition definition = before is null
            ? new QueryDefinition($"SELECT TOP {pageSize + 1} * FROM c ORDER BY c.id DESC")
            : new QueryDefinition($"SELECT TOP {pageSize + 1} * FROM c WHERE c.id < @before ORDER BY c.id DESC").WithParameter("@before", before);
        using FeedIterator query = container.GetItemQueryStreamIterator(definition, requestOptions: consumer is null ? null : QueryPage.InPartition(consumer));
        List<OperatorAction> items = [];
        while (query.HasMoreResults && items.Count <= pageSize)
        {
            using QueryPage page = await QueryPage.NextAsync(query, container, cancellationToken);
            items.AddRange(page.Items.EnumerateArray().Select(i => i.Deserialize(ActionJson.Default.OperatorAction)!));
        }
        return items.Count <= pageSize
            ? new ActionPage(items, Continuation: null)
            : new ActionPage(items[..pageSize], Continuation.Wrap(QueryOf(consumer), items[pageSize - 1].Id));
    }

    private static string QueryOf(string? consumer) => $"actions\n{consumer}";
}

// The system properties that the database adds are skipped.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters = [typeof(UtcInstantConverter)])]
[JsonSerializable(typeof(OperatorAction))]
internal sealed partial class ActionJson : JsonSerializerContext;
