using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// The change feed of a container in pages that anybody can go on with later. Physical partitions come one after the other, in the order of
/// their ranges, so that a continuation stays short however many there are, and partitions may split or merge in between: it names
/// the end of the range that is being read, and the client's own token in it.
/// </summary>
internal sealed class CommitFeedPages(Container events)
{
    private const string Query = "commits";
    private const string FirstKey = "";
    private const string EndOfAllKeys = "FF";

    public async Task<CommitLogPage> ReadAsync(string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        Place place = Continuation.Unwrap(Query, continuation) is { } text ? Place.Parse(text) : await FirstAfterAsync(FirstKey, cancellationToken);
        while (true)
        {
            using FeedIterator feed = FeedAt(place, pageSize);
            using ResponseMessage response = await feed.ReadNextAsync(cancellationToken);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    JsonDocument body = ItemJson.Parse(response.Content); // Lives as long as the items.
                    ILookup<bool, JsonElement> items = body.RootElement.GetProperty("Documents"u8).EnumerateArray().ToLookup(SnapshotJson.IsSnapshot);
                    return new CommitLogPage([.. items[false]], Continuation.Wrap(Query, (place with { Token = response.ContinuationToken }).ToString()))
                    {
                        // One that can't be read is ignored by everybody.
                        Snapshots = [.. items[true].Select(i => SnapshotJson.Read(i)?.Head.Stream).OfType<StreamName>()],
                    };
                case HttpStatusCode.NotModified when place.End == EndOfAllKeys:
                    return new CommitLogPage([], Continuation: null);
                case HttpStatusCode.NotModified:
                    place = await FirstAfterAsync(place.End, cancellationToken);
                    break;
                case HttpStatusCode.BadRequest when place.Token is not null:
                    throw new InvalidContinuationException(); // The client can't read it, or it is of another container.
                default:
                    throw CosmosFault.Of(response, events);
            }
        }
    }

    private FeedIterator FeedAt(Place place, int pageSize)
    {
        try
        {
            return events.GetChangeFeedStreamIterator(
                place.Token is { } token ? ChangeFeedStartFrom.ContinuationToken(token) : ChangeFeedStartFrom.Beginning(FeedRange.FromJsonString(place.FeedRangeJson)),
                ChangeFeedMode.LatestVersion,
                new ChangeFeedRequestOptions { PageSizeHint = pageSize });
        }
        catch (ArgumentException)
        {
            throw new InvalidContinuationException();
        }
    }

    /// <summary>The rest of the physical partition that has this key, or of the one that now begins there.</summary>
    private async Task<Place> FirstAfterAsync(string key, CancellationToken cancellationToken)
    {
        string end = (await events.GetFeedRangesAsync(cancellationToken))
            .Select(r => (string)JsonNode.Parse(r.ToJsonString())!["Range"]!["max"]!)
            .Where(max => string.CompareOrdinal(max, key) > 0)
            .Min(StringComparer.Ordinal)!;
        return new Place(key, end, Token: null);
    }

    /// <param name="Start">The first key of the range.</param>
    /// <param name="End">The first key behind it.</param>
    /// <param name="Token">How far the client has come in it; null at its beginning.</param>
    private sealed record Place(string Start, string End, string? Token)
    {
        public string FeedRangeJson => new JsonObject { ["Range"] = new JsonObject { ["min"] = Start, ["max"] = End } }.ToJsonString();

        public static Place Parse(string text) => text.Split('\n', 3) is [var start, var end, var token]
            ? new Place(start, end, token.Length == 0 ? null : token)
            : throw new InvalidContinuationException();

        public override string ToString() => $"{Start}\n{End}\n{Token}";
    }
}
