using System.Globalization;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;
using Serverless.CosmosEmulator.Faults;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>
/// What the tests run against: an emulator in this process, or whatever the environment names.
/// <list type="bullet">
/// <item><c>COSMOS_TEST_PARTITIONS</c>: physical partitions of every emulator; without it each class says how many it wants.</item>
/// <item><c>COSMOS_TEST_DATA</c>: emulators keep their data on disk, each in a directory of its own below this one, and delete it.</item>
/// <item><c>COSMOS_TEST_CONNECTION</c>: no emulator in this process, but the account (or the emulator in another process) of this
/// connection string; with <c>COSMOS_TEST_MODE</c> Direct or Gateway, Gateway by default, and the database
/// <c>COSMOS_TEST_DATABASE</c>, which is created and left.</item>
/// </list>
/// </summary>
public abstract class CosmosAccount(int partitions) : IAsyncLifetime
{
    private static readonly string? Connection = Read("COSMOS_TEST_CONNECTION");
    private static readonly string? Mode = Read("COSMOS_TEST_MODE");
    private static readonly string? DatabaseName = Read("COSMOS_TEST_DATABASE");
    private static readonly string? Partitions = Read("COSMOS_TEST_PARTITIONS");
    private static readonly string? DataRoot = Read("COSMOS_TEST_DATA");

    private readonly string? data = DataRoot is null ? null : Path.Combine(DataRoot, Guid.NewGuid().ToString("N"));
    private EmbeddedCosmos? emulator;

    private readonly List<CosmosClient> clients = [];
    private CosmosSettings? settings;

    public CosmosSettings Settings => settings ??= new CosmosSettings
    {
        ConnectionString = Connection ?? emulator!.ConnectionString,
        Database = DatabaseName ?? "serverless-tests",
        UseGateway = !string.Equals(Mode, "Direct", StringComparison.OrdinalIgnoreCase),
        HttpHandler = Requests,
    };

    /// <summary>Every HTTP request of every client that was made here.</summary>
    public RequestLog Requests => field ??= new RequestLog(emulator?.CreateHandler() ?? new SocketsHttpHandler());

    public CosmosClient Client { get; private set; } = null!;

    public IEventStore Events { get; private set; } = null!;

    public IViewStore Views { get; private set; } = null!;

    public Container Container(string name) => Client.GetContainer(Settings.Database, name);

    /// <summary>Another client with the same options, but its requests go through <paramref name="handler"/> first.</summary>
    public CosmosClient NewClient(DelegatingHandler? handler = null, params IReadOnlyList<RequestHandler> handlers)
    {
        if (handler is not null)
        {
            handler.InnerHandler = Requests;
        }
        CosmosClient client = CosmosClients.Create(Settings with { HttpHandler = handler is null ? Requests : handler }, handlers);
        clients.Add(client);
        return client;
    }

    /// <summary>Another database of the same account, without containers.</summary>
    public CosmosSettings NewDatabase() => Settings with { Database = $"serverless-tests-{Guid.NewGuid():N}" };

    /// <summary>Whether it is an emulator in this process, whose charges are known.</summary>
    public bool IsEmulator => Connection is null;

    /// <summary>A rule that ends when it is disposed. Skips where there is no emulator in this process.</summary>
    public ActiveFault Meet(FaultRule rule)
    {
        Assert.SkipUnless(IsEmulator, "Faults are met in an emulator only.");
        return emulator!.Faults.Add(rule);
    }

    /// <summary>Requests are seen only where they go over HTTP.</summary>
    public void SkipUnlessRequestsAreSeen() => Assert.SkipUnless(Settings.UseGateway, "Requests are not counted in Direct mode.");

    public async ValueTask InitializeAsync()
    {
        if (Connection is null)
        {
            emulator = EmbeddedCosmos.Create(new CosmosEmulatorOptions
            {
                PartitionCount = Partitions is null ? partitions : int.Parse(Partitions, CultureInfo.InvariantCulture),
                DataDirectory = data,
            });
        }
        Client = NewClient();
        await new ContainerProvisioning(Client, Settings.Database).EnsureAsync(TestContext.Current.CancellationToken);
        Events = new CosmosEventStore(Container(ContainerNames.Events));
        Views = new CosmosViewStore(Container(ContainerNames.Views));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (CosmosClient client in clients)
        {
            client.Dispose();
        }
        if (emulator is not null)
        {
            await emulator.DisposeAsync();
        }
        if (data is not null && Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }
        GC.SuppressFinalize(this);
    }

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>As a new container is.</summary>
public sealed class OnePartition() : CosmosAccount(partitions: 1);

/// <summary>As a container is that has grown.</summary>
public sealed class ThreePartitions() : CosmosAccount(partitions: 3);
