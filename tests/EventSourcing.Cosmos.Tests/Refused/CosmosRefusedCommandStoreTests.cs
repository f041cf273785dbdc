using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosRefusedCommandStoreTests(ThreePartitions account) : RefusedCommandStoreContract, IClassFixture<ThreePartitions>
{
    private static readonly RefusedCommand Full = new()
    {
        Stream = StreamName.Create("account", "7f3a"),
        Version = 7,
        Reason = new Rejection("insufficient-funds", "The balance and the overdraft limit do not cover it."),
        Metadata = new CommitMetadata
        {
            CommandId = "pay-1",
            CommandType = "withdraw",
            CommandData = """{"amount":{"minorUnits":1250,"currency":"EUR"}}"""u8.ToArray(),
            PolicyVersion = "1",
            Actor = "user:aad:7c9e6679-7425-40de-944b-e07fc1f90ae7",
            ActorName = "alice@example.com",
            CorrelationId = "shopping",
            CausationId = "transfer-1/2",
            TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            Timestamp = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
        },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override IRefusedCommandStore Store => new CosmosRefusedCommandStore(account.Container(ContainerNames.Refused));

    [Fact]
    public async Task A_record_is_stored_as_its_golden_file()
    {
        StreamName stream = StreamName.Create("account", Guid.NewGuid().ToString("N"));
        await Store.TryRecordAsync(Full with { Stream = stream }, TimeSpan.FromDays(30), Token);

        using ResponseMessage response = await account.Container(ContainerNames.Refused).ReadItemStreamAsync(
            "0000000007-pay-1", new PartitionKey(stream.Value), cancellationToken: Token);
        using JsonDocument stored = await JsonDocument.ParseAsync(response.Content, cancellationToken: Token);
        IEnumerable<(string Name, string Value)> members = stored.RootElement.EnumerateObject()
            .Where(m => m.Name[0] != '_' && m.Name != "stream").Select(m => (m.Name, m.Value.GetRawText()));
        Assert.Equal(
            Golden.Element("refused.json").EnumerateObject().Where(m => m.Name != "stream").Select(m => (m.Name, JsonSerializer.Serialize(m.Value))), members);
    }

    [Theory]
    [InlineData("""{"id":"1","stream":"{0}"}""", "This is not a refused command")]
    [InlineData(
        """
        {"id":"1","stream":"{0}","format":2,"version":1,"commandId":"1","command":{"type":"a","policy":"1"},"actor":"a","correlationId":"1",
         "time":"2026-11-23T09:30:00Z","code":"a","message":"a","ttl":1000}
        """, "has the format 2; this version reads 1")]
    public async Task What_is_no_record_of_a_known_format_is_named(string item, string reason)
    {
        string stream = $"account-{Guid.NewGuid():N}";
        using MemoryStream body = new(System.Text.Encoding.UTF8.GetBytes(item.Replace("{0}", stream, StringComparison.Ordinal)));
        using ResponseMessage response = await account.Container(ContainerNames.Refused).CreateItemStreamAsync(body, new PartitionKey(stream), cancellationToken: Token);
        response.EnsureSuccessStatusCode();

        FormatException e = await Assert.ThrowsAsync<FormatException>(async () => await Store.ReadAsync(StreamName.Parse(stream), null, Token).ToListAsync(Token));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    /// <summary>The figures of docs/decisions/0017-refused-commands.md, by the emulator's model of charges.</summary>
    [Fact]
    public async Task A_record_costs_one_small_write_and_a_repetition_hardly_anything()
    {
        Assert.SkipUnless(account.IsEmulator, "Charges are pinned against the emulator's model.");
        RefusedCommand command = Full with { Stream = StreamName.Create("account", Guid.NewGuid().ToString("N")) };

        RefusedWrite first = await Store.TryRecordAsync(command, TimeSpan.FromDays(30), Token);
        RefusedWrite again = await Store.TryRecordAsync(command, TimeSpan.FromDays(30), Token);

        Assert.Equal((5.15, 1.24), (Math.Round(first.RequestCharge, 2), Math.Round(again.RequestCharge, 2)));
    }

    [Fact]
    public async Task A_record_goes_when_its_time_is_over()
    {
        StreamName stream = StreamName.Create("account", Guid.NewGuid().ToString("N"));
        await Store.TryRecordAsync(Full with { Stream = stream }, TimeSpan.FromSeconds(1), Token);

        while (await Store.ReadAsync(stream, null, Token).AnyAsync(Token))
        {
            await Task.Delay(50, Token); // The database counts whole seconds of its own.
        }
        Assert.True((await Store.TryRecordAsync(Full with { Stream = stream }, TimeSpan.FromDays(1), Token)).IsRecorded);
    }
}
