using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Items of one id, one per logical partition, each written only while it is as it was read.</summary>
internal sealed class ConditionalRecords<TItem>(Container container, string id, JsonTypeInfo<TItem> json)
    where TItem : class
{
    private readonly ContainerPresence presence = new(container);

    /// <summary>The item of a partition with its ETag; null when there is none.</summary>
    public async Task<(TItem Item, string ETag)?> ReadAsync(string partition, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(id, new PartitionKey(partition), cancellationToken: cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            await presence.EnsureAsync(cancellationToken);
            return null;
        }
        CosmosFault.ThrowIfFault(response, container);
        using JsonDocument item = ItemJson.Parse(response.Content);
        return (item.RootElement.Deserialize(json)!, response.Headers.ETag);
    }

    /// <summary>False when another writer was faster. An ETag of null is for an item that is not there.</summary>
    public async Task<bool> TryWriteAsync(string partition, TItem item, string? etag, CancellationToken cancellationToken)
    {
        using MemoryStream content = new(JsonSerializer.SerializeToUtf8Bytes(item, json));
        PartitionKey key = new(partition);
        ItemRequestOptions options = new() { EnableContentResponseOnWrite = false, IfMatchEtag = etag };
        using ResponseMessage response = etag is null
            ? await container.CreateItemStreamAsync(content, key, options, cancellationToken)
            : await container.ReplaceItemStreamAsync(content, id, key, options, cancellationToken);
        if (CosmosFault.IsLostRace(response, etag))
        {
            return false;
        }
        CosmosFault.ThrowIfFault(response, container);
        return true;
    }
}
