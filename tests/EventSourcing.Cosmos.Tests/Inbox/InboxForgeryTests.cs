using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What somebody does who can write to the database and has no key of the inbox.</summary>
public sealed class InboxForgeryTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static readonly string Old = KeyOf(1);
    private static readonly string New = KeyOf(2);

    private readonly StreamName stream = Counter.NewStream();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Container Commands => account.Container(ContainerNames.Commands);

    public static TheoryData<string, Action<JsonObject>> Changes => new()
    {
        { "no HMAC", item => item.Remove("mac") },
        { "an HMAC that is no text of one", item => item["mac"] = "" },
        { "another actor", item => item["actor"] = "user:aad:the-boss" },
        { "another name", item => item["actorName"] = "The Boss" },
        { "another command", item => item["command"]!["type"] = "withdraw" },
        { "another amount", item => item["command"]!["data"]!["amount"] = 1_000_000 },
        { "a number that no program of ours stores", item => item["command"]!["data"]!["amount"] = JsonNode.Parse("1e400") },
        { "no expected version", item => item.Remove("expectedVersion") },
        { "another conversation", item => item["correlationId"] = "other" },
        { "a copy under another id", item => item["id"] = "copy" },
        { "a copy under another id and command id", item => (item["id"], item["commandId"]) = ("copy", "copy") },
        { "a copy in another stream", item => item["stream"] = Counter.NewStream().Value },
    };

    [Theory]
    [MemberData(nameof(Changes), DisableDiscoveryEnumeration = true)]
    public async Task A_command_that_was_changed_or_copied_is_forged(string what, Action<JsonObject> change)
    {
        CosmosInboxStore inbox = Inbox(New);
        await inbox.TryAddAsync(Command(), Token);

        JsonObject item = await ItemAsync();
        change(item);
        await PutAsync(item);

        InboxCommand? read = await inbox.ReadAsync(StreamName.Parse((string)item["stream"]!), (string)item["id"]!, Token);
        Assert.True(read!.IsForged, what);
        Assert.Null(read.Outcome);
    }

    [Fact]
    public async Task A_number_that_the_database_writes_in_another_way_is_the_same_command()
    {
        CosmosInboxStore inbox = Inbox(New);
        await inbox.TryAddAsync(Command(), Token);

        JsonObject item = await ItemAsync();
        item["command"]!["data"]!["amount"] = JsonNode.Parse("1.0e1");
        await PutAsync(item);

        Assert.False((await inbox.ReadAsync(stream, "c1", Token))!.IsForged);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_outcome_can_be_neither_invented_nor_taken_back(bool isSettled)
    {
        CosmosInboxStore inbox = Inbox(New);
        await inbox.TryAddAsync(Command(), Token);
        if (isSettled)
        {
            InboxOutcome rejected = new() { Status = InboxStatus.Rejected, DecidedAt = default, Reason = new Rejection("no", "No.") };
            Assert.True(await inbox.TrySettleAsync((await inbox.ReadAsync(stream, "c1", Token))!, rejected, TimeSpan.FromDays(1), Token));
            Assert.False((await inbox.ReadAsync(stream, "c1", Token))!.IsForged);
        }

        JsonObject item = await ItemAsync();
        item["status"] = isSettled ? "pending" : "accepted";
        item["outcome"] = isSettled ? null : JsonNode.Parse("""{"decided":"2026-11-23T09:30:00Z","version":4,"firstVersion":4,"requestCharge":1}""");
        await PutAsync(item);

        InboxCommand read = (await inbox.ReadAsync(stream, "c1", Token))!;
        Assert.True(read.IsForged);
        Assert.Equal(isSettled ? null : InboxOutcome.ForgedCode, read.Outcome?.Reason?.Code);
    }

    [Fact]
    public async Task Keys_are_rotated_in_three_steps_while_commands_wait()
    {
        await Inbox(Old).TryAddAsync(Command("old"), Token);
        await Inbox(New, second: Old).TryAddAsync(Command("new"), Token);

        Assert.Equal((false, false), await AreForgedAsync(Inbox(Old, second: New)));
        Assert.Equal((false, false), await AreForgedAsync(Inbox(New, second: Old)));
        Assert.Equal((true, false), await AreForgedAsync(Inbox(New)));

        async Task<(bool Old, bool New)> AreForgedAsync(CosmosInboxStore inbox) =>
            ((await inbox.ReadAsync(stream, "old", Token))!.IsForged, (await inbox.ReadAsync(stream, "new", Token))!.IsForged);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("c2hvcnQ=")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://vault.vault.azure.net/secrets/inbox)")]
    public void What_is_no_key_is_refused_without_showing_it(string key)
    {
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(() => new InboxKeys(Old, key));

        Assert.StartsWith("The setting Inbox__SecondKey is not a key.", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key, e.Message, StringComparison.Ordinal);
    }

    private static string KeyOf(byte value) => Convert.ToBase64String([.. Enumerable.Repeat(value, InboxKeys.MinKeyBytes)]);

    private CosmosInboxStore Inbox(string key, string? second = null) => new(Commands, new InboxKeys(key, second));

    private InboxCommand Command(string id = "c1") => new()
    {
        Stream = stream,
        CommandId = id,
        CommandType = "deposit",
        CommandData = """{"amount":10}"""u8.ToArray(),
        ExpectedVersion = 3,
        Actor = "user:aad:1",
        ActorName = "ada",
        CorrelationId = "conversation",
        ReceivedAt = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero).AddTicks(7),
    };

    private async Task<JsonObject> ItemAsync()
    {
        using ResponseMessage response = await Commands.ReadItemStreamAsync("c1", new PartitionKey(stream.Value), cancellationToken: Token);
        return JsonNode.Parse(response.Content)!.AsObject();
    }

    private async Task PutAsync(JsonObject item)
    {
        using MemoryStream body = new(System.Text.Encoding.UTF8.GetBytes(item.ToJsonString()));
        using ResponseMessage response = await Commands.UpsertItemStreamAsync(body, new PartitionKey((string)item["stream"]!), cancellationToken: Token);
        response.EnsureSuccessStatusCode();
    }
}
