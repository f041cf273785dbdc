using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Tests;

public sealed class CommitChainTests
{
    private static readonly StreamName Stream = StreamName.Create("account", "7f3a");

    [Fact]
    public void An_untouched_stream_has_no_broken_link() => Assert.Null(Verify(Chain()));

    [Fact]
    public void The_seal_is_the_hash_of_the_canonical_item_without_it_whatever_texts_and_payloads_it_has()
    {
        SealedCommit item = CommitJson.Write(
            Commit(3, """{ "z": 1.10, "a": "\u00e9\u0000\/", "m": [ 1e2, -0.0, { "y": null, "x": "ü" } ] }""") with
            {
                Metadata = Commit(3).Metadata with
                {
                    Actor = "user:aad:1",
                    ActorName = "Zoë \"Z\" <z@example.com>\\\n\ud83d\ude00",
                    CausationId = "account-9/3",
                    TraceParent = "00-1-2-01",
                    CommandData = """{"b":2,"a":1}"""u8.ToArray(),
                },
            },
            previousHash: new string('a', 64));
        using JsonDocument stored = JsonDocument.Parse(item.Json);

        Assert.Equal(item.Hash, CommitJson.HashOf(stored.RootElement));
        Assert.Equal(item.Hash, CommitJson.Read(stored.RootElement).Hash);
    }

    [Fact]
    public void Two_numbers_of_one_double_can_t_have_one_seal()
    {
        // 2101 and 2102 at the end are the same double, so one could be put in the place of the other without a sign.
        Assert.Throws<UnstorableDataException>(() => CommitJson.Write(Commit(1, """{"order":6393160533429932101}"""), previousHash: null));
        SealedCommit item = CommitJson.Write(Commit(1, """{"order":6393160533429932000}"""), previousHash: null);
        string doctored = Encoding.UTF8.GetString(item.Json.Span).Replace("2000", "2001", StringComparison.Ordinal);
        using JsonDocument stored = JsonDocument.Parse(doctored);

        Assert.NotNull(new CommitChain().Next(stored.RootElement));
    }

