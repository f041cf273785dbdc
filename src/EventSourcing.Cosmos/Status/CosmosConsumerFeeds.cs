using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Reads the leases that the change feed processor of the trigger keeps, and looks at the feed where each of them stands. The client's
/// own estimator counts too, but says 1 for a lease that was never moved and for one whose range was split, and nothing about time.
/// </summary>
public sealed class CosmosConsumerFeeds(Container events, Container commands, Container leases) : IConsumerFeeds
{
    private readonly ContainerFeeds ofEvents = new(events, leases);
    private readonly ContainerFeeds ofCommands = new(commands, leases);

    public Task<IReadOnlyList<FeedPosition>> ReadPositionsAsync(string consumer, CancellationToken cancellationToken) =>
        FeedsOf(consumer).ReadPositionsAsync(consumer, cancellationToken);

    public Task<IReadOnlyList<FeedLag>> ReadLagAsync(string consumer, CancellationToken cancellationToken) =>
        FeedsOf(consumer).ReadLagAsync(consumer, cancellationToken);

    public Task<IReadOnlyList<FeedLag>> ReadLagAsync(IReadOnlyList<CommitFeedRange> ranges, CancellationToken cancellationToken) =>
        ofEvents.ReadLagAsync(ranges, cancellationToken);

    // All consumers read commits but the inbox, which reads commands.
    private ContainerFeeds FeedsOf(string consumer) => consumer == InboxOptions.FeedName ? ofCommands : ofEvents;
}

/// <summary>The leases of the consumers of one container.</summary>
internal sealed class ContainerFeeds(Container monitored, Container leases)
{
    private string? containerRid;

    public async Task<IReadOnlyList<FeedPosition>> ReadPositionsAsync(string consumer, CancellationToken cancellationToken) =>
        [.. (await ReadLeasesAsync(consumer, cancellationToken)).Select(l => l.Position)];

    public async Task<IReadOnlyList<FeedLag>> ReadLagAsync(string consumer, CancellationToken cancellationToken)
    {
        IReadOnlyList<Lease> found = await ReadLeasesAsync(consumer, cancellationToken);
        if (found.Count == 0)
        {
            return [];
        }
        // A lease of a range that was split meanwhile is replaced when its owner next looks; until then its parts are asked one by one.
        IReadOnlyList<FeedRange> physical = await monitored.GetFeedRangesAsync(cancellationToken);
        EpkRange[] parts = [.. physical.Select(r => EpkRange.Parse(r.ToJsonString()))];
        return await Task.WhenAll(found.Select(lease => LagOfAsync(lease, parts, cancellationToken)));
    }

    public async Task<IReadOnlyList<FeedLag>> ReadLagAsync(IReadOnlyList<CommitFeedRange> ranges, CancellationToken cancellationToken) =>
        await Task.WhenAll(ranges.Select(async range =>
        {
            string? position = range.Position is { } counter ? $"\"{counter}\"" : null; // In the form of a lease, an ETag.
            (long commits, long done, PendingCommit? oldest) = await LookAsync(EpkRange.OfName(range.Range), position, cancellationToken);
            return new FeedLag(new FeedPosition(range.Range, range.Position, Owner: null, OwnerSeenAt: null), commits, oldest, done);
        }));

    private async Task<FeedLag> LagOfAsync(Lease lease, EpkRange[] parts, CancellationToken cancellationToken)
    {
        (long commits, long done) = (0, 0);
        PendingCommit? oldest = null;
        foreach (EpkRange part in parts.Select(p => p.Intersect(lease.Range)).OfType<EpkRange>())
        {
            (long count, long before, PendingCommit? first) = await LookAsync(part, lease.Position.Position, cancellationToken);
            commits += count;
            done += before;
            oldest = first is null || oldest?.At <= first.At ? oldest : first;
        }
        return new FeedLag(lease.Position, commits, oldest, done);
    }

    /// <summary>
    /// The first commit after a position, and how many there are from it on: the range's change counter now less the one before that commit.
    /// </summary>
    private async Task<(long Commits, long Done, PendingCommit? First)> LookAsync(EpkRange range, string? position, CancellationToken cancellationToken)
    {
        using ResponseMessage response = await ReadFeedAsync(
            ChangeFeedStartFrom.ContinuationToken(range.StartAt(position, await RidAsync(cancellationToken))), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return (0, FeedCounter.Of(response.Headers.ContinuationToken), null);
        }
        using JsonDocument page = ItemJson.Parse(response.Content);
        JsonElement items = page.RootElement.GetProperty("Documents"u8);
        if (items.GetArrayLength() == 0)
        {
            return (0, FeedCounter.Of(response.Headers.ContinuationToken), null);
        }
        PendingCommit first = ReadPending(items[0]);
        // A read from now on answers with nothing but where now is.
        using ResponseMessage now = await ReadFeedAsync(ChangeFeedStartFrom.Now(FeedRange.FromJsonString(range.ToJson())), cancellationToken);
        long before = items[0].GetProperty("_lsn"u8).GetInt64() - 1;
        return (Math.Max(1, FeedCounter.Of(now.Headers.ContinuationToken) - before), before, first);
    }

    private async Task<ResponseMessage> ReadFeedAsync(ChangeFeedStartFrom start, CancellationToken cancellationToken)
    {
        using FeedIterator feed = monitored.GetChangeFeedStreamIterator(
            start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = 1 });
        ResponseMessage response = await feed.ReadNextAsync(cancellationToken);
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
        {
            return response;
        }
        using (response)
        {
            throw CosmosFault.Of(response, monitored);
        }
    }

    private static PendingCommit ReadPending(JsonElement item)
    {
        if (SnapshotJson.Read(item) is { } snapshot)
        {
            return new PendingCommit(snapshot.Head.Stream.Value, snapshot.Head.Version, snapshot.Head.Timestamp);
        }
        Delivery delivery = CommitJson.ReadDelivery(item);
        // What is no commit has at least the second in which it was written.
        DateTimeOffset at = delivery.Commit?.Metadata.Timestamp ?? DateTimeOffset.FromUnixTimeSeconds(item.GetProperty("_ts"u8).GetInt64());
        return new PendingCommit(delivery.Stream, delivery.FirstVersion, at);
    }

    private async Task<IReadOnlyList<Lease>> ReadLeasesAsync(string consumer, CancellationToken cancellationToken)
    {
        // Whole leases are read: there are few, and their shape is the processor's.
        QueryDefinition definition = new QueryDefinition("SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)")
            .WithParameter("@prefix", LeasePrefix.Of(consumer, monitored, await RidAsync(cancellationToken)));
        using FeedIterator query = leases.GetItemQueryStreamIterator(definition);
        List<Lease> found = [];
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, leases, cancellationToken);
            found.AddRange(page.Items.EnumerateArray().Select(Lease.Read));
        }
        return [.. found.OrderBy(l => l.Position.Range, StringComparer.Ordinal)];
    }

    private async ValueTask<string> RidAsync(CancellationToken cancellationToken)
    {
        if (containerRid is { } known)
        {
            return known;
        }
        using ResponseMessage response = await monitored.ReadContainerStreamAsync(cancellationToken: cancellationToken);
        CosmosFault.ThrowIfFault(response, monitored);
        using JsonDocument container = ItemJson.Parse(response.Content);
        return containerRid = container.RootElement.GetProperty("_rid"u8).GetString()!;
    }
}
