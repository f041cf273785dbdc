using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Faults;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using AccountHandler = Serverless.EventSourcing.CommandHandler<
    Serverless.Banking.AccountCommand, Serverless.Banking.AccountState, Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Benchmarks;

/// <summary>
/// An emulator in this process with the system's containers, and one more that is set up like <c>events</c> for the bare SDK. Both
/// sides of a comparison use the same client.
/// </summary>
internal sealed class BenchSystem : IAsyncDisposable
{
    private const string BareName = "bare";
    private const int AccountsPerOwner = 4;
    private static readonly Currency Euro = Currency.Parse("EUR");
    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    private readonly EmbeddedCosmos emulator;
    private readonly CosmosClient client;
    private readonly CosmosClient bulkClient;
    private long commandIds;
    private int opened;

    private BenchSystem(EmbeddedCosmos emulator, CosmosClient client, CosmosClient bulkClient, Database database)
    {
        this.emulator = emulator;
        this.client = client;
        this.bulkClient = bulkClient;
        Database = database;
        Events = database.GetContainer(ContainerNames.Events);
        Bare = database.GetContainer(BareName);
        Store = new CosmosEventStore(Events);
        Views = new CosmosViewStore(database.GetContainer(ContainerNames.Views));
        BulkStore = new CosmosEventStore(bulkClient.GetContainer(database.Id, ContainerNames.Events));
        BulkViews = new CosmosViewStore(bulkClient.GetContainer(database.Id, ContainerNames.Views));
    }

    public Database Database { get; }

    public Container Events { get; }

    public Container Bare { get; }

    public CosmosEventStore Store { get; }

    public CosmosViewStore Views { get; }

    /// <summary>The same as <see cref="Store"/>, through a client that sends many writes together.</summary>
    public CosmosEventStore BulkStore { get; }

    /// <summary>The same as <see cref="Views"/>, through a client that sends many writes together.</summary>
    public CosmosViewStore BulkViews { get; }

    /// <param name="dataDirectory">Where the store is kept on disk; null for memory.</param>
    public static Task<BenchSystem> StartAsync(string? dataDirectory = null) =>
        StartAsync(new CosmosEmulatorOptions { DataDirectory = dataDirectory });

    public static async Task<BenchSystem> StartAsync(CosmosEmulatorOptions options)
    {
        EmbeddedCosmos emulator = EmbeddedCosmos.Create(options);
        CosmosSettings settings = new()
        {
            ConnectionString = emulator.ConnectionString,
            UseGateway = true,
            HttpHandler = emulator.CreateHandler(),
        };
        CosmosClient client = CosmosClients.Create(settings);
        await new ContainerProvisioning(client, settings.Database).EnsureAsync(CancellationToken.None);
        Database database = client.GetDatabase(settings.Database);
        ContainerProperties events = await database.GetContainer(ContainerNames.Events).ReadContainerAsync();
        ContainerProperties bare = new(BareName, events.PartitionKeyPath)
        {
            IndexingPolicy = events.IndexingPolicy,
            UniqueKeyPolicy = events.UniqueKeyPolicy,
        };
        await database.CreateContainerIfNotExistsAsync(bare);
        return new BenchSystem(emulator, client, CosmosClients.Create(settings with { InBulk = true }), database);
    }

    /// <summary>What goes slow or wrong from here on.</summary>
    public FaultRules Faults => emulator.Faults;

    /// <summary>A handler as one instance of the app has it; without cached streams every command is a cold one.</summary>
    public AccountHandler NewHandler(long cachedStateBytes = 1_000_000_000) => NewHandler(new CommandHandlerOptions { CachedStateBytes = cachedStateBytes });

    public AccountHandler NewHandler(CommandHandlerOptions options) => new(AccountAggregate.Definition, Store, TimeProvider.System, options);

    public static StreamName StreamOf(string prefix, int number) => StreamName.Create(AccountAggregate.Category, $"{prefix}{number:D5}");

    /// <summary>Opens an account; four of them in the order of opening have one owner.</summary>
    public Task OpenAsync(AccountHandler handler, StreamName stream) =>
        OpenAsync(handler, stream, OwnerId.Parse($"owner{Interlocked.Increment(ref opened) / AccountsPerOwner}"));

    public async Task OpenAsync(AccountHandler handler, StreamName stream, OwnerId owner) =>
        Expect(await handler.ExecuteAsync(stream, new OpenAccount(owner, Euro), NextContext(), CancellationToken.None));

    public async Task<Commit> DepositAsync(AccountHandler handler, StreamName stream) =>
        Expect(await handler.ExecuteAsync(stream, new DepositMoney(new Money(100, Euro)), NextContext(), CancellationToken.None));

    /// <summary>Splits a physical partition of a container, as the service does when it grows.</summary>
    public Task SplitAsync(string container, string rangeId) => emulator.SplitAsync(Database.Id, container, rangeId, CancellationToken.None);

    /// <summary>Items as ten deposits in a row store them, one of them with a snapshot: what the bare SDK is given to create.</summary>
    public async Task<byte[][]> SampleItemsAsync()
    {
        AccountHandler handler = NewHandler();
        StreamName stream = StreamOf("item_", 0);
        await OpenAsync(handler, stream);
        List<byte[]> items = [];
        for (int version = 2; version <= 11; version++)
        {
            await DepositAsync(handler, stream);
            using ResponseMessage response = await Events.ReadItemStreamAsync(Commit.IdOf(version), new PartitionKey(stream.Value));
            using JsonDocument item = await JsonDocument.ParseAsync(response.Content);
            Dictionary<string, JsonElement> members = item.RootElement.EnumerateObject()
                .Where(m => !m.Name.StartsWith('_'))
                .ToDictionary(m => m.Name, m => m.Value);
            items.Add(JsonSerializer.SerializeToUtf8Bytes(members));
        }
        return [.. items];
    }

    /// <summary>A copy of an item with another id, command id and stream of the same length, so that the size stays.</summary>
    public static byte[] ItemFor(byte[] sample, StreamName stream, long version, long commandId)
    {
        byte[] copy = [.. sample];
        Put("\"id\":\"", Commit.IdOf(version));
        Put("\"commandId\":\"", $"{commandId:D32}");
        Put("\"stream\":\"", stream.Value);
        return copy;

        void Put(string member, string value)
        {
            int at = copy.AsSpan().IndexOf(Encoding.UTF8.GetBytes(member)) + member.Length;
            Encoding.UTF8.GetBytes(value).CopyTo(copy, at);
        }
    }

    public async Task CreateBareAsync(StreamName stream, byte[] item)
    {
        using MemoryStream body = new(item, writable: false);
        using ResponseMessage response = await Bare.CreateItemStreamAsync(body, new PartitionKey(stream.Value), NoContent);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Makes containers empty.</summary>
    public async Task ClearAsync(params IReadOnlyList<string> containers)
    {
        foreach (string name in containers)
        {
            await Database.GetContainer(name).DeleteContainerAsync();
        }
        await new ContainerProvisioning(client, Database.Id).EnsureAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        bulkClient.Dispose();
        await emulator.DisposeAsync();
    }

    private CommandContext NextContext() => new()
    {
        CommandId = Interlocked.Increment(ref commandIds).ToString("D32", null),
        MayBeRepeated = false,
        Actor = "bench",
    };

    private static Commit Expect(CommandOutcome outcome) => outcome is CommandOutcome.Accepted { Commit: { } commit }
        ? commit
        : throw new InvalidOperationException($"A benchmark's command ended as {outcome}.");
}