    [Theory]
    [InlineData(48, true)]
    [InlineData(49, false)]
    [InlineData(60, false)]
    public void An_event_deeper_than_its_readers_allow_is_not_written(int levels, bool isWritten)
    {
        string data = new string('[', levels) + new string(']', levels);

        if (isWritten)
        {
            CommitJson.Write(Commit(1, data), previousHash: null);
        }
        else
        {
            Assert.Contains(
                "The data of 'the command' can't be stored. It nests deeper than 48 levels.",
                Assert.Throws<UnstorableDataException>(() => CommitJson.Write(Commit(1, data), previousHash: null)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_in_a_text_is_sealed_as_it_is_stored()
    {
        SealedCommit item = CommitJson.Write(Commit(1) with { Metadata = Commit(1).Metadata with { Actor = "half \ud83d" } }, previousHash: null);
        using JsonDocument stored = JsonDocument.Parse(item.Json);

        Assert.Equal(item.Hash, CommitJson.HashOf(stored.RootElement));
    }

    [Fact]
    public void What_another_client_wrote_differently_but_left_as_it_was_keeps_its_seal()
    {
        List<JsonObject> chain = Chain();
        chain[1] = Rewritten(chain[1]);
        chain[1]["_etag"] = "\"1\"";
        chain[1]["_ts"] = 1795426200;

        Assert.Null(Verify(chain));

        static JsonObject Rewritten(JsonObject item) =>
            JsonNode.Parse(new JsonObject(item.Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())))
                .ToJsonString(new JsonSerializerOptions { WriteIndented = true }).Replace("7.5", "7.50", StringComparison.Ordinal))!.AsObject();
    }

    [Theory]
    [InlineData("actor", "\"mallory\"")]
    [InlineData("time", "\"2026-11-23T09:30:01Z\"")]
    [InlineData("commandId", "\"other\"")]
    [InlineData("extra", "1")]
    [InlineData("command", """{"type":"deposit","policy":"1","data":{"amount":8}}""")]
    [InlineData("events", """[{"type":"account.money-deposited","v":1,"data":{"amount":75}}]""")]
    public void A_changed_member_breaks_the_chain_at_its_commit(string member, string value)
    {
        List<JsonObject> chain = Chain();
        chain[1][member] = JsonNode.Parse(value);

        Assert.Equal(new BrokenLink("account-7f3a", "0000000002", "Its content is not what was sealed."), Verify(chain));
    }

    [Fact]
    public void A_commit_sealed_anew_breaks_the_chain_behind_it()
    {
        List<JsonObject> chain = Chain();
        chain[1]["actor"] = "mallory";
        using (JsonDocument changed = JsonDocument.Parse(chain[1].ToJsonString()))
        {
            chain[1]["hash"] = CommitJson.HashOf(changed.RootElement);
        }

        Assert.Equal(new BrokenLink("account-7f3a", "0000000003", "It was not written behind the commit that is before it now."), Verify(chain));
    }

    [Fact]
    public void A_missing_commit_is_named_by_the_version_that_is_missing()
    {
        List<JsonObject> chain = Chain();
        chain.RemoveAt(1);

        Assert.Equal(new BrokenLink("account-7f3a", "0000000003", "It begins at version 3; 2 is missing."), Verify(chain));
    }

    [Fact]
    public void A_commit_without_a_seal_or_that_is_none_is_named()
    {
        List<JsonObject> unsealed = Chain();
        unsealed[1].Remove("hash");
        List<JsonObject> broken = Chain();
        broken[1].Remove("events");

        Assert.Equal("It has no seal.", Verify(unsealed)?.Reason);
        Assert.Equal("It is not a commit: 'events' is not an array of at least one event.", Verify(broken)?.Reason);
    }

    [Fact]
    public async Task Every_commit_of_a_store_takes_in_the_hash_of_the_one_before_it()
    {
        InMemoryEventStore store = new();
        StreamHead head = StreamHead.StartOf(Stream);
        for (int version = 1; version <= 3; version++)
        {
            head = Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, Commit(version), TestContext.Current.CancellationToken)).Head;
        }
        List<Commit> commits = [];
        await foreach (Commit commit in store.ReadAsync(Stream, 1, TestContext.Current.CancellationToken))
        {
            commits.Add(commit);
        }

        Assert.Equal([null, .. commits[..2].Select(c => c.Hash)], commits.Select(c => c.PreviousHash));
        Assert.Equal(3, commits.Select(c => c.Hash).Distinct().Count());
        Assert.Equal(commits[2].Hash, head.Hash);
    }

    private static List<JsonObject> Chain()
    {
        List<JsonObject> chain = [];
        string? hash = null;
        for (int version = 1; version <= 4; version++)
        {
            SealedCommit item = CommitJson.Write(Commit(version), hash);
            hash = item.Hash;
            chain.Add(JsonNode.Parse(item.Json.Span)!.AsObject());
        }
        return chain;
    }

    private static BrokenLink? Verify(IEnumerable<JsonObject> items)
    {
        CommitChain chain = new();
        BrokenLink? broken = null;
        foreach (JsonObject item in items)
        {
            using JsonDocument document = JsonDocument.Parse(item.ToJsonString());
            broken = chain.Next(document.RootElement);
        }
        return broken;
    }

    private static Commit Commit(long version, string data = """{"amount":7.5}""") => new()
    {
        Stream = Stream,
        FirstVersion = version,
        Events = [new StoredEvent("account.money-deposited", 1, Encoding.UTF8.GetBytes(data))],
        Metadata = new CommitMetadata
        {
            CommandId = $"c{version}",
            CommandType = "deposit",
            CommandData = Encoding.UTF8.GetBytes(data),
            PolicyVersion = "1",
            Actor = "alice",
            CorrelationId = "c",
            Timestamp = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
        },
    };
}
