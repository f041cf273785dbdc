using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Streams in the container <c>events</c>: one item per commit, one logical partition per stream. An append is one create, a load
/// one query of one page, whatever the length of the stream.
/// </summary>
public sealed class CosmosEventStore(Container events) : IEventStore
{
    private const string HeadQuery = "SELECT TOP 1 c.id, ARRAY_LENGTH(c.events) AS length FROM c ORDER BY c.id DESC";
    private const string BackwardsQuery = "SELECT * FROM c WHERE c.id < @before ORDER BY c.id DESC";
    private const string LastBeforeQuery = "SELECT TOP 1 * FROM c WHERE c.id < @before ORDER BY c.id DESC";
    private const string ForwardsQuery = "SELECT * FROM c WHERE c.id >= @from ORDER BY c.id";
    private const string TailQuery = "SELECT * FROM c WHERE c.id >= @from OR c.commandId = @command ORDER BY c.id";

    // Sorts after every id, as the character after '9'.
    private const string AfterEveryId = ":";

    // The first page is for callers who need a few commits; who reads on gets pages as large as the service allows.
    private const int FirstPage = 100;
    private const int LargestPage = -1;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    public async Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using FeedIterator query = Query(stream, new QueryDefinition(HeadQuery), maxItemCount: 1);
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            if (page.Count > 0)
            {
                return HeadAt(stream, page.Items[0]);
            }
        }
        return StreamHead.StartOf(stream);
    }

    public async Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        BackwardRead read = new(stream, snapshotSchema);
        // With a snapshot every N events, one of the newest N commits has one: a page of N is all there is to read.
        await ReadBackwardsAsync(read, snapshotSchema?.EveryEvents ?? LargestPage, onlyOnePage: true, cancellationToken);
        if (!read.IsDone)
        {
            await ReadBackwardsAsync(read, LargestPage, onlyOnePage: false, cancellationToken);
        }
        return read.Result();
    }

    public async Task<StreamTail> ReadTailAsync(StreamHead head, string? commandId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        // After a conflict this sees the commit that was in the way: the client's session includes failed writes.
        string from = Commit.IdOf(head.Version + 1);
        QueryDefinition definition = commandId is null
            ? new QueryDefinition(ForwardsQuery).WithParameter("@from", from)
            : new QueryDefinition(TailQuery).WithParameter("@from", from).WithParameter("@command", commandId);
        using FeedIterator query = Query(head.Stream, definition, LargestPage);
        List<Commit> commits = [];
        Commit? duplicate = null;
        double charge = 0;
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            charge += page.RequestCharge;
            foreach (JsonElement item in page.Items.EnumerateArray())
            {
                Commit commit = CommitItem.Read(item);
                if (commit.FirstVersion > head.Version)
                {
                    commits.Add(commit);
                }
                if (commit.Metadata.CommandId == commandId)
                {
                    duplicate = commit;
                }
            }
        }
        long version = commits.ThrowOnGapAfter(head.Version);
        return new StreamTail(StreamHead.SeenByStore(head.Stream, version), commits, duplicate, charge);
    }

    public async IAsyncEnumerable<Commit> ReadAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long next = Math.Max(1, fromVersion);
        (List<Commit> page, bool hasMore) = await ReadFirstPageAsync(stream, next, cancellationToken);
        // Callers mostly name the first version of a commit. Only when they name one inside it, its id has to be looked for.
        if (next > 1 && (page.Count == 0 || page[0].FirstVersion > next)
            && await FindAroundAsync(stream, next, cancellationToken) is { } around)
        {
            yield return around;
        }
        foreach (Commit commit in page)
        {
            yield return commit;
            next = commit.LastVersion + 1;
        }
        if (!hasMore)
        {
            yield break;
        }
        using FeedIterator query = Forwards(stream, next, LargestPage);
        while (query.HasMoreResults)
        {
            using QueryPage rest = await QueryPage.NextAsync(query, events, cancellationToken);
            foreach (JsonElement item in rest.Items.EnumerateArray())
            {
                yield return CommitItem.Read(item);
            }
        }
    }

    public async Task<AppendResult> AppendAsync(StreamHead head, Commit commit, CancellationToken cancellationToken)
    {
        CommitRules.Check(head, commit);
        using MemoryStream item = CommitItem.Write(commit);
        // The id is the version of the first event, so this create fails if a rival was faster, and the unique key on the command
        // id makes it fail if this very command was committed before. Both are 409; the tail tells them apart.
        using ResponseMessage response = await events.CreateItemStreamAsync(
            item, new PartitionKey(commit.Stream.Value), NoContent, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Created => new AppendResult.Appended(
                StreamHead.SeenByStore(commit.Stream, commit.LastVersion), response.Headers.RequestCharge),
            HttpStatusCode.Conflict => new AppendResult.Conflict(response.Headers.RequestCharge),
            HttpStatusCode.RequestEntityTooLarge => throw new CommitTooLargeException(commit.Stream, item.Length),
            _ => throw CosmosFault.Of(response, events),
        };
    }

    private FeedIterator Query(StreamName stream, QueryDefinition definition, int maxItemCount) =>
        events.GetItemQueryStreamIterator(definition, requestOptions: QueryPage.InPartition(stream.Value, maxItemCount));

    private FeedIterator Forwards(StreamName stream, long fromVersion, int maxItemCount) =>
        Query(stream, new QueryDefinition(ForwardsQuery).WithParameter("@from", Commit.IdOf(fromVersion)), maxItemCount);

    private async Task<(List<Commit> Page, bool HasMore)> ReadFirstPageAsync(
        StreamName stream, long fromVersion, CancellationToken cancellationToken)
    {
        List<Commit> commits = [];
        using FeedIterator query = Forwards(stream, fromVersion, FirstPage);
        while (query.HasMoreResults && commits.Count == 0)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            foreach (JsonElement item in page.Items.EnumerateArray())
            {
                commits.Add(CommitItem.Read(item));
            }
        }
        return (commits, query.HasMoreResults);
    }

    /// <summary>The commit that begins before a version and ends at or after it.</summary>
    private async Task<Commit?> FindAroundAsync(StreamName stream, long version, CancellationToken cancellationToken)
    {
        QueryDefinition definition = new QueryDefinition(LastBeforeQuery).WithParameter("@before", Commit.IdOf(version));
        using FeedIterator query = Query(stream, definition, maxItemCount: 1);
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            if (page.Count > 0)
            {
                Commit last = CommitItem.Read(page.Items[0]);
                return last.LastVersion >= version ? last : null;
            }
        }
        return null;
    }

    private async Task ReadBackwardsAsync(BackwardRead read, int maxItemCount, bool onlyOnePage, CancellationToken cancellationToken)
    {
        QueryDefinition definition = new QueryDefinition(BackwardsQuery).WithParameter("@before", read.OldestId ?? AfterEveryId);
        using FeedIterator query = Query(read.Stream, definition, maxItemCount);
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            read.Add(page);
            if (onlyOnePage || read.IsDone)
            {
                break;
            }
        }
        read.IsDone |= !query.HasMoreResults;
    }

    private static StreamHead HeadAt(StreamName stream, JsonElement row)
    {
        long first = long.Parse(row.GetProperty("id"u8).GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);
        return StreamHead.SeenByStore(stream, first + row.GetProperty("length"u8).GetInt64() - 1);
    }

    /// <summary>Collects commits from the newest to the first one whose snapshot can be used.</summary>
    private sealed class BackwardRead(StreamName stream, SnapshotSchema? schema)
    {
        private readonly List<Commit> commits = [];
        private StoredSnapshot? snapshot;
        private double charge;

        public StreamName Stream { get; } = stream;

        public string? OldestId { get; private set; }

        public bool IsDone { get; set; }

        public void Add(QueryPage page)
        {
            charge += page.RequestCharge;
            foreach (JsonElement item in page.Items.EnumerateArray())
            {
                Commit commit = CommitItem.Read(item);
                if (schema is not null && commit.Snapshot?.SchemaVersion == schema.SchemaVersion)
                {
                    snapshot = commit.Snapshot;
                    IsDone = true;
                    return;
                }
                commits.Add(commit);
                OldestId = Commit.IdOf(commit.FirstVersion);
            }
        }

        public StreamLoad Result()
        {
            commits.Reverse();
            long version = commits.ThrowOnGapAfter(snapshot?.Version ?? 0);
            return new StreamLoad(StreamHead.SeenByStore(Stream, version), snapshot, commits, charge);
        }
    }
}
