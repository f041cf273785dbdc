using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Commits as they are stored, with what only a real store adds to them.</summary>
public sealed class CosmosCommitLogTests(ThreePartitions account) : CommitLogContract, IClassFixture<ThreePartitions>
{
    private readonly CosmosCommitLog log = new(account.Container(ContainerNames.Events));

    protected override ICommitLog Log => log;

    protected override IEventStore Store => account.Events;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_items_of_a_stream_verify_as_they_come_out_of_the_store_and_no_longer_once_one_was_replaced()
    {
        StreamName stream = await WriteAsync(commits: 3);
        BrokenLink? untouched = await VerifyAsync(stream);

        Container events = account.Container(ContainerNames.Events);
        Dictionary<string, JsonElement> item = await events.ReadItemAsync<Dictionary<string, JsonElement>>("0000000002", new PartitionKey(stream.Value), cancellationToken: Token);
        item["actor"] = JsonSerializer.SerializeToElement("mallory");
        await events.ReplaceItemAsync(item, "0000000002", new PartitionKey(stream.Value), cancellationToken: Token);

        Assert.Null(untouched);
        Assert.Equal(new BrokenLink(stream.Value, "0000000002", "Its content is not what was sealed."), await VerifyAsync(stream));
    }

    [Fact]
    public async Task All_items_are_those_of_every_stream_each_in_its_order()
    {
        StreamName[] streams = [await WriteAsync(3), await WriteAsync(2), await WriteAsync(4), await WriteAsync(1)];
        Dictionary<string, CommitChain> chains = streams.ToDictionary(s => s.Value, _ => new CommitChain());

        await foreach (JsonElement item in log.ReadAllItemsAsync(Token))
        {
            if (chains.TryGetValue(item.GetProperty("stream").GetString()!, out CommitChain? chain))
            {
                Assert.Null(chain.Next(item));
            }
        }

        Assert.Equal([3, 2, 4, 1], streams.Select(s => chains[s.Value].Commits));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000)]
    public async Task Pages_have_every_item_once_and_those_of_a_stream_in_its_order(int pageSize)
    {
        StreamName[] streams = [await WriteAsync(3), await WriteAsync(2), await WriteAsync(4), await WriteAsync(1)];
        ILookup<string, string> read = (await ReadPagesAsync(null, pageSize)).ToLookup(i => i.GetProperty("stream").GetString()!, i => i.GetProperty("id").GetString()!);

        string[] Ids(int count) => [.. Enumerable.Range(1, count).Select(i => Commit.IdOf(i))];

        Assert.Equal([Ids(3), Ids(2), Ids(4), Ids(1)], streams.Select(s => read[s.Value]));
        Assert.Equal(Ids(4), (await ReadPagesAsync(streams[2], pageSize)).Select(i => i.GetProperty("id").GetString()!));
    }

    [Fact]
    public async Task Who_goes_on_with_a_continuation_misses_nothing_that_was_written_meanwhile_to_the_same_stream()
    {
        StreamName stream = await WriteAsync(2);
        CommitLogPage first = await log.ReadPageAsync(stream, null, pageSize: 2, Token);
        await AppendAsync(await account.Events.ReadHeadAsync(stream, Token), "c");

        CommitLogPage second = await log.ReadPageAsync(stream, Assert.IsType<string>(first.Continuation), pageSize: 2, Token);

        Assert.Equal("0000000003", Assert.Single(second.Items).GetProperty("id").GetString());
        Assert.Null(second.Continuation);
        Assert.Empty((await log.ReadPageAsync(StreamName.Create("log", "nobody"), null, 10, Token)).Items);
    }

    [Fact]
    public async Task A_page_of_all_streams_tells_whose_snapshot_is_stored_there()
    {
        StreamName stream = await WriteAsync(2);
        StreamHead head = await account.Events.ReadHeadAsync(stream, Token);
        Commit last = await account.Events.ReadAsync(stream, 2, Token).LastAsync(Token);
        Commit next = last with { FirstVersion = 3, Metadata = last.Metadata with { CommandId = "with-snapshot" } };
        await account.Events.AppendAsync(head, next, new StoredSnapshot(3, 1, "{}"u8.ToArray()), Token);

        List<StreamName> snapshots = [];
        string? continuation = null;
        do
        {
            CommitLogPage page = await log.ReadPageAsync(null, continuation, pageSize: 2, Token);
            Assert.DoesNotContain(page.Items, SnapshotJson.IsSnapshot);
            snapshots.AddRange(page.Snapshots);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        Assert.Equal([stream], snapshots.Where(s => s == stream));
    }

    [Fact]
    public async Task A_continuation_of_another_list_is_refused()
    {
        StreamName stream = await WriteAsync(2);
        string? ofStream = (await log.ReadPageAsync(stream, null, 1, Token)).Continuation;
        string? ofAll = (await log.ReadPageAsync(null, null, 1, Token)).Continuation;

        await Assert.ThrowsAsync<InvalidContinuationException>(() => log.ReadPageAsync(null, ofStream, 1, Token));
        await Assert.ThrowsAsync<InvalidContinuationException>(() => log.ReadPageAsync(stream, ofAll, 1, Token));
        await Assert.ThrowsAsync<InvalidContinuationException>(() => log.ReadPageAsync(null, Continuation.Wrap("commits", "\nFF\nrubbish"), 1, Token));
    }

    [Fact]
    public async Task The_link_before_a_version_is_that_of_the_commit_there()
    {
        StreamName stream = await WriteAsync(3);
        Commit[] commits = await account.Events.ReadAsync(stream, 1, Token).ToArrayAsync(Token);

        Assert.Equal(new CommitLink(2, commits[1].Hash), await log.FindLinkBeforeAsync(stream, 3, Token));
        Assert.Equal(new CommitLink(3, commits[2].Hash), await log.FindLinkBeforeAsync(stream, 9, Token));
        Assert.Null(await log.FindLinkBeforeAsync(stream, 1, Token));
    }

    [Fact]
    public async Task The_number_of_commits_is_about_what_was_written()
    {
        await WriteAsync(3);

        Assert.True(await log.EstimateCountAsync(Token) >= 3);
    }

    [Fact]
    public async Task A_conversation_is_found_in_all_streams()
    {
        string conversation = Guid.NewGuid().ToString("N");
        StreamName[] streams = [await WriteAsync(2, conversation), await WriteAsync(1), await WriteAsync(1, conversation)];

        IReadOnlyList<Commit> commits = await log.ReadConversationAsync(conversation, limit: 10, Token);

        Assert.Equal(
            new[] { (streams[0], 1L), (streams[0], 2L), (streams[2], 1L) }.Order(Comparer<(StreamName Stream, long)>.Create(
                (a, b) => string.CompareOrdinal($"{a.Stream}/{a.Item2}", $"{b.Stream}/{b.Item2}"))),
            commits.Select(c => (c.Stream, c.FirstVersion)));
        Assert.Empty(await log.ReadConversationAsync("nobody said this", limit: 10, Token));
    }

    private async Task<StreamName> WriteAsync(int commits, string conversation = "c")
    {
        StreamName stream = StreamName.Create("log", Guid.NewGuid().ToString("N"));
        StreamHead head = StreamHead.StartOf(stream);
        for (int i = 0; i < commits; i++)
        {
            head = await AppendAsync(head, conversation);
        }
        return stream;
    }

    private async Task<StreamHead> AppendAsync(StreamHead head, string conversation)
    {
        Commit commit = new()
        {
            Stream = head.Stream,
            FirstVersion = head.Version + 1,
            Events = [new StoredEvent("log.written", 1, """{"text":"schön","amount":1.50}"""u8.ToArray())],
            Metadata = new CommitMetadata
            {
                CommandId = Guid.NewGuid().ToString("N"),
                CommandType = "write",
                PolicyVersion = "1",
                Actor = "test",
                CorrelationId = conversation,
                Timestamp = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
            },
        };
        return Assert.IsType<AppendResult.Appended>(await account.Events.AppendAsync(head, commit, Token)).Head;
    }

    private async Task<List<JsonElement>> ReadPagesAsync(StreamName? stream, int pageSize)
    {
        List<JsonElement> items = [];
        string? continuation = null;
        do
        {
            CommitLogPage page = await log.ReadPageAsync(stream, continuation, pageSize, Token);
            items.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return items;
    }

    private async Task<BrokenLink?> VerifyAsync(StreamName stream)
    {
        CommitChain chain = new();
        BrokenLink? broken = null;
        await foreach (JsonElement item in log.ReadItemsAsync(stream, Token))
        {
            broken = chain.Next(item);
        }
        return broken;
    }
}
