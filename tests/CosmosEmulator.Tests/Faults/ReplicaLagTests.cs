using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Serverless.CosmosEmulator.Faults;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Faults;

/// <summary>A replica that lags answers reads from an older state, unless the request demands more.</summary>
public sealed class ReplicaLagTests
{
    private const string Items = "/dbs/db/colls/items/docs";
    private static readonly PartitionKey Key = new("a");
    private static readonly (string Name, string Value) KeyHeader = ("x-ms-documentdb-partitionkey", "[\"a\"]");
    private static readonly FaultRule MissesOneWrite = new() { Effect = FaultEffect.ReplicaLag(1) };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_client_reads_the_state_before_the_last_write(bool overHttp)
    {
        await using TestAccount account = await TestAccount.StartAsync(overHttp: overHttp);
        Container mine = await account.ContainerAsync();
        using ActiveFault fault = account.Cosmos.Faults.Add(MissesOneWrite);
        await mine.CreateItemAsync(new Thing("1", "a", 1));
        await mine.ReplaceItemAsync(new Thing("1", "a", 2), "1");
        Container others = account.NewClient().GetContainer("db", "items");

        Assert.Equal(1, (await others.ReadItemAsync<Thing>("1", Key)).Resource.n);
        Assert.Equal([1], await QueryAsync(account.NewClient().GetContainer("db", "items")));
        Assert.Equal(2, fault.Strikes);
    }

    [Fact]
    public async Task A_client_reads_its_own_writes()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        Container mine = await account.ContainerAsync();
        account.Cosmos.Faults.Add(MissesOneWrite);
        await mine.CreateItemAsync(new Thing("1", "a", 1));
        await mine.ReplaceItemAsync(new Thing("1", "a", 2), "1");

