using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Newtonsoft.Json.Linq;
using Serverless.CosmosEmulator;
using Serverless.FunctionsHost.Tests.Functions;

namespace Serverless.FunctionsHost.Tests.Support;

/// <summary>A database in this process with a monitored and a lease container, and apps whose triggers watch it.</summary>
internal sealed class TriggerDatabase : ITriggerCosmosClientFactory, IAsyncDisposable
{
    private readonly EmbeddedCosmos cosmos;
    private readonly CosmosClient client;
    private readonly Gate gate;

    private TriggerDatabase(EmbeddedCosmos cosmos)
    {
        this.cosmos = cosmos;
        gate = new Gate(cosmos.CreateHandler());
        client = new CosmosClient(cosmos.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(gate, disposeHandler: false),
        });
    }

    public Container Items => client.GetContainer("db", "items");

    public Container Leases => client.GetContainer("db", "leases");

    /// <summary>While set, the account refuses everybody.</summary>
    public bool IsDown { get => gate.IsClosed; set => gate.IsClosed = value; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<TriggerDatabase> CreateAsync(int partitions = 1, bool withLeases = true, TimeProvider? clock = null)
    {
        var database = new TriggerDatabase(EmbeddedCosmos.Create(new CosmosEmulatorOptions
        {
            PartitionCount = partitions,
            Clock = clock ?? TimeProvider.System,
        }));
        Database db = await database.client.CreateDatabaseAsync("db", cancellationToken: Cancel);
        await db.CreateContainerAsync("items", "/pk", cancellationToken: Cancel);
        if (withLeases)
        {
            await database.CreateLeasesAsync();
        }

        return database;
    }

    public Task CreateLeasesAsync() => client.GetDatabase("db").CreateContainerAsync("leases", "/id", cancellationToken: Cancel);

    public async Task WriteAsync(params string[] ids)
    {
        foreach (string id in ids)
        {
            await Items.CreateItemAsync(new { id, pk = id }, new PartitionKey(id), cancellationToken: Cancel);
        }
    }

    /// <summary>An app whose triggers use this database, started.</summary>
    public Task<TestApp> StartAppAsync<T>(Func<Delivery, CancellationToken, Task>? onDelivery = null, Action<FunctionsApplicationBuilder>? configure = null) =>
        TestApp.StartAsync(builder =>
        {
            builder.Configuration["Consumer"] = "totals";
            builder.Services.AddSingleton<ITriggerCosmosClientFactory>(this);
            builder.Services.AddSingleton(new Deliveries { OnDelivery = onDelivery ?? ((_, _) => Task.CompletedTask) });
            configure?.Invoke(builder);
        }, classes: typeof(T));

    public CosmosClient GetClient(string connection, IReadOnlyList<string> preferredRegions) => client;

    /// <summary>The lease documents that belong to partitions, without the processor's own markers.</summary>
    public async Task<IReadOnlyList<JObject>> ReadLeasesAsync()
    {
        List<JObject> found = [];
        using FeedIterator<JObject> iterator = Leases.GetItemQueryIterator<JObject>("SELECT * FROM c");
        while (iterator.HasMoreResults)
        {
            found.AddRange(await iterator.ReadNextAsync(Cancel));
        }

        return [.. found.Where(lease => lease.ContainsKey("LeaseToken"))];
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        gate.Dispose();
        await cosmos.DisposeAsync();
    }

    private sealed class Gate(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public bool IsClosed { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsClosed
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden) { RequestMessage = request, Content = new StringContent("{}") })
                : base.SendAsync(request, cancellationToken);
    }
}
