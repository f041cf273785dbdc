using Microsoft.Azure.Cosmos;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>Something that answers the SDK: an emulator in memory, one on disk, or constants. Each has its own client and container.</summary>
internal sealed class Target : IAsyncDisposable
{
    public const int ItemBytes = 500; // As a client sends it.

    private readonly EmbeddedCosmos cosmos;
    private readonly HttpMessageHandler handler;
    private readonly CosmosClient client;
    private long lastId;

    private Target(string name, CosmosEmulatorOptions options, bool constant)
    {
        Name = name;
        cosmos = EmbeddedCosmos.Create(options);
        handler = constant ? new ConstantHandler(cosmos.CreateHandler()) : cosmos.CreateHandler();
        client = new CosmosClient(cosmos.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(handler, disposeHandler: false),
        });
        Container = client.GetContainer("bench", "items");
    }

    public string Name { get; }

    public Container Container { get; }

    public static async Task<Target> CreateAsync(string name, CosmosEmulatorOptions? options = null, bool constant = false)
    {
        var target = new Target(name, options ?? new CosmosEmulatorOptions(), constant);
        Database database = await target.client.CreateDatabaseAsync("bench");
        await database.CreateContainerAsync("items", "/pk");
        using ResponseMessage first = await target.WriteAsync("r", "r");
        first.EnsureSuccessStatusCode();
        return target;
    }

    public async Task ReadAsync()
    {
        using ResponseMessage response = await Container.ReadItemStreamAsync("r", new PartitionKey("r"));
        response.EnsureSuccessStatusCode();
    }

    public async Task CreateAsync()
    {
        string id = NextId();
        using ResponseMessage response = await WriteAsync(id, id);
        response.EnsureSuccessStatusCode();
    }

    public async Task BatchAsync()
    {
        string key = NextId();
        using var first = new MemoryStream(Requests.Item("1", key, ItemBytes));
        using var second = new MemoryStream(Requests.Item("2", key, ItemBytes));
        using TransactionalBatchResponse response = await Container.CreateTransactionalBatch(new PartitionKey(key))
            .CreateItemStream(first).CreateItemStream(second).ExecuteAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The batch was answered {response.StatusCode}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        handler.Dispose();
        await cosmos.DisposeAsync();
    }

    private async Task<ResponseMessage> WriteAsync(string id, string key)
    {
        using var item = new MemoryStream(Requests.Item(id, key, ItemBytes));
        return await Container.CreateItemStreamAsync(item, new PartitionKey(key));
    }

    private string NextId() => $"{Interlocked.Increment(ref lastId):0000000000}";
}
