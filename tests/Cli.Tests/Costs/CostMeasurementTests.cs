using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.Cli.Costs;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Cli.Tests.Costs;

/// <summary>
/// What each kind of work asks of the database, and what the emulator's model charges for it: the first table of docs/costs.md, row by row.
/// When a row is wrong the message has the right one.
/// </summary>
public sealed class CostMeasurementTests : IAsyncLifetime
{
    private static readonly StreamName Alice = StreamName.Parse("account-alice-1");

    private readonly EmbeddedCosmos cosmos = EmbeddedCosmos.Create();
    private readonly CountingHandler requests;
    private readonly CosmosClient client;
    private readonly Database database;
    private readonly CosmosEventStore store;
    // The text of an instant is shorter when it ends in zeros, and charges go by bytes.
    private readonly StandingClock time = new();
    private readonly ConsumerMonitor monitor = new(TimeProvider.System);
    private int commandIds;

    public CostMeasurementTests()
    {
        requests = new CountingHandler(cosmos.CreateHandler());
        client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = requests });
        database = client.GetDatabase(CosmosSettings.DefaultDatabase);
        store = new CosmosEventStore(database.GetContainer(ContainerNames.Events));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private CosmosViewStore Views => field ??= new CosmosViewStore(database.GetContainer(ContainerNames.Views));

    public async ValueTask InitializeAsync() => await new ContainerProvisioning(client, database.Id).EnsureAsync(Token);

    public async ValueTask DisposeAsync()
    {
        monitor.Dispose();
        client.Dispose();
        requests.Dispose();
        await cosmos.DisposeAsync();
    }

    [Fact]
    public async Task A_command_on_a_stream_that_is_remembered()
    {
        var bank = Bind();
        await OpenAsync(bank);
        await MustBeAsync("command, stream remembered", () => DepositAsync(bank));
    }

    [Fact]
    public async Task A_command_on_a_stream_that_has_to_be_loaded()
    {
        await OpenAsync(Bind());
        var other = Bind();
        await DepositAsync(Bind());
        await MustBeAsync("command, stream loaded (2 commits)", () => DepositAsync(other));
    }

    [Fact]
    public async Task A_command_that_lost_a_race()
    {
        var stale = Bind();
        await OpenAsync(stale);
        await DepositAsync(Bind());
        await MustBeAsync("command that lost a race", () => DepositAsync(stale));
    }

    [Fact]
    public async Task A_refused_command_that_is_kept()
    {
        using RefusedCommandRecorder recorder = new(
            new CosmosRefusedCommandStore(database.GetContainer(ContainerNames.Refused)),
            new RefusedCommandOptions { Patience = TimeSpan.FromMinutes(1) }, TimeProvider.System, (_, fault) => Assert.Fail(fault.ToString()));
        var bank = Bind(recorder);
        await OpenAsync(bank);
        await SendAsync(bank, "withdraw", Amount); // The container is known after the first.
        await MustBeAsync("command refused and kept", () => SendAsync(bank, "withdraw", Amount));
    }

    [Fact]
    public async Task A_command_through_the_inbox()
    {
        var bank = Bind();
        CosmosInboxStore inbox = new(database.GetContainer(ContainerNames.Commands), new InboxKeys(Convert.ToBase64String(new byte[InboxKeys.MinKeyBytes])));
        InboxOptions options = new();
        InboxRunner runner = new(new InboxExecutor(bank, inbox, new CosmosStoreFaults(), TimeProvider.System, options, _ => new Rejection("refused", "")), inbox, TimeProvider.System, options);
        await OpenAsync(bank);
        await SendToInboxAsync("warm-up");
        await MustBeAsync("command through the inbox, with its own create", () => SendToInboxAsync("measured"));

        async Task SendToInboxAsync(string id)
        {
            InboxCommand command = new()
            {
                Stream = Alice,
                CommandId = id,
                CommandType = "deposit",
                CommandData = Encoding.UTF8.GetBytes(Amount),
                Actor = "test",
                CorrelationId = id,
                ReceivedAt = DateTimeOffset.UnixEpoch,
            };
            Assert.True((await inbox.TryAddAsync(command, Token)).IsAdded);
            await runner.HandleAsync([new InboxChange(Alice, id, InboxChangeKind.Pending, Position: "", DateTimeOffset.UnixEpoch)], Token);
        }
    }

    [Theory]
    [InlineData("account-summary", "document view")]
    [InlineData("customer-portfolio", "document view, key of several streams")]
    [InlineData("account-statement", "entries view")]
    [InlineData("bank-totals", "totals view")]
    [InlineData("transfer-process", "process, nothing to do")]
    public async Task A_commit_and_its_consumer(string name, string what)
    {
        var bank = Bind();
        await OpenAsync(bank);
        for (int i = 0; i < 3; i++)
        {
            await DepositAsync(bank);
        }
        List<Commit> commits = await store.ReadAsync(Alice, fromVersion: 1, Token).ToListAsync(Token);
        Func<IConsumer> start = () => ConsumersOf(bank).Single(c => c.Name == name);
        IConsumer consumer = start();
        ConsumerRunner runner = NewRunner();
        await runner.HandleAsync(consumer, [.. commits[..2].Select(Delivery.Of)], Token);

        await MustBeAsync($"{what}: a commit", () => runner.HandleAsync(consumer, [Delivery.Of(commits[2])], Token));
        ConsumerRunner restarted = NewRunner();
        await restarted.HandleAsync(start(), [Delivery.Of(commits[2])], Token); // Seen before; the key and the container are known now.
        ConsumerRunner forgetful = NewRunner();
        await MustBeAsync($"{what}: a commit, after a start", () => forgetful.HandleAsync(start(), [Delivery.Of(commits[3])], Token));
        using CrashWatch watch = new(new InMemoryWorkNotes(), TimeProvider.System, new ConsumerOptions());
        Auditor auditor = new(
            new WatchedConsumers(runner, new InMemoryParkedStore(), watch), feed: null!, new InMemoryConsumerStore(), feeds: null!, TimeProvider.System, new ConsumerOptions());
        await MustBeAsync($"{what}: audit", () => auditor.AuditAsync([consumer], [Delivery.Of(commits[3])], Token));
    }

    [Fact]
    public async Task A_step_of_a_process()
    {
        var bank = Bind();
        await OpenAsync(bank);
        await DepositAsync(bank);
        await DepositAsync(bank);
        await SendAsync(bank, StreamName.Parse("transfer-rent-1"), "request", """{"from":"alice-1","to":"bob-1","amount":{"minorUnits":10,"currency":"EUR"}}""");
        List<Commit> commits = await store.ReadAsync(StreamName.Parse("transfer-rent-1"), fromVersion: 1, Token).ToListAsync(Token);
        IConsumer process = ConsumersOf(bank).Single(c => c.Name == "transfer-process");
        ConsumerRunner runner = NewRunner();
        await runner.HandleAsync(process, [Delivery.Of((await store.ReadAsync(Alice, fromVersion: 1, Token).ToListAsync(Token))[0])], Token);

        await MustBeAsync("process, first step: with the command that it sends", () => runner.HandleAsync(process, [Delivery.Of(commits[0])], Token));
    }

    [Fact]
    public async Task A_look_at_a_feed()
    {
        var bank = Bind();
        await OpenAsync(bank);
        using FeedIterator feed = database.GetContainer(ContainerNames.Events)
            .GetChangeFeedStreamIterator(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental);
        await MustBeAsync("page of a feed with one commit", () => feed.ReadNextAsync(Token));
        await MustBeAsync("look at a feed with nothing new", () => feed.ReadNextAsync(Token));
    }

    [Fact]
    public async Task The_size_of_a_commit()
    {
        var bank = Bind();
        await OpenAsync(bank);
        await DepositAsync(bank);
        using ResponseMessage response = await database.GetContainer(ContainerNames.Events).ReadItemStreamAsync("0000000002", new PartitionKey(Alice.Value), cancellationToken: Token);
        using JsonDocument item = await JsonDocument.ParseAsync(response.Content, cancellationToken: Token);
        int all = Encoding.UTF8.GetByteCount(item.RootElement.GetRawText());
        int data = item.RootElement.GetProperty("events").EnumerateArray().Sum(e => e.GetProperty("data").GetRawText().Length);
        int command = item.RootElement.GetProperty("command").GetProperty("data").GetRawText().Length;

        // Ids and actors of other lengths make some bytes more or less of it.
        Assert.InRange(all - data - command, CostEstimate.CommitOverheadBytes - 40, CostEstimate.CommitOverheadBytes + 40);
    }

    private const string Amount = """{"amount":{"minorUnits":1250,"currency":"EUR"}}""";

    private async Task MustBeAsync(string what, Func<Task> action)
    {
        (string asked, double charge) = await requests.OfAsync(action);
        string row = string.Create(CultureInfo.InvariantCulture, $"| {what} | {asked} | {charge:0.00} |");
        Assert.True(CostPage.Lines.Contains(row), $"docs/costs.md does not say:\n{row}");
    }

    private FrozenDictionary<string, IAggregateEndpoint> Bind(RefusedCommandRecorder? recorder = null) =>
        BankingContext.Create().Bind(store, time, new CommandHandlerOptions(), recorder);

    private IEnumerable<IConsumer> ConsumersOf(FrozenDictionary<string, IAggregateEndpoint> bank)
    {
        BoundedContext context = BankingContext.Create();
        CosmosFenceStore fences = new(database.GetContainer(ContainerNames.Fences));
        ProcessStarts starts = new(context, fences, TimeProvider.System);
        return context.Projections.Concat<IConsumer>(context.Processes.Select(p => new ProcessConsumer(p, bank, fences, starts)));
    }

    private ConsumerRunner NewRunner() => new(
        new Projector(store, Views, new NetworkFaults(), time, new ProjectorOptions()), new CosmosParkedStore(database.GetContainer(ContainerNames.Parked)),
        TimeProvider.System, new ConsumerOptions(), monitor);

    private Task OpenAsync(FrozenDictionary<string, IAggregateEndpoint> bank) => SendAsync(bank, "open", """{"owner":"alice","currency":"EUR"}""");

    private Task DepositAsync(FrozenDictionary<string, IAggregateEndpoint> bank) => SendAsync(bank, "deposit", Amount);

    private Task SendAsync(FrozenDictionary<string, IAggregateEndpoint> bank, string command, string body) => SendAsync(bank, Alice, command, body);

    private async Task SendAsync(FrozenDictionary<string, IAggregateEndpoint> bank, StreamName stream, string command, string body)
    {
        CommandOutcome outcome = await bank[stream.Category].ExecuteAsync(
            stream, command, Encoding.UTF8.GetBytes(body),
            new CommandContext { CommandId = $"{++commandIds:D32}", MayBeRepeated = false, Actor = "test" }, Token);
        Assert.True(outcome is CommandOutcome.Accepted or CommandOutcome.Rejected, outcome.ToString());
    }

    /// <summary>Always the same instant; whoever waits, waits in real time.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);
    }
}
