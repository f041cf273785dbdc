using Microsoft.Azure.Cosmos;

namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>An account of its own for one test, with a client of the unmodified SDK, in process or over HTTP.</summary>
public sealed class TestAccount : IAsyncDisposable
{
    private readonly List<CosmosClient> clients = [];

    private TestAccount(EmbeddedCosmos cosmos) => Cosmos = cosmos;

    public EmbeddedCosmos Cosmos { get; }

    public CosmosClient Client { get; private set; } = null!;

    public Database Database { get; private set; } = null!;

    public static async Task<TestAccount> StartAsync(
        int partitions = 1, bool overHttp = false, Action<CosmosClientOptions>? configure = null, TimeProvider? clock = null,
        string? dataDirectory = null)
    {
        var cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions
        {
            PartitionCount = partitions,
            Clock = clock ?? TimeProvider.System,
            DataDirectory = dataDirectory,
        });
        var account = new TestAccount(cosmos);
        if (overHttp)
        {
            await cosmos.ListenAsync(0, TestContext.Current.CancellationToken);
        }

        account.Client = account.NewClient(configure);
        account.Database = await account.Client.CreateDatabaseIfNotExistsAsync("db");
        return account;
    }

    public CosmosClient NewClient(Action<CosmosClientOptions>? configure = null)
    {
        var options = new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway };
        if (Cosmos.Endpoint.Host.EndsWith(".invalid", StringComparison.Ordinal))
        {
            options.HttpClientFactory = () => new HttpClient(Cosmos.CreateHandler(), disposeHandler: false);
        }

        configure?.Invoke(options);
        var client = new CosmosClient(Cosmos.ConnectionString, options);
        clients.Add(client);
        return client;
    }

    /// <summary>Disposes of a client that a test made itself.</summary>
    public void Keep(CosmosClient client) => clients.Add(client);

    public async Task<Container> ContainerAsync(string path = "/pk", string id = "items") =>
        await Database.CreateContainerAsync(new ContainerProperties(id, path));

    public async Task<Container> ContainerAsync(ContainerProperties properties) => await Database.CreateContainerAsync(properties);

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        await Cosmos.DisposeAsync();
    }
}

/// <summary>An item with a partition key and a number to change.</summary>
public sealed record Thing(string id, string pk, int n = 0, string? text = null, int? ttl = null);
