using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using AccountHandler = Serverless.EventSourcing.CommandHandler<
    Serverless.Banking.AccountCommand, Serverless.Banking.AccountState, Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.EndToEnd.Tests.Scale;

/// <summary>
/// A bank with many accounts over some physical partitions, all views of them, and no host: what happens is what a test does. Every request
/// that reaches the database is counted there. The time stands still, so that the same is as long, to the byte, in any bank.
/// </summary>
internal sealed class ScaledBank : IAsyncDisposable
{
    private const int Writers = 8;

    // A commit has the span of its command where somebody in this process listens, as another test may: so it always has one, as long as this.
    private const string AnyTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly Currency Euro = Currency.Parse("EUR");

    private readonly ConcurrentQueue<RequestRecord> requests = [];
    private readonly EmbeddedCosmos cosmos;
    private readonly HttpMessageHandler handler;
    private readonly CosmosClient client;
    private readonly CosmosEventStore store;
    private readonly CosmosViewStore views;
    private int opened;
    private int commands;

    private ScaledBank(int streams, int partitions)
    {
        Streams = streams;
        cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = partitions, OnRequest = requests.Enqueue });
        handler = cosmos.CreateHandler();
        client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = handler });
        store = new CosmosEventStore(ContainerOf(ContainerNames.Events));
        views = new CosmosViewStore(ContainerOf(ContainerNames.Views));
    }

    /// <summary>A document per stream, a document per group of streams, a list, and totals.</summary>
    public static IReadOnlyList<IProjection> Projections { get; } =
        [AccountSummaryView.Projection, CustomerPortfolioView.Projection, AccountStatementView.Projection, BankTotalsView.Projection];

    /// <summary>How many there are views of; accounts that are opened later have none.</summary>
    public int Streams { get; }

    public static async Task<ScaledBank> StartAsync(int streams, int partitions, CancellationToken cancellationToken)
    {
        ScaledBank bank = new(streams, partitions);
        await new ContainerProvisioning(bank.client, CosmosSettings.DefaultDatabase).EnsureAsync(cancellationToken);
        ConcurrentBag<Commit> commits = [];
        AccountHandler open = bank.NewHandler();
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, streams, parallel, async (_, _) => commits.Add(await bank.OpenAsync(open)));
        foreach (IProjection projection in Projections)
        {
            await bank.NewProjector().ApplyAsync(projection, [.. commits], cancellationToken);
        }
        return bank;
    }

    /// <summary>Some of the streams, spread over all.</summary>
    public StreamName[] Sample(int count) => [.. Enumerable.Range(0, count).Select(n => StreamOf(1 + n * (Streams / count)))];

    /// <param name="cachedStateBytes">0: every command is a cold one.</param>
    public AccountHandler NewHandler(long cachedStateBytes = 64 * 1024 * 1024) =>
        new(AccountAggregate.Definition, store, StoppedClock.Instance, new CommandHandlerOptions { CachedStateBytes = cachedStateBytes });

    public Projector NewProjector(bool remembers = true) => new(
        store, views, new NetworkFaults(), StoppedClock.Instance, remembers ? new ProjectorOptions() : new ProjectorOptions { CachedViewBytes = 0, CachedKeys = 0 });

    /// <summary>Opens one more account, of an owner of its own.</summary>
    public Task<Commit> OpenAsync(AccountHandler commandHandler)
    {
        int number = Interlocked.Increment(ref opened);
        return ExecuteAsync(commandHandler, StreamOf(number), new OpenAccount(OwnerId.Parse($"owner{number:D6}"), Euro));
    }

    public async Task<Commit[]> DepositAsync(AccountHandler commandHandler, IEnumerable<StreamName> names)
    {
        List<Commit> commits = [];
        foreach (StreamName stream in names)
        {
            commits.Add(await ExecuteAsync(commandHandler, stream, new DepositMoney(new Money(100, Euro))));
        }
        return [.. commits];
    }

    /// <summary>Splits the first of the physical partitions that a container began with.</summary>
    public Task SplitAsync(string container) => cosmos.SplitAsync(CosmosSettings.DefaultDatabase, container, "0", TestContext.Current.CancellationToken);

    /// <summary>What the events of a stream say: whose account it is, its balance, and how often something was paid in.</summary>
    public async Task<(string Owner, long Balance, long Deposits)> FoldAsync(StreamName stream)
    {
        (string owner, long balance, long deposits) = ("", 0, 0);
        await foreach (Commit commit in store.ReadAsync(stream, fromVersion: 1, TestContext.Current.CancellationToken))
        {
            foreach (EventEnvelope<AccountEvent> envelope in AccountAggregate.Definition.Events.Envelopes(commit))
            {
                (owner, balance, deposits) = envelope.Event switch
                {
                    AccountOpened e => (e.Owner.Value, balance, deposits),
                    MoneyDeposited e => (owner, balance + e.Amount.MinorUnits, deposits + 1),
                    var other => throw new InvalidOperationException($"This bank knows no {other}."),
                };
            }
        }
        return (owner, balance, deposits);
    }

    public async Task<JsonElement> ViewAsync(IProjection projection, string key)
    {
        (string partition, string id) = projection.Locate(key);
        ViewRead read = await views.ReadAsync(
            new ViewPartition(projection.Name, projection.Version, partition), [id], TestContext.Current.CancellationToken);
        return JsonElement.Parse(Encoding.UTF8.GetString(Assert.Single(read.Documents).Data.Span));
    }

    /// <summary>The requests for items, and what they are charged, by the emulator's estimate.</summary>
    public async Task<string> CostAsync(Func<Task> work)
    {
        int before = requests.Count;
        await work();
        RequestRecord[] items = [.. requests.Skip(before).Where(r => r.Target.Contains("/docs", StringComparison.Ordinal))];
        return string.Create(CultureInfo.InvariantCulture, $"{items.Length} requests, {items.Sum(r => r.Charge):F2} request units");
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        handler.Dispose();
        await cosmos.DisposeAsync();
    }

    private static StreamName StreamOf(int number) => StreamName.Create(AccountAggregate.Category, $"scale{number:D6}");

    private async Task<Commit> ExecuteAsync(AccountHandler commandHandler, StreamName stream, AccountCommand command)
    {
        CommandContext context = new()
        {
            CommandId = $"{Interlocked.Increment(ref commands):D32}",
            MayBeRepeated = false,
            Actor = "tests",
            TraceParent = AnyTrace,
        };
        CommandOutcome outcome = await commandHandler.ExecuteAsync(stream, command, context, TestContext.Current.CancellationToken);
        return Assert.IsType<CommandOutcome.Accepted>(outcome).Commit!;
    }

    private Container ContainerOf(string name) => client.GetContainer(CosmosSettings.DefaultDatabase, name);

    private sealed class StoppedClock : TimeProvider
    {
        public static StoppedClock Instance { get; } = new();

        public override DateTimeOffset GetUtcNow() => new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);
    }
}
