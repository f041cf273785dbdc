using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The change feed of container <c>events</c>, by physical partition. A position is the change counter of the partition behind an item,
/// which goes on in the parts of a partition that is split.
/// </summary>
public sealed class CosmosCommitFeed(Container events) : ICommitFeed
{
    private string? containerRid;

    public async Task<IReadOnlyList<CommitFeedRange>> ReadRangesAsync(
        IReadOnlyDictionary<string, string?> positions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(positions);
        (EpkRange Range, string? Position)[] known = [.. positions.Select(p => (EpkRange.OfName(p.Key), p.Value))];
        return
        [
            .. (await events.GetFeedRangesAsync(cancellationToken))
                .Select(r => EpkRange.Parse(r.ToJsonString()))
                .Select(r => new CommitFeedRange(r.Name, PositionOf([.. known.Where(k => k.Range.Intersect(r) is not null).Select(k => k.Position)]))),
        ];
    }

    public async Task<CommitFeedPage> ReadAsync(CommitFeedRange range, int maxItems, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        EpkRange epk = EpkRange.OfName(range.Range);
        ChangeFeedStartFrom start = range.Position is null
            ? ChangeFeedStartFrom.Beginning(FeedRange.FromJsonString(epk.ToJson()))
            : ChangeFeedStartFrom.ContinuationToken(epk.StartAt($"\"{range.Position}\"", await RidAsync(cancellationToken)));
        using FeedIterator feed = events.GetChangeFeedStreamIterator(
            start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = maxItems });
        using ResponseMessage response = await feed.ReadNextAsync(cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return new CommitFeedPage([], IsEnd: true, response.Headers.RequestCharge);
        }
        CosmosFault.ThrowIfFault(response, events);
        using JsonDocument page = ItemJson.Parse(response.Content);
        CommitFeedItem[] items = [.. page.RootElement.GetProperty("Documents"u8).EnumerateArray().Select(Read)];
        return new CommitFeedPage(items, IsEnd: items.Length == 0, response.Headers.RequestCharge);
    }

    private static CommitFeedItem Read(JsonElement item) => new(
        SnapshotJson.IsSnapshot(item) ? null : CommitJson.ReadDelivery(item),
        DateTimeOffset.FromUnixTimeSeconds(item.GetProperty("_ts"u8).GetInt64()),
        item.GetProperty("_lsn"u8).GetInt64().ToString(CultureInfo.InvariantCulture));

    /// <summary>Of ranges that were merged, the one that is behind; the beginning when one of them has not begun.</summary>
    private static string? PositionOf(IReadOnlyList<string?> positions) =>
        positions.Count == 0 || positions.Contains(null) ? null : positions.MinBy(p => long.Parse(p!, CultureInfo.InvariantCulture));

    private async ValueTask<string> RidAsync(CancellationToken cancellationToken)
    {
        if (containerRid is { } known)
        {
            return known;
        }
        using ResponseMessage response = await events.ReadContainerStreamAsync(cancellationToken: cancellationToken);
        CosmosFault.ThrowIfFault(response, events);
        using JsonDocument container = ItemJson.Parse(response.Content);
        return containerRid = container.RootElement.GetProperty("_rid"u8).GetString()!;
    }
}
