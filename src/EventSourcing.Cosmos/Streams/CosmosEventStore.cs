using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Streams in the container <c>events</c>: one item per commit, one logical partition per stream. An append is one create, a load
/// one query, whatever the length of the stream.
/// </summary>
/// <remarks>
/// Every query is limited by TOP and goes on after the last id it saw, never with a continuation token: the client executes a query
/// with ORDER BY directly only while its result needs no second page. With a token pending it drops the page, asks for a query plan
/// and begins again.
/// </remarks>
public sealed class CosmosEventStore(Container events) : IEventStore
{
    private const string HeadQuery =
        $"SELECT TOP 1 c.id, ARRAY_LENGTH(c.events) AS length, c.hash, c.time FROM c WHERE c.id < '{AfterEveryCommit}' ORDER BY c.id DESC";

    // The character after '9'. What sorts behind it is no commit.
    private const string AfterEveryCommit = ":";

    // The first commits are for callers who need a few; who reads on gets them in thousands.
    private const int FirstCommits = 100;
    private const int MoreCommits = 1_000;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };
    private static readonly TransactionalBatchItemRequestOptions NoContentInBatch = new() { EnableContentResponseOnWrite = false };

    public async Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using FeedIterator query = Query(stream, new QueryDefinition(HeadQuery), ReadConsistencyStrategy.LatestCommitted);
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
        BackwardsLoad load = new(snapshotSchema);
        ChargeCounter charge = new();
        // With a snapshot every N events: the snapshot, the N newest commits at most, and the one that the snapshot was written with.
        int limit = Math.Clamp(snapshotSchema?.EveryEvents + 2 ?? MoreCommits, 1, MoreCommits);
        QueryDefinition definition = snapshotSchema is null ? Backwards(AfterEveryCommit, limit) : SnapshotAndBackwards(limit);
        for (bool hasMore = true; hasMore; definition = Backwards(load.OldestId, limit))
        {
            int found = 0;
            await foreach (JsonElement item in ItemsAsync(stream, definition, charge, cancellationToken))
            {
                load.Add(item);
                found++;
                if (load.IsComplete)
                {
                    break;
                }
            }
            hasMore = !load.IsComplete && found == limit;
            limit = MoreCommits;
        }
        return load.ToResult(stream, charge.Sum);
    }

    public async Task<StreamTail> ReadTailAsync(StreamHead head, string? commandId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        List<Commit> commits = [];
        Commit? duplicate = null;
        ChargeCounter charge = new();
        long next = head.Version + 1;
        // The session of this client knows nothing of what others have just committed, and a replica may lag behind them.
        QueryDefinition definition = commandId is null ? Forwards(next, MoreCommits) : ForwardsOrOf(commandId, next, MoreCommits);
        for (bool hasMore = true; hasMore; definition = Forwards(next, MoreCommits))
        {
            int found = 0;
            await foreach (Commit commit in CommitsAsync(head.Stream, definition, charge, cancellationToken, ReadConsistencyStrategy.LatestCommitted))
            {
                found++;
                if (commit.FirstVersion > head.Version)
                {
                    commits.Add(commit);
                    next = commit.LastVersion + 1;
                }
                if (commit.Metadata.CommandId == commandId)
                {
                    duplicate = commit;
                }
            }
            hasMore = found == MoreCommits;
        }
        commits.ThrowOnGapAfter(head.Version);
        StreamHead end = commits.Count == 0 ? head : StreamHead.SeenByStore(commits[^1]);
        return new StreamTail(end, commits, duplicate, charge.Sum);
    }

    public async IAsyncEnumerable<Commit> ReadAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ChargeCounter charge = new();
        long next = Math.Max(1, fromVersion);
        bool isFirst = true;
        int limit = FirstCommits;
        for (bool hasMore = true; hasMore; limit = MoreCommits)
        {
            int found = 0;
            await foreach (Commit commit in CommitsAsync(stream, Forwards(next, limit), charge, cancellationToken))
            {
                // Callers mostly name the first version of a commit. Only when they name one inside it, its id has to be looked for.
                if (isFirst && commit.FirstVersion > next && await FindAroundAsync(stream, next, cancellationToken) is { } around)
                {
                    yield return around;
                }
                isFirst = false;
                yield return commit;
                next = commit.LastVersion + 1;
                found++;
            }
            hasMore = found == limit;
        }
        if (isFirst && next > 1 && await FindAroundAsync(stream, next, cancellationToken) is { } last)
        {
            yield return last;
        }
    }

    public async Task<AppendResult> AppendAsync(StreamHead head, Commit commit, StoredSnapshot? snapshot, CancellationToken cancellationToken)
    {
        CommitRules.Check(head, commit, snapshot);
        SealedCommit @sealed = CommitJson.Write(commit, head.Hash);
        Commit stored = commit with { PreviousHash = head.Hash, Hash = @sealed.Hash };
        return await LostAnswer.RepeatAsync(
            async () =>
                // The events go first: without room for both, or when the store refuses the snapshot, they are written alone.
                snapshot is not null && SnapshotJson.Write(commit, @sealed, snapshot) is { } item
                && await AppendWithSnapshotAsync(stored, @sealed.Json, snapshot.Version, item, cancellationToken) is { } result
                    ? result
                    : await AppendAloneAsync(stored, @sealed.Json, cancellationToken),
            cancellationToken);
    }

    private async Task<AppendResult> AppendAloneAsync(Commit commit, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        using MemoryStream item = ItemJson.StreamOver(json);
        // The id is the version of the first event, so this create fails if a rival was faster, and the unique key on the command
        // id makes it fail if this very command was committed before. Both are 409; the tail tells them apart.
        using ResponseMessage response = await events.CreateItemStreamAsync(
            item, new PartitionKey(commit.Stream.Value), NoContent, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Created => new AppendResult.Appended(
                StreamHead.SeenByStore(commit), commit, response.Headers.RequestCharge),
            HttpStatusCode.Conflict => new AppendResult.Conflict(response.Headers.RequestCharge),
            HttpStatusCode.RequestEntityTooLarge => throw new CommitTooLargeException(commit.Stream, item.Length),
            HttpStatusCode.Forbidden when CosmosFault.IsFull(response) => throw CommitTooLargeException.StreamFull(commit.Stream, item.Length),
            _ => throw CosmosFault.Of(response, events),
        };
    }

    /// <summary>Both or neither, in one request; a snapshot can't be older than the one it replaces. Null when it stands in the way of the commit.</summary>
    private async Task<AppendResult?> AppendWithSnapshotAsync(
        Commit commit, ReadOnlyMemory<byte> json, long snapshotVersion, ReadOnlyMemory<byte> snapshot, CancellationToken cancellationToken)
    {
        using MemoryStream item = ItemJson.StreamOver(json);
        using MemoryStream replaced = ItemJson.StreamOver(snapshot);
        TransactionalBatch batch = events.CreateTransactionalBatch(new PartitionKey(commit.Stream.Value))
            .CreateItemStream(item, NoContentInBatch)
            .UpsertItemStream(replaced, NoContentInBatch);
        using TransactionalBatchResponse response = await batch.ExecuteInAsync(events, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => new AppendResult.Appended(StreamHead.SeenByStore(commit), commit, response.RequestCharge) { SnapshotVersion = snapshotVersion },
            HttpStatusCode.RequestEntityTooLarge => null,
            _ when response.Count > 0 && response[0].StatusCode == HttpStatusCode.FailedDependency => null,
            HttpStatusCode.Conflict => new AppendResult.Conflict(response.RequestCharge),
            HttpStatusCode.Forbidden when CosmosFault.IsFull(response) => throw CommitTooLargeException.StreamFull(commit.Stream, item.Length),
            _ => throw CosmosFault.Of(response, events),
        };
    }

    private static QueryDefinition Backwards(string before, int limit) =>
        new QueryDefinition($"SELECT TOP {limit} * FROM c WHERE c.id < @before ORDER BY c.id DESC").WithParameter("@before", before);

    private static QueryDefinition SnapshotAndBackwards(int limit) => new(
        $"SELECT TOP {limit} * FROM c WHERE c.id < '{AfterEveryCommit}' OR c.id = '{SnapshotJson.Id}' ORDER BY c.id DESC");

    private static QueryDefinition Forwards(long fromVersion, int limit) =>
        new QueryDefinition($"SELECT TOP {limit} * FROM c WHERE c.id >= @from AND c.id < '{AfterEveryCommit}' ORDER BY c.id").WithParameter("@from", Commit.IdOf(fromVersion));

    private static QueryDefinition ForwardsOrOf(string commandId, long fromVersion, int limit) =>
        new QueryDefinition($"SELECT TOP {limit} * FROM c WHERE (c.id >= @from AND c.id < '{AfterEveryCommit}') OR c.commandId = @command ORDER BY c.id")
            .WithParameter("@from", Commit.IdOf(fromVersion))
            .WithParameter("@command", commandId);

    private FeedIterator Query(StreamName stream, QueryDefinition definition, ReadConsistencyStrategy? consistency)
    {
        QueryRequestOptions requestOptions = QueryPage.InPartition(stream.Value);
        requestOptions.ReadConsistencyStrategy = consistency;
        return events.GetItemQueryStreamIterator(definition, requestOptions: requestOptions);
    }

    private async IAsyncEnumerable<Commit> CommitsAsync(
        StreamName stream, QueryDefinition definition, ChargeCounter charge, [EnumeratorCancellation] CancellationToken cancellationToken,
        ReadConsistencyStrategy? consistency = null)
    {
        await foreach (JsonElement item in ItemsAsync(stream, definition, charge, cancellationToken, consistency))
        {
            yield return CommitJson.Read(item);
        }
    }

    private async IAsyncEnumerable<JsonElement> ItemsAsync(
        StreamName stream, QueryDefinition definition, ChargeCounter charge, [EnumeratorCancellation] CancellationToken cancellationToken,
        ReadConsistencyStrategy? consistency = null)
    {
        using FeedIterator query = Query(stream, definition, consistency);
        while (query.HasMoreResults)
        {
            using QueryPage page = await QueryPage.NextAsync(query, events, cancellationToken);
            charge.Add(page.RequestCharge);
            foreach (JsonElement item in page.Items.EnumerateArray())
            {
                yield return item;
            }
        }
    }

    /// <summary>The commit that begins before a version and ends at or after it.</summary>
    private async Task<Commit?> FindAroundAsync(StreamName stream, long version, CancellationToken cancellationToken)
    {
        await foreach (Commit last in CommitsAsync(stream, Backwards(Commit.IdOf(version), limit: 1), new ChargeCounter(), cancellationToken))
        {
            return last.LastVersion >= version ? last : null;
        }
        return null;
    }

    private static StreamHead HeadAt(StreamName stream, JsonElement row)
    {
        long first = long.Parse(row.GetProperty("id"u8).GetString()!, NumberStyles.None, CultureInfo.InvariantCulture);
        return StreamHead.SeenByStore(
            stream, first + row.GetProperty("length"u8).GetInt64() - 1, row.TryGetProperty("hash"u8, out JsonElement hash) ? hash.GetString() : null,
            row.GetProperty("time"u8).GetDateTimeOffset());
    }

    private sealed class ChargeCounter
    {
        public double Sum { get; private set; }

        public void Add(double charge) => Sum += charge;
    }
}