        Assert.Equal(2, (await mine.ReadItemAsync<Thing>("1", Key)).Resource.n);
        Assert.Equal([2], await QueryAsync(mine));
    }

    [Fact]
    public async Task A_read_that_asks_for_the_latest_committed_state_gets_it_for_twice_the_charge()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        Container mine = await account.ContainerAsync();
        using ActiveFault fault = account.Cosmos.Faults.Add(MissesOneWrite);
        await mine.CreateItemAsync(new Thing("1", "a", 1));
        Container others = account.NewClient().GetContainer("db", "items");
        const ReadConsistencyStrategy latest = ReadConsistencyStrategy.LatestCommitted;

        ItemResponse<Thing> read = await others.ReadItemAsync<Thing>("1", Key, new ItemRequestOptions { ReadConsistencyStrategy = latest });

        Assert.Equal((1, 2.0), (read.Resource.n, read.RequestCharge));
        Container third = account.NewClient().GetContainer("db", "items");
        Assert.Equal([1], await QueryAsync(third, new QueryRequestOptions { ReadConsistencyStrategy = latest }));
        Assert.Equal(0, fault.Matches);
    }

    [Theory]
    [InlineData("Strong")]
    [InlineData("BoundedStaleness")]
    public async Task An_account_of_strong_or_bounded_consistency_has_no_replica_that_lags(string consistency)
    {
        await using var cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { ConsistencyLevel = consistency });
        using var client = new CosmosClient(
            cosmos.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, HttpClientFactory = cosmos.CreateClient });
        Container container = await (await client.CreateDatabaseAsync("db")).Database.CreateContainerAsync("items", "/pk");
        cosmos.Faults.Add(MissesOneWrite);
        await container.CreateItemAsync(new Thing("1", "a"));
        using var raw = new RawClient(cosmos);

        Assert.Equal(200, (await raw.GetAsync($"{Items}/1", KeyHeader)).Status);
        Assert.Equal(404, (await raw.GetAsync($"{Items}/1", KeyHeader, ("x-ms-consistency-level", "Eventual"))).Status);
    }

    [Fact]
    public async Task Every_kind_of_read_carries_the_token_of_the_state_that_answered()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(2) });
        await container.CreateItemAsync(new Thing("1", "a"));
        await container.CreateItemAsync(new Thing("2", "a"));
        await container.CreateItemAsync(new Thing("3", "a"));
        using var raw = new RawClient(account.Cosmos);

        RawAnswer read = await raw.GetAsync($"{Items}/3", KeyHeader);
        RawAnswer feed = await raw.GetAsync(Items, KeyHeader);
        RawAnswer changes = await raw.GetAsync(Items, ("A-IM", "Incremental Feed"), ("x-ms-documentdb-partitionkeyrangeid", "0"));
        RawAnswer query = await raw.PostAsync(
            Items, """{"query":"SELECT VALUE COUNT(1) FROM c"}""", KeyHeader, ("x-ms-documentdb-isquery", "True"), ("Content-Type", "application/query+json"));

        Assert.Equal(404, read.Status);
        Assert.Equal("1", feed.Header("x-ms-item-count"));
        Assert.Equal(("1", "\"1\""), (changes.Header("x-ms-item-count"), changes.Header("ETag")));
        Assert.Equal(1, query.Json.GetProperty("Documents")[0].GetInt32());
        Assert.All([read, feed, changes, query], answer => Assert.Equal("0:-1#1", answer.Header("x-ms-session-token")));
    }

    [Theory]
    [InlineData("0:-1#1", 200, "0:-1#1", 1)]
    [InlineData("0:-1#2", 200, "0:-1#2", 2)]
    [InlineData("0:-1#3", 200, "0:-1#3", 3)]
    [InlineData("0:-1#4", 404, null, null)]
    public async Task A_token_that_demands_more_gets_just_that(string token, int status, string? answered, int? n)
    {
        await using TestAccount account = await TestAccount.StartAsync();
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(3) });
        await container.CreateItemAsync(new Thing("1", "a", 1));
        await container.ReplaceItemAsync(new Thing("1", "a", 2), "1");
        await container.ReplaceItemAsync(new Thing("1", "a", 3), "1");
        using var raw = new RawClient(account.Cosmos);

        RawAnswer answer = await raw.GetAsync($"{Items}/1", KeyHeader, ("x-ms-session-token", token));

        Assert.Equal((status, answered), (answer.Status, answer.Header("x-ms-session-token")));
        Assert.Equal(n, status == 200 ? answer.Json.GetProperty("n").GetInt32() : null);
    }

    [Fact]
    public async Task A_batch_is_missing_as_a_whole_and_runs_at_the_primary()
    {
        await using TestAccount account = await TestAccount.StartAsync();
        Container container = await account.ContainerAsync();
        using ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(3) });
        await container.CreateItemAsync(new Thing("0", "a"));
        using TransactionalBatchResponse batch = await container.CreateTransactionalBatch(Key)
            .CreateItem(new Thing("1", "a")).CreateItem(new Thing("2", "a")).CreateItem(new Thing("3", "a")).ExecuteAsync();
        Assert.True(batch.IsSuccessStatusCode);
        using var raw = new RawClient(account.Cosmos);
        Assert.Equal("1", (await raw.GetAsync(Items, KeyHeader)).Header("x-ms-item-count"));

        using TransactionalBatchResponse reads = await account.NewClient().GetContainer("db", "items").CreateTransactionalBatch(Key).ReadItem("3").ExecuteAsync();

        Assert.Equal(HttpStatusCode.OK, reads.StatusCode);
        Assert.Equal(1, fault.Matches);
        await container.CreateItemAsync(new Thing("4", "a"));
        Assert.Equal("4", (await raw.GetAsync(Items, KeyHeader)).Header("x-ms-item-count")); // Three writes would be half of the batch.
    }

    [Fact]
    public async Task A_lag_of_time_ends_by_itself()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using TestAccount account = await TestAccount.StartAsync(clock: clock);
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(TimeSpan.FromMilliseconds(500)) });
        await container.CreateItemAsync(new Thing("1", "a"));
        using var raw = new RawClient(account.Cosmos);

        Assert.Equal(404, (await raw.GetAsync($"{Items}/1", KeyHeader)).Status);
        clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal(404, (await raw.GetAsync($"{Items}/1", KeyHeader)).Status);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, (await raw.GetAsync($"{Items}/1", KeyHeader)).Status);
    }

    [Fact]
    public async Task What_has_expired_is_gone_everywhere()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using TestAccount account = await TestAccount.StartAsync(clock: clock);
        Container container = await account.ContainerAsync(new ContainerProperties("items", "/pk") { DefaultTimeToLive = -1 });
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(10) });
        await container.CreateItemAsync(new Thing("1", "a", ttl: 5));
        await container.CreateItemAsync(new Thing("2", "a"));
        clock.Advance(TimeSpan.FromSeconds(6));
        await container.CreateItemAsync(new Thing("3", "a"));
        using var raw = new RawClient(account.Cosmos);

        RawAnswer feed = await raw.GetAsync(Items, KeyHeader);

        Assert.Equal("2", Assert.Single(feed.Json.GetProperty("Documents").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Whatever_was_written_every_older_state_is_just_as_it_was()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 2);
        Container container = await account.ContainerAsync(new ContainerProperties("items", "/pk")
        {
            UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/text" } } } },
        });
        using var raw = new RawClient(account.Cosmos);
        Task<RawAnswer> Feed() => raw.GetAsync(Items, KeyHeader);
        using ActiveFault recording = account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(1), Count = 0 });
        List<string> states = [(await Feed()).Body];
        var random = new Random(7);
        for (int i = 0; i < 150; i++)
        {
            string id = random.Next(5).ToString();
            bool done = random.Next(3) == 0
                ? (await container.DeleteItemStreamAsync(id, Key)).IsSuccessStatusCode
                : (await container.UpsertItemAsync(new Thing(id, "a", i, text: $"text {i}"), Key)).StatusCode is HttpStatusCode.OK or HttpStatusCode.Created;
            if (done)
            {
                states.Add((await Feed()).Body);
            }
        }

        for (int lag = 1; lag < states.Count; lag++)
        {
            using ActiveFault fault = account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(lag) });
            Assert.Equal(states[^(lag + 1)], (await Feed()).Body);
        }

        Assert.Equal(states[^1], (await Feed()).Body);
        await container.UpsertItemAsync(new Thing("0", "a", 1000, text: "text 0"), Key); // The unique keys are as they were, too.
    }

    [Fact]
    public async Task Reads_of_several_partitions_and_writers_do_not_wait_for_each_other()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 4);
        Container container = await account.ContainerAsync();
        account.Cosmos.Faults.Add(new FaultRule { Effect = FaultEffect.ReplicaLag(5), Probability = 0.5 });
        using var raw = new RawClient(account.Cosmos);
        await Parallel.ForAsync(0, 400, TestContext.Current.CancellationToken, async (i, token) =>
        {
            await container.UpsertItemAsync(new Thing((i % 20).ToString(), $"key {i % 7}", i), cancellationToken: token);
            Assert.Equal(200, (await raw.GetAsync(Items)).Status);
        });

        account.Cosmos.Faults.Clear();
        Assert.Equal("140", (await raw.GetAsync(Items)).Header("x-ms-item-count"));
    }

    private static async Task<List<int>> QueryAsync(Container container, QueryRequestOptions? options = null) =>
        [.. (await container.GetItemQueryIterator<Thing>("SELECT * FROM c", requestOptions: options).AllAsync()).Select(thing => thing.n)];
}
