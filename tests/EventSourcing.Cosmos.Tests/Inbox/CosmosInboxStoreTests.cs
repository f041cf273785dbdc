using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Testing;
using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosInboxStoreTests(ThreePartitions account) : InboxStoreContract, IClassFixture<ThreePartitions>
{
    private static readonly DateTimeOffset Received = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    private static readonly InboxCommand Deposit = new()
    {
        Stream = StreamName.Parse("account-7f3a"),
        CommandId = "c0ffee",
        CommandType = "deposit",
        CommandData = Encoding.UTF8.GetBytes("""{"amount":{"minorUnits":1250,"currency":"EUR"}}"""),
        ExpectedVersion = 3,
        Actor = "user:aad:7c9e6679-7425-40de-944b-e07fc1f90ae7",
        ActorName = "alice@example.com",
        CorrelationId = "conversation-1",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ReceivedAt = Received,
    };

    internal static readonly InboxKeys Keys = new(Convert.ToBase64String(new byte[InboxKeys.MinKeyBytes]));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override IInboxStore Store => new CosmosInboxStore(account.Container(ContainerNames.Commands), Keys);

    protected override string Start => "since:0";

    [Fact]
    public void Commands_and_the_backlog_are_stored_as_their_golden_files()
    {
        InboxOutcome accepted = new()
        {
            Status = InboxStatus.Accepted,
            DecidedAt = Received.AddSeconds(1),
            Version = 4,
            FirstVersion = 4,
            WasRepeated = true,
            RequestCharge = 7.5,
        };
        InboxCommand withdraw = Deposit with
        {
            CommandId = "a/b",
            CommandType = "withdraw",
            ExpectedVersion = null,
            Actor = "anonymous",
            ActorName = null,
            CorrelationId = "a/b",
            TraceParent = null,
        };
        InboxOutcome rejected = new()
        {
            Status = InboxStatus.Rejected,
            DecidedAt = Received.AddSeconds(1),
            Version = 3,
            Reason = new Rejection("insufficient-funds", "There is not enough."),
            RequestCharge = 2.8,
        };

        Golden.AssertSame("inbox.pending.json", InboxItem.Write(Deposit, Keys));
        Golden.AssertSame("inbox.accepted.json", InboxItem.Write(Deposit, Keys, accepted, TimeSpan.FromDays(1)));
        Golden.AssertSame("inbox.rejected.json", InboxItem.Write(withdraw, Keys, rejected, TimeSpan.FromDays(1)));
        Golden.AssertSame("inbox.backlog.json", InboxItem.Write(new InboxBacklog
        {
            Stream = Deposit.Stream,
            Position = "since:1795426198",
            Since = Received,
        }));
    }

    [Theory]
    [InlineData("""{"id":"c1","stream":"account-1","format":1,"status":"pending","_ts":1795426200}""", "c1", InboxChangeKind.Pending)]
    [InlineData("""{"id":"c1","stream":"account-1","format":1,"status":"failed","_ts":1795426200}""", "c1", InboxChangeKind.Settled)]
    [InlineData("""{"id":"~backlog","stream":"account-1","format":1,"_ts":1795426200}""", "~backlog", InboxChangeKind.Backlog)]
    public void A_document_of_the_feed_says_where_to_look(string document, string id, InboxChangeKind kind)
    {
        InboxChange change = InboxItem.ReadChange(JsonElement.Parse(document))!;

        Assert.Equal(
            new InboxChange(StreamName.Parse("account-1"), id, kind, "since:1795426198", DateTimeOffset.FromUnixTimeSeconds(1795426200)), change);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"id":"c1","stream":"no stream","format":1,"status":"pending","_ts":1}""")]
    [InlineData("""{"id":"c1","stream":"account-1","format":2,"status":"pending","_ts":1}""")]
    [InlineData("""{"id":"c1","stream":"account-1","format":1,"status":"done","_ts":1}""")]
    [InlineData("""{"id":7,"stream":"account-1","format":1,"status":"pending","_ts":1}""")]
    public void What_is_no_command_of_this_format_is_told_apart(string document) => Assert.Null(InboxItem.ReadChange(JsonElement.Parse(document)));

    [Fact]
    public async Task An_outcome_expires_and_a_command_that_waits_does_not()
    {
        InboxCommand command = Deposit with { Stream = Counter.NewStream() };
        await Store.TryAddAsync(command, Token);
        Assert.Null(await TimeToLiveAsync(command));

        await Store.TrySettleAsync(
            (await Store.ReadAsync(command.Stream, command.Id, Token))!,
            new InboxOutcome { Status = InboxStatus.Failed, DecidedAt = Received },
            TimeSpan.FromHours(1),
            Token);

        Assert.Equal(3600, await TimeToLiveAsync(command));
        Assert.Equal(-1, (await account.Container(ContainerNames.Commands).ReadContainerAsync(cancellationToken: Token)).Resource.DefaultTimeToLive);
    }

    [Fact]
    public async Task Each_call_is_one_request()
    {
        account.SkipUnlessRequestsAreSeen();
        InboxCommand command = Deposit with { Stream = Counter.NewStream() };
        IInboxStore store = Store;
        await store.TryAddAsync(command with { CommandId = "first" }, Token); // The client learns about the container.
        await store.ReadBacklogAsync(command.Stream, Token);
        await store.ReadChangesAsync(command.Stream, Start, 10, Token);
        InboxCommand? read = null;
        InboxBacklog backlog = new() { Stream = command.Stream, Position = Start, Since = Received };

        Assert.Equal([Create], await account.Requests.OfAsync(() => store.TryAddAsync(command, Token)));
        Assert.Equal([Read], await account.Requests.OfAsync(async () => read = await store.ReadAsync(command.Stream, command.Id, Token)));
        Assert.Equal([Replace], await account.Requests.OfAsync(() => store.TrySettleAsync(
            read!, new InboxOutcome { Status = InboxStatus.Failed, DecidedAt = Received }, TimeSpan.FromDays(1), Token)));
        Assert.Equal([Read], await account.Requests.OfAsync(() => store.ReadBacklogAsync(command.Stream, Token)));
        Assert.Equal([Create], await account.Requests.OfAsync(() => store.TryWriteBacklogAsync(backlog, Token)));
        Assert.Equal([Read], await account.Requests.OfAsync(() => store.ReadChangesAsync(command.Stream, Start, 10, Token)));
    }

    [Theory]
    [InlineData("""{"id":"~backlog","stream":"$","format":1}""")]
    [InlineData("""{"id":"~backlog","stream":"$","format":1,"position":"somewhere","since":"2026-11-23T09:30:00Z"}""")]
    [InlineData("""{"id":"~backlog","stream":"$","format":1,"position":"token:nonsense","since":"2026-11-23T09:30:00Z"}""")]
    public async Task A_backlog_that_can_not_be_read_begins_at_the_start_of_its_stream(string document)
    {
        InboxCommand command = Deposit with { Stream = Counter.NewStream() };
        await Store.TryAddAsync(command, Token);
        await CreateAsync(command.Stream, document);

        InboxBacklog backlog = (await Store.ReadBacklogAsync(command.Stream, Token))!;
        InboxPage page = await Store.ReadChangesAsync(command.Stream, backlog.Position, 10, Token);

        Assert.Contains(page.Changes, c => c.Id == command.Id && c.Kind == InboxChangeKind.Pending);
        Assert.True(await Store.TryDeleteBacklogAsync(backlog, Token));
    }

    [Fact]
    public async Task A_command_that_can_not_be_read_is_listed()
    {
        StreamName stream = Counter.NewStream();
        await CreateAsync(stream, """{"id":"broken","stream":"$","format":1,"status":"pending"}""");

        List<InboxCommand> all = [];
        NewestQuery query = new() { PageSize = 100 };
        do
        {
            NewestPage<InboxCommand> page = await Store.ReadNewestAsync(InboxStatus.Pending, query, Token);
            all.AddRange(page.Items.Select(i => i.Record));
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);

        InboxCommand listed = Assert.Single(all, c => c.Stream == stream);
        Assert.Equal(("broken", "unreadable", InboxStatus.Pending), (listed.CommandId, listed.CommandType, listed.Status));
    }

    private async Task CreateAsync(StreamName stream, string document)
    {
        using MemoryStream item = new(Encoding.UTF8.GetBytes(document.Replace("$", stream.Value, StringComparison.Ordinal)));
        using ResponseMessage response = await account.Container(ContainerNames.Commands).CreateItemStreamAsync(
            item, new PartitionKey(stream.Value), cancellationToken: Token);
        response.EnsureSuccessStatusCode();
    }

    private async Task<int?> TimeToLiveAsync(InboxCommand command)
    {
        using ResponseMessage response = await account.Container(ContainerNames.Commands).ReadItemStreamAsync(
            command.Id, new PartitionKey(command.Stream.Value), cancellationToken: Token);
        using JsonDocument item = await JsonDocument.ParseAsync(response.Content, cancellationToken: Token);
        return item.RootElement.TryGetProperty("ttl", out JsonElement ttl) ? ttl.GetInt32() : null;
    }
}
