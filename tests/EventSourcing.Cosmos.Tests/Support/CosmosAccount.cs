using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>
/// What the tests run against: an emulator in this process, or the account of COSMOS_TEST_CONNECTION (with COSMOS_TEST_MODE Direct or
/// Gateway, Gateway by default, and the database COSMOS_TEST_DATABASE, which is created and left). Nothing else is to be set for it.
/// </summary>
public abstract class CosmosAccount(int partitions) : IAsyncLifetime
{
    private static readonly string? Connection = Environment.GetEnvironmentVariable("COSMOS_TEST_CONNECTION");
    private static readonly string? Mode = Environment.GetEnvironmentVariable("COSMOS_TEST_MODE");
    private static readonly string? DatabaseName = Environment.GetEnvironmentVariable("COSMOS_TEST_DATABASE");

    private readonly EmbeddedCosmos? emulator =
        Connection is null ? EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = partitions }) : null;

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
    public CosmosClient NewClient(DelegatingHandler? handler = null)
    {
        if (handler is not null)
        {
            handler.InnerHandler = Requests;
        }
        CosmosClient client = CosmosClients.Create(Settings with { HttpHandler = handler is null ? Requests : handler });
        clients.Add(client);
        return client;
    }

    /// <summary>Another database of the same account, without containers.</summary>
    public CosmosSettings NewDatabase() => Settings with { Database = $"serverless-tests-{Guid.NewGuid():N}" };

    /// <summary>Requests are seen only where they go over HTTP.</summary>
    public void SkipUnlessRequestsAreSeen() => Assert.SkipUnless(Settings.UseGateway, "Requests are not counted in Direct mode.");

    public async ValueTask InitializeAsync()
    {
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
        GC.SuppressFinalize(this);
    }
}

/// <summary>As a new container is.</summary>
public sealed class OnePartition() : CosmosAccount(partitions: 1);

/// <summary>As a container is that has grown.</summary>
public sealed class ThreePartitions() : CosmosAccount(partitions: 3);
