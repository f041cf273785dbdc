using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Charges;

/// <summary>What operations on items cost, as the SDK is told. The cases are rows of <c>charges.txt</c>.</summary>
public sealed class ItemChargeTests : IAsyncLifetime
{
    private const int Values = 7; // And two nested ones, and the key: ten in all.
    private static readonly PartitionKey Key = new("a");

    private TestAccount account = null!;

    public static TheoryData<string, int, string, double> Cases
    {
        get
        {
            var data = new TheoryData<string, int, string, double>();
            foreach (string[] parts in CaseLines.Read("charges.txt"))
            {
                data.Add(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), parts[2], double.Parse(parts[3], CultureInfo.InvariantCulture));
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync() => account = await TestAccount.StartAsync();

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_operation_costs(string operation, int bytes, string indexed, double expected)
    {
        Container container = await ContainerAsync(indexed);
        JsonObject item = await ItemAsync(container, bytes);
        string[] words = operation.Split(' ');
        int changes = words.Length > 1 ? int.Parse(words[1], CultureInfo.InvariantCulture) : 0;
        if (operation is not ("create" or "upsert"))
        {
            Assert.Equal(bytes, (await WriteAsync(container, item)).Content.Length);
        }

        using ResponseMessage response = words[0] switch
        {
            "create" => await WriteAsync(container, item),
            "upsert" => await container.UpsertItemStreamAsync(Stream(Changed(item, changes)), Key),
            "replace" => await container.ReplaceItemStreamAsync(Stream(Changed(item, changes)), "1", Key),
            "patch" => await container.PatchItemStreamAsync("1", Key, [.. Enumerable.Range(0, changes).Select(i => PatchOperation.Set($"/v{i}", "y"))]),
            "delete" => await container.DeleteItemStreamAsync("1", Key),
            "read" => await container.ReadItemStreamAsync("1", Key),
            _ => throw new InvalidOperationException(operation),
        };

        Assert.True(response.IsSuccessStatusCode, response.ErrorMessage);
        Assert.Equal(expected, response.Headers.RequestCharge, 0.005);
    }

    [Fact]
    public void A_larger_item_never_costs_less()
    {
        foreach (SizeCharge charge in new[] { SizeCharge.Read, SizeCharge.Write })
        {
            double last = 0;
            for (int bytes = 0; bytes < 2_200_000; bytes += 499)
            {
                Assert.True(charge[bytes] >= last, $"{bytes} bytes cost {charge[bytes]} after {last}.");
                last = charge[bytes];
            }
        }
    }

    [Fact]
    public async Task Unique_keys_and_composite_indexes_cost_a_term_each()
    {
        var properties = new ContainerProperties("more", "/pk") { UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/n" } } } } };
        properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
        properties.IndexingPolicy.CompositeIndexes.Add([new CompositePath { Path = "/n" }, new CompositePath { Path = "/text" }]);
        Container container = await account.ContainerAsync(properties);

        Assert.Equal(5.35, (await container.CreateItemAsync(new Thing("1", "a", 1))).RequestCharge);
        Assert.Equal(10.3, (await container.ReplaceItemAsync(new Thing("1", "a", 1, "b"), "1")).RequestCharge); // The composite index.
        Assert.Equal(10.7, (await container.ReplaceItemAsync(new Thing("1", "a", 2, "b"), "1")).RequestCharge); // And the unique key.
        Assert.Equal(5.35, (await container.DeleteItemAsync<Thing>("1", Key)).RequestCharge);
    }

    [Fact]
    public async Task Equal_elements_of_an_array_are_one_term()
    {
        Container container = await ContainerAsync("/tags/[]/?");
        Assert.Equal(5.35, await CostAsync("""{"id":"1","pk":"a","tags":["x","y","x","x"]}"""));
        Assert.Equal(5.55, await CostAsync("""{"id":"2","pk":"a","tags":["x","y","z"],"other":["x"]}"""));
        Assert.Equal(4.95, await CostAsync("""{"id":"3","pk":"a","tags":{"x":1}}"""));

        async Task<double> CostAsync(string item) =>
            (await container.CreateItemStreamAsync(new MemoryStream(Encoding.UTF8.GetBytes(item)), Key)).Headers.RequestCharge;
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(ConsistencyLevel.Eventual, 1)]
    [InlineData(ConsistencyLevel.BoundedStaleness, 2)]
    [InlineData(ConsistencyLevel.Strong, 2)]
    public async Task Two_replicas_have_to_agree_on_a_strong_read(ConsistencyLevel? level, double expected)
    {
        await using var strong = EmbeddedCosmos.Create(new CosmosEmulatorOptions { ConsistencyLevel = "Strong" });
        await using var session = EmbeddedCosmos.Create();
        EmbeddedCosmos cosmos = level is ConsistencyLevel.Strong or ConsistencyLevel.BoundedStaleness ? strong : session;
        using var client = new CosmosClient(cosmos.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(cosmos.CreateHandler(), disposeHandler: false),
            ConsistencyLevel = level,
        });
        Database database = await client.CreateDatabaseAsync("db");
        Container container = await database.CreateContainerAsync("items", "/pk");
        double written = (await container.CreateItemAsync(new Thing("1", "a"))).RequestCharge;

        Assert.Equal(expected, (await container.ReadItemAsync<Thing>("1", Key)).RequestCharge);
        Assert.Equal(expected, (await container.ReadItemStreamAsync("2", Key)).Headers.RequestCharge);
        Assert.InRange(written, 5, 6); // A write costs the same at every level.
    }

    [Fact]
    public async Task What_is_refused_costs_something()
    {
        Container container = await account.ContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a"));
        var stale = new ItemRequestOptions { IfMatchEtag = "\"0\"" };

        Assert.Equal(1.24, await RefusedAsync(HttpStatusCode.Conflict, container.CreateItemStreamAsync(Stream("1"), Key)));
        Assert.Equal(1.24, await RefusedAsync(HttpStatusCode.PreconditionFailed, container.UpsertItemStreamAsync(Stream("1"), Key, stale)));
        Assert.Equal(1.24, await RefusedAsync(HttpStatusCode.BadRequest, container.CreateItemStreamAsync(Stream("2"), new PartitionKey("b"))));
        Assert.Equal(1, await RefusedAsync(HttpStatusCode.NotFound, container.ReadItemStreamAsync("2", Key)));
        Assert.Equal(1, await RefusedAsync(HttpStatusCode.NotFound, container.DeleteItemStreamAsync("2", Key)));
        Assert.Equal(1.24, await RefusedAsync(HttpStatusCode.BadRequest, container.CreateItemStreamAsync(new MemoryStream("{"u8.ToArray()), Key)));
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.TooManyRequests(TimeSpan.Zero) });
        using CosmosClient impatient = account.NewClient(options => options.MaxRetryAttemptsOnRateLimitedRequests = 0);
        Assert.Equal(
            0.38, await RefusedAsync(HttpStatusCode.TooManyRequests, impatient.GetContainer("db", "items").ReadItemStreamAsync("1", Key)));

        static MemoryStream Stream(string id) => new(Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","pk":"a"}"""));
    }

    [Fact]
    public async Task An_unchanged_item_was_read_all_the_same()
    {
        Container container = await account.ContainerAsync();
        string etag = (await container.CreateItemAsync(new Thing("1", "a", text: new string('x', 8000)))).ETag;
        double read = (await container.ReadItemAsync<Thing>("1", Key)).RequestCharge;
        using ResponseMessage unchanged = await container.ReadItemStreamAsync("1", Key, new ItemRequestOptions { IfNoneMatchEtag = etag });

        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.True(read > 1);
        Assert.Equal(read, unchanged.Headers.RequestCharge);
    }

    private static async Task<double> RefusedAsync(HttpStatusCode status, Task<ResponseMessage> request)
    {
        using ResponseMessage response = await request;
        Assert.Equal(status, response.StatusCode);
        return response.Headers.RequestCharge;
    }

    private Task<Container> ContainerAsync(string indexed)
    {
        var properties = new ContainerProperties("items", "/pk");
        if (indexed != "all")
        {
            properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
            foreach (string path in indexed == "none" ? [] : indexed.Split(' '))
            {
                properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = path });
            }
        }

        return account.ContainerAsync(properties);
    }

    /// <summary>An item that has this size when it is stored: a twin without padding tells what storage adds.</summary>
    private static async Task<JsonObject> ItemAsync(Container container, int bytes)
    {
        JsonObject item = Item("0", 0);
        using ResponseMessage stored = await WriteAsync(container, item);
        return Item("1", bytes - (int)stored.Content.Length);
    }

    private static JsonObject Item(string id, int padding)
    {
        var item = new JsonObject { ["id"] = id, ["pk"] = "a" };
        for (int i = 0; i < Values; i++)
        {
            item[$"v{i}"] = "x";
        }

        item["nested"] = new JsonObject { ["a"] = 1, ["b"] = new JsonArray(new string('p', padding)) };
        return item;
    }

    private static JsonObject Changed(JsonObject item, int changes)
    {
        for (int i = 0; i < changes; i++)
        {
            item[$"v{i}"] = "y";
        }

        return item;
    }

    private static Task<ResponseMessage> WriteAsync(Container container, JsonObject item) => container.CreateItemStreamAsync(Stream(item), Key);

    private static MemoryStream Stream(JsonObject item) => new(Encoding.UTF8.GetBytes(item.ToJsonString()));
}
