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

    public async Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(commandIds);
        List<Commit> commits = [];
        List<Commit> duplicates = [];
        ChargeCounter charge = new();
        long next = head.Version + 1;
        // The session of this client knows nothing of what others have just committed, and a replica may lag behind them.
        QueryDefinition definition = commandIds.Count == 0 ? Forwards(next, MoreCommits) : ForwardsOrOf(commandIds, next, MoreCommits);
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
                if (commandIds.Contains(commit.Metadata.CommandId))
                {
                    duplicates.Add(commit);
                }
            }
            hasMore = found == MoreCommits;
        }
        commits.ThrowOnGapAfter(head.Version);
        StreamHead end = commits.Count == 0 ? head : StreamHead.SeenByStore(commits[^1]);
        return new StreamTail(end, commits, duplicates, charge.Sum);
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

    public async Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken)
    {
        CommitRules.Check(head, commits, snapshot);
        SealedCommits @sealed = SealedCommits.After(head, commits);
        ReadOnlyMemory<byte>? item = snapshot is null ? null : @sealed.Write(snapshot);
        return await LostAnswer.RepeatAsync(
            async () =>
                // The events go first: when the store refuses the snapshot, they are written without it.
                (item is { } json ? await AppendInBatchAsync(@sealed, (snapshot!.Version, json), cancellationToken) : null)
                ?? (commits.Count == 1
                    ? await AppendAloneAsync(@sealed, cancellationToken)
                    : await AppendInBatchAsync(@sealed, snapshot: null, cancellationToken))
                ?? throw new CommitTooLargeException(head.Stream, @sealed.SizeBytes),
            cancellationToken);
    }

    private async Task<AppendResult> AppendAloneAsync(SealedCommits commits, CancellationToken cancellationToken)
    {
        Commit commit = commits.Commits[0];
        using MemoryStream item = ItemJson.StreamOver(commits.Items.First());
        // The id is the version of the first event, so this create fails if a rival was faster, and the unique key on the command
        // id makes it fail if this very command was committed before. Both are 409; the tail tells them apart.
        using ResponseMessage response = await events.CreateItemStreamAsync(
            item, new PartitionKey(commit.Stream.Value), NoContent, cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Created => new AppendResult.Appended(
                StreamHead.SeenByStore(commit), commits.Commits, response.Headers.RequestCharge),
            HttpStatusCode.Conflict => new AppendResult.Conflict(response.Headers.RequestCharge),
            HttpStatusCode.RequestEntityTooLarge => throw new CommitTooLargeException(commit.Stream, item.Length),
            HttpStatusCode.Forbidden when CosmosFault.IsFull(response) => throw CommitTooLargeException.StreamFull(commit.Stream, item.Length),
            _ => throw CosmosFault.Of(response, events),
        };
    }

    /// <summary>
    /// All or nothing, in one request; a snapshot can't be older than the one it replaces. Null when there is no room for all, or when the
    /// snapshot was refused.
    /// </summary>
    private async Task<AppendResult?> AppendInBatchAsync(
        SealedCommits commits, (long Version, ReadOnlyMemory<byte> Item)? snapshot, CancellationToken cancellationToken)
    {
        Commit last = commits.Commits[^1];
        TransactionalBatch batch = events.CreateTransactionalBatch(new PartitionKey(last.Stream.Value));
        foreach (ReadOnlyMemory<byte> item in commits.Items)
        {
            batch.CreateItemStream(ItemJson.StreamOver(item), NoContentInBatch); // A stream over memory has nothing to dispose of.
        }
        if (snapshot is { } replaced)
        {
            batch.UpsertItemStream(ItemJson.StreamOver(replaced.Item), NoContentInBatch);
        }
        using TransactionalBatchResponse response = await batch.ExecuteInAsync(events, cancellationToken);
        bool isSnapshotRefused = snapshot is not null && response.Count > 0
            && response.Take(commits.Commits.Count).All(r => r.StatusCode == HttpStatusCode.FailedDependency);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => new AppendResult.Appended(StreamHead.SeenByStore(last), commits.Commits, response.RequestCharge)
            {
                SnapshotVersion = snapshot?.Version,
            },
            HttpStatusCode.RequestEntityTooLarge => null,
            _ when isSnapshotRefused => null,
            HttpStatusCode.Conflict => new AppendResult.Conflict(response.RequestCharge),
            HttpStatusCode.Forbidden when CosmosFault.IsFull(response) => throw CommitTooLargeException.StreamFull(last.Stream, commits.SizeBytes),
            _ => throw CosmosFault.Of(response, events),
        };
    }

    private static QueryDefinition Backwards(string before, int limit) =>
        new QueryDefinition($"SELECT TOP {limit} * FROM c WHERE c.id < @before ORDER BY c.id DESC").WithParameter("@before", before);

    private static QueryDefinition SnapshotAndBackwards(int limit) => new(
        $"SELECT TOP {limit} * FROM c WHERE c.id < '{AfterEveryCommit}' OR c.id = '{SnapshotJson.Id}' ORDER BY c.id DESC");

    private static QueryDefinition Forwards(long fromVersion, int limit) =>
        new QueryDefinition($"SELECT TOP {limit} * FROM c WHERE c.id >= @from AND c.id < '{AfterEveryCommit}' ORDER BY c.id").WithParameter("@from", Commit.IdOf(fromVersion));

    private static QueryDefinition ForwardsOrOf(IReadOnlyCollection<string> commandIds, long fromVersion, int limit)
    {
        // One id is the usual case, and an equality; of several the index looks up each.
        string ids = string.Join(", ", Enumerable.Range(0, commandIds.Count).Select(i => $"@command{i}"));
        QueryDefinition query = new QueryDefinition(
                $"SELECT TOP {limit} * FROM c WHERE (c.id >= @from AND c.id < '{AfterEveryCommit}') OR c.commandId {(commandIds.Count == 1 ? $"= {ids}" : $"IN ({ids})")} ORDER BY c.id")
            .WithParameter("@from", Commit.IdOf(fromVersion));
        foreach ((int i, string id) in commandIds.Index())
        {
            query = query.WithParameter($"@command{i}", id);
        }
        return query;
    }

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
