using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The inbox in the container <c>commands</c>: one logical partition per stream, one item per command, and one for the backlog while
/// there is one. Only operators query it, by status. The changes of one stream are the change feed of its logical partition, which the service
/// keeps in the order of the writes. Commands are authenticated: one that this program did not write is read as <see cref="InboxCommand.IsForged"/>.
/// </summary>
public sealed class CosmosInboxStore(Container container, InboxKeys keys) : IInboxStore
{
    private static readonly ItemRequestOptions Latest = new() { ReadConsistencyStrategy = ReadConsistencyStrategy.LatestCommitted };

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    private readonly ContainerPresence presence = new(container);

    public async Task<InboxAdd> TryAddAsync(InboxCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        using MemoryStream item = InboxItem.Write(command, keys);
        using ResponseMessage response = await container.CreateItemStreamAsync(item, KeyOf(command.Stream), NoContent, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Conflict)
        {
            CosmosFault.ThrowIfFault(response, container);
        }
        return new InboxAdd(response.StatusCode == HttpStatusCode.Created, response.Headers.RequestCharge);
    }

    public async Task<InboxCommand?> ReadAsync(StreamName stream, string id, CancellationToken cancellationToken) =>
        await ReadAsync(stream, id, Read, cancellationToken)
        // What another instance has just added may be missing in a replica that lags: before the answer is no, the newest is asked.
        ?? await ReadAsync(stream, id, Read, cancellationToken, Latest);

    public async Task<bool> TrySettleAsync(InboxCommand command, InboxOutcome outcome, TimeSpan keep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(outcome);
        if (command.ETag is null)
        {
            return false; // It was never read, so nothing is known about what would be written over.
        }
        using MemoryStream item = InboxItem.Write(command, keys, outcome, keep);
        using ResponseMessage response = await container.ReplaceItemStreamAsync(
            item, command.Id, KeyOf(command.Stream), IfUnchanged(command.ETag), cancellationToken);
        return IsWritten(response, command.ETag);
    }

    public Task<NewestPage<InboxCommand>> ReadNewestAsync(InboxStatus status, NewestQuery query, CancellationToken cancellationToken) =>
        NewestItems.ReadAsync(container, query, $"c.status = '{InboxItem.WordOf(status)}'", e => InboxItem.ReadListed(e, keys), cancellationToken);

    public async Task<InboxPage> ReadChangesAsync(StreamName stream, string position, int maxChanges, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(position);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxChanges, 1);
        (DateTime? since, string? continuation) = InboxItem.ReadPosition(position);
        ChangeFeedStartFrom start = since is { } time
            ? ChangeFeedStartFrom.Time(time, FeedRange.FromPartitionKey(KeyOf(stream)))
            : ChangeFeedStartFrom.ContinuationToken(continuation);
        FeedIterator opened;
        try
        {
            opened = container.GetChangeFeedStreamIterator(start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = maxChanges });
        }
        catch (ArgumentException) when (continuation is not null)
        {
            return await ReadChangesAsync(stream, InboxItem.Start, maxChanges, cancellationToken); // No token of this client.
        }
        using FeedIterator feed = opened;
        using ResponseMessage response = await feed.ReadNextAsync(cancellationToken);
        if (response.StatusCode == HttpStatusCode.BadRequest && continuation is not null)
        {
            return await ReadChangesAsync(stream, InboxItem.Start, maxChanges, cancellationToken); // No token of this container.
        }
        string next = InboxItem.PositionAfter(response.ContinuationToken);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return new InboxPage([], next, IsEnd: true);
        }
        CosmosFault.ThrowIfFault(response, container);
        using JsonDocument page = ItemJson.Parse(response.Content);
        JsonElement.ArrayEnumerator items = page.RootElement.GetProperty("Documents"u8).EnumerateArray();
        return new InboxPage([.. items.Select(InboxItem.ReadChange).OfType<InboxChange>()], next, IsEnd: false);
    }

    public Task<InboxBacklog?> ReadBacklogAsync(StreamName stream, CancellationToken cancellationToken) =>
        ReadAsync(stream, InboxItem.BacklogId, InboxItem.ReadBacklog, cancellationToken);

    public async Task<bool> TryWriteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backlog);
        using MemoryStream item = InboxItem.Write(backlog);
        using ResponseMessage response = backlog.ETag is null
            ? await container.CreateItemStreamAsync(item, KeyOf(backlog.Stream), NoContent, cancellationToken)
            : await container.ReplaceItemStreamAsync(
                item, InboxItem.BacklogId, KeyOf(backlog.Stream), IfUnchanged(backlog.ETag), cancellationToken);
        return IsWritten(response, backlog.ETag);
    }

    public async Task<bool> TryDeleteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backlog);
        if (backlog.ETag is null)
        {
            return false;
        }
        using ResponseMessage response = await container.DeleteItemStreamAsync(
            InboxItem.BacklogId, KeyOf(backlog.Stream), IfUnchanged(backlog.ETag), cancellationToken);
        return IsWritten(response, backlog.ETag);
    }

    private InboxCommand Read(JsonElement item) => InboxItem.Read(item, keys);

    private async Task<T?> ReadAsync<T>(
        StreamName stream, string id, Func<JsonElement, T> read, CancellationToken cancellationToken, ItemRequestOptions? options = null)
        where T : class
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(id, KeyOf(stream), options, cancellationToken);
        if (CosmosFault.MayBeMissingItem(response))
        {
            await presence.EnsureAsync(cancellationToken);
            return null;
        }
        CosmosFault.ThrowIfFault(response, container);
        using JsonDocument item = ItemJson.Parse(response.Content);
        return read(item.RootElement);
    }

    private static PartitionKey KeyOf(StreamName stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new PartitionKey(stream.Value);
    }

    private static ItemRequestOptions IfUnchanged(string etag) => new() { EnableContentResponseOnWrite = false, IfMatchEtag = etag };

    /// <summary>False when somebody else created, changed or deleted the item first.</summary>
    private bool IsWritten(ResponseMessage response, string? etag)
    {
        if (CosmosFault.IsLostRace(response, etag))
        {
            return false;
        }
        CosmosFault.ThrowIfFault(response, container);
        return true;
    }
}
