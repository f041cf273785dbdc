using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Commits as they are stored, with what only a real store adds to them.</summary>
public sealed class CosmosCommitLogTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private readonly CosmosCommitLog log = new(account.Container(ContainerNames.Events));

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
            Commit commit = new()
            {
                Stream = stream,
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
            head = Assert.IsType<AppendResult.Appended>(await account.Events.AppendAsync(head, commit, Token)).Head;
        }
        return stream;
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
