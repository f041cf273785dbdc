using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CommitJsonTests
{
    private const string Previous = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly DateTimeOffset HalfPastNine = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_full_commit_is_written_as_its_golden_file() => Golden.AssertSame("commit.full.format1.json", CommitJson.Write(Full(), Previous).Json);

    [Fact]
    public void A_minimal_commit_is_written_as_its_golden_file() => Golden.AssertSame("commit.minimal.format1.json", CommitJson.Write(Minimal(), previousHash: null).Json);

    [Fact]
    public void An_instant_with_an_offset_is_written_in_UTC()
    {
        Commit commit = Minimal();
        DateTimeOffset elsewhere = HalfPastNine.ToOffset(TimeSpan.FromHours(5.5));

        Golden.AssertSame("commit.minimal.format1.json", CommitJson.Write(commit with { Metadata = commit.Metadata with { Timestamp = elsewhere } }, previousHash: null).Json);
    }

    [Fact]
    public void A_full_golden_file_is_read()
    {
        Commit commit = CommitJson.Read(Golden.Element("commit.full.format1.json"));

        Assert.Equal("account-7f3a", commit.Stream.Value);
        Assert.Equal((7, 8), (commit.FirstVersion, commit.LastVersion));
        Assert.Equal(Full().Metadata with { CommandData = default }, commit.Metadata with { CommandData = default });
        Assert.Equal("""{ "amount": { "minorUnits": 1250, "currency": "EUR" } }""", Text(commit.Metadata.CommandData));
        Assert.Equal([("account.money-deposited", 2), ("account.unfrozen", 1)], commit.Events.Select(e => (e.Type, e.SchemaVersion)));
        Assert.Equal("""{ "amount": { "minorUnits": 1250, "currency": "EUR" } }""", Text(commit.Events[0].Data));
    }

    [Theory]
    [InlineData("commit.minimal.format1.json")]
    [InlineData("commit.from-change-feed.json")]
    public void A_minimal_golden_file_is_read_and_system_members_are_ignored(string file)
    {
        Commit commit = CommitJson.Read(Golden.Element(file));

        Assert.Equal(1, commit.FirstVersion);
        Assert.Null(commit.Metadata.CausationId);
        Assert.Null(commit.Metadata.TraceParent);
        Assert.True(commit.Metadata.CommandData.IsEmpty);
        Assert.Null(commit.PreviousHash);
        Assert.Equal(HalfPastNine, commit.Metadata.Timestamp);
        Assert.Equal(TimeSpan.Zero, commit.Metadata.Timestamp.Offset);
    }

    [Fact]
    public void What_was_read_outlives_the_document_it_was_read_from()
    {
        Commit commit;
        using (JsonDocument document = JsonDocument.Parse(Golden.Bytes("commit.full.format1.json")))
        {
            commit = CommitJson.Read(document.RootElement);
        }
        for (int i = 0; i < 100; i++)
        {
            using JsonDocument other = JsonDocument.Parse(Golden.Bytes("commit.minimal.format1.json")); // Takes the pooled memory.
        }
        Assert.Equal("""{ "amount": { "minorUnits": 1250, "currency": "EUR" } }""", Text(commit.Events[0].Data));
    }

    [Theory]
    [InlineData("id", "7", "'id' is not a version in ten digits")]
    [InlineData("id", "0000000000", "'id' is not a version in ten digits")]
    [InlineData("id", "00000000x1", "'id' is not a version in ten digits")]
    [InlineData("id", null, "'id' is not a string")]
    [InlineData("stream", "noid", "'stream' is not a stream name")]
    [InlineData("stream", "-7", "'stream' is not a stream name")]
    [InlineData("stream", null, "'stream' is not a string")]
    [InlineData("format", null, "'format' is not a whole number")]
    [InlineData("format", "1", "'format' is not a whole number")]
    [InlineData("commandId", null, "'commandId' is not a string")]
    [InlineData("command", null, "'command' is not an object")]
    [InlineData("actor", null, "'actor' is not a string")]
    [InlineData("correlationId", null, "'correlationId' is not a string")]
    [InlineData("time", null, "'time' is not an instant")]
    [InlineData("time", "yesterday", "'time' is not an instant")]
    [InlineData("events", null, "'events' is not an array of at least one event")]
    public void A_missing_or_wrong_member_is_named(string member, string? value, string reason)
    {
        JsonObject item = JsonNode.Parse(Golden.Bytes("commit.full.format1.json"))!.AsObject();
        if (value is null)
        {
            item.Remove(member);
        }
        else
        {
            item[member] = value;
        }

        CommitFormatException e = Assert.Throws<CommitFormatException>(() => Read(item));

        Assert.Equal(reason, e.Reason);
        Assert.Equal(member == "id" ? value : "0000000007", e.Id);
        Assert.Equal(member == "stream" ? value : "account-7f3a", e.Stream);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"format":2}""", "its format is 2; this version reads 1")]
    [InlineData("""{"events":[]}""", "'events' is not an array of at least one event")]
    [InlineData("""{"events":[7]}""", "'events[0]' is not an object")]
    [InlineData("""{"events":[{"v":1,"data":{}}]}""", "'events[].type' is not a string")]
    [InlineData("""{"events":[{"type":"a","data":{}}]}""", "'events[].v' is not a whole number")]
    [InlineData("""{"events":[{"type":"a","v":0,"data":{}}]}""", "'events[].v' is not a schema version")]
    [InlineData("""{"events":[{"type":"a","v":1.5,"data":{}}]}""", "'events[].v' is not a whole number")]
    [InlineData("""{"events":[{"type":"a","v":1}]}""", "'events[].data' is missing")]
    [InlineData("""{"command":{"policy":"1"}}""", "'command.type' is not a string")]
    [InlineData("""{"command":{"type":"open"}}""", "'command.policy' is not a string")]
    [InlineData("""{"causationId":7}""", "'causationId' is not a string")]
    public void A_wrong_value_inside_is_named(string changes, string reason)
    {
        JsonObject item = JsonNode.Parse(Golden.Bytes("commit.full.format1.json"))!.AsObject();
        foreach ((string member, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            item[member] = value?.DeepClone();
        }

        Assert.Equal(reason, Assert.Throws<CommitFormatException>(() => Read(item)).Reason);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void What_is_no_object_is_no_commit(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        CommitFormatException e = Assert.Throws<CommitFormatException>(() => CommitJson.Read(document.RootElement));
        Assert.Null(e.Stream);
        Assert.Null(e.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{} , \"stolen\": {}")]
    [InlineData("{\"open\":")]
    public void A_payload_that_is_not_json_is_refused_before_it_is_sent(string payload)
    {
        Commit commit = Minimal() with { Events = [new StoredEvent("account.opened", 1, Encoding.UTF8.GetBytes(payload))] };

        Assert.ThrowsAny<ArgumentException>(() => CommitJson.Write(commit, previousHash: null));
    }

    [Fact]
    public void The_bytes_of_the_whole_item_count_towards_the_limit()
    {
        // The payload alone fits; with the members around it it does not.
        string text = new('x', Limits.MaxCommitBytes - 100);
        Commit commit = Minimal() with { Events = [new StoredEvent("account.opened", 1, Encoding.UTF8.GetBytes($$"""{"t":"{{text}}"}"""))] };

        CommitTooLargeException e = Assert.Throws<CommitTooLargeException>(() => CommitJson.Write(commit, previousHash: null));
        Assert.True(e.SizeBytes > Limits.MaxCommitBytes);
    }

    [Fact]
    public void The_golden_files_are_sealed()
    {
        Assert.Equal((Previous, CommitJson.HashOf(Golden.Element("commit.full.format1.json"))), SealOf("commit.full.format1.json"));
        Assert.Equal((null, CommitJson.HashOf(Golden.Element("commit.minimal.format1.json"))), SealOf("commit.minimal.format1.json"));
        // What the database adds is no part of the seal.
        Assert.Equal(SealOf("commit.minimal.format1.json"), SealOf("commit.from-change-feed.json"));

        static (string? Previous, string? Hash) SealOf(string file) =>
            (CommitJson.Read(Golden.Element(file)).PreviousHash, CommitJson.Read(Golden.Element(file)).Hash);
    }

    private static Commit Minimal() => new()
    {
        Stream = StreamName.Create("account", "7f3a"),
        FirstVersion = 1,
        Events = [new StoredEvent("account.opened", 1, """{"owner":"Alice"}"""u8.ToArray())],
        Metadata = new CommitMetadata
        {
            CommandId = "c0ffee",
            CommandType = "open",
            PolicyVersion = "1",
            Actor = "system",
            CorrelationId = "c0ffee",
            Timestamp = HalfPastNine,
        },
    };

    private static Commit Full() => new()
    {
        Stream = StreamName.Create("account", "7f3a"),
        FirstVersion = 7,
        Events =
        [
            new StoredEvent("account.money-deposited", 2, """{"amount":{"minorUnits":1250,"currency":"EUR"}}"""u8.ToArray()),
            new StoredEvent("account.unfrozen", 1, "{}"u8.ToArray()),
        ],
        Metadata = new CommitMetadata
        {
            CommandId = "c0ffee",
            CommandType = "deposit",
            CommandData = """{"amount":{"minorUnits":1250,"currency":"EUR"}}"""u8.ToArray(),
            PolicyVersion = "2",
            Actor = "user:aad:7c9e6679-7425-40de-944b-e07fc1f90ae7",
            ActorName = "alice@example.com",
            CorrelationId = "conversation-1",
            CausationId = "account-9/3",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Timestamp = HalfPastNine.AddTicks(1_234_567),
        },
    };

    [Fact]
    public void A_snapshot_is_written_as_its_golden_file_and_read_back()
    {
        StoredSnapshot snapshot = new(8, 3, """{"balance":1250}"""u8.ToArray());

        Golden.AssertSame("snapshot.format1.json", SnapshotJson.Write(Full(), CommitJson.Write(Full(), Previous).Hash, Limits.MaxCommitBytes, snapshot)!.Value);

        (StreamHead head, StoredSnapshot read) = SnapshotJson.Read(Golden.Element("snapshot.format1.json"))!.Value;
        Assert.Equal((8, 3, """{ "balance": 1250 }"""), (read.Version, read.SchemaVersion, Text(read.Data)));
        Assert.Equal(
            (Full().Stream, 8, CommitJson.HashOf(Golden.Element("commit.full.format1.json")), Full().Metadata.Timestamp), (head.Stream, head.Version, head.Hash, head.Timestamp));
    }

    [Theory]
    [InlineData("format", "2")]
    [InlineData("stream", "\"nowhere\"")]
    [InlineData("version", "0")]
    [InlineData("version", "1.5")]
    [InlineData("time", "\"yesterday\"")]
    [InlineData("v", "0")]
    [InlineData("hash", "7")]
    [InlineData("data", null)]
    public void A_snapshot_that_can_not_be_read_is_none(string member, string? json)
    {
        JsonObject item = JsonNode.Parse(Golden.Bytes("snapshot.format1.json"))!.AsObject();
        item.Remove(member);
        if (json is not null)
        {
            item[member] = JsonNode.Parse(json);
        }
        using JsonDocument document = JsonDocument.Parse(item.ToJsonString());

        Assert.True(SnapshotJson.IsSnapshot(document.RootElement));
        Assert.Null(SnapshotJson.Read(document.RootElement));
    }

    private static Commit Read(JsonObject item)
    {
        using JsonDocument document = JsonDocument.Parse(item.ToJsonString());
        return CommitJson.Read(document.RootElement);
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
