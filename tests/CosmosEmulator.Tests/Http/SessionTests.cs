using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

/// <summary>COSMOS-PROTOCOL §4.1.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private const string Item = "/dbs/db/colls/items/docs/1";

    private TestAccount account = null!;
    private RawClient raw = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        container = await account.ContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a"));
        await container.CreateItemAsync(new Thing("2", "a"));
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Theory]
    [InlineData("0:-1#2", 200, 0)]
    [InlineData("0:-1#0", 200, 0)]
    [InlineData("0:-1#3", 404, 1002)]
    [InlineData("0:-1#3#4=7", 404, 1002)]
    [InlineData("0:3", 404, 1002)]
    [InlineData("7:-1#900", 200, 0)] // Another range.
    [InlineData("7:-1#900,0:-1#2", 200, 0)]
    [InlineData("7:-1#900,0:-1#3", 404, 1002)]
    [InlineData("nonsense", 400, 0)]
    [InlineData("0:-1#x", 400, 0)]
    public async Task A_read_ahead_of_the_partition_is_refused(string token, int status, int subStatus)
    {
        foreach (string path in (string[])[Item, "/dbs/db/colls/items/docs"])
        {
            RawAnswer answer = await raw.GetAsync(path, ("x-ms-documentdb-partitionkey", "[\"a\"]"), ("x-ms-session-token", token));
            Assert.Equal((status, subStatus), (answer.Status, answer.SubStatus));
        }
    }

    [Fact]
    public async Task Every_write_moves_the_token_by_one_and_items_carry_the_same_counter()
    {
        RawAnswer read = await raw.GetAsync(Item, ("x-ms-documentdb-partitionkey", "[\"a\"]"));
        Assert.Equal("0:-1#2", read.Header("x-ms-session-token"));
        Assert.Equal("1", read.Header("x-ms-item-lsn"));
        Assert.Equal("2", read.Header("lsn"));
        await container.DeleteItemAsync<Thing>("2", new PartitionKey("a"));
        RawAnswer changes = await raw.GetAsync(
            "/dbs/db/colls/items/docs", ("A-IM", "Incremental Feed"), ("x-ms-documentdb-partitionkeyrangeid", "0"));
        Assert.Equal("0:-1#3", changes.Header("x-ms-session-token"));
        Assert.Equal(1, changes.Json.GetProperty("Documents")[0].GetProperty("_lsn").GetInt64());
        Assert.Equal("\"1\"", changes.Header("ETag"));
    }

    [Fact]
    public async Task A_missing_item_has_a_token_but_no_owner()
    {
        RawAnswer answer = await raw.GetAsync("/dbs/db/colls/items/docs/none", ("x-ms-documentdb-partitionkey", "[\"a\"]"));
        Assert.Equal(404, answer.Status);
        Assert.Equal("0:-1#2", answer.Header("x-ms-session-token"));
        Assert.Null(answer.Header("x-ms-content-path"));
    }

    [Fact]
    public async Task A_client_of_the_container_before_finds_its_way_in_the_one_after()
    {
        CosmosClient other = account.NewClient();
        await container.DeleteContainerAsync();
        await account.ContainerAsync();
        Container same = other.GetContainer("db", "items");
        await same.CreateItemAsync(new Thing("1", "a", 5));
        Assert.Equal(5, (await container.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.n);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_knew_a_container_reads_the_next_one_of_that_name(bool withDatabase)
    {
        (string, PartitionKey)[] wanted = [("1", new PartitionKey("a")), ("2", new PartitionKey("a")), ("3", new PartitionKey("b"))];
        Assert.Equal(2, (await container.ReadManyItemsAsync<Thing>(wanted)).Count);
        CosmosClient other = account.NewClient();
        if (withDatabase)
        {
            await other.GetDatabase("db").DeleteAsync();
            await other.CreateDatabaseAsync("db");
        }
        else
        {
            await other.GetContainer("db", "items").DeleteContainerAsync();
        }

        Container again = await other.GetDatabase("db").CreateContainerAsync("items", "/pk");
        await again.CreateItemAsync(new Thing("3", "b"));
        Assert.Equal("3", Assert.Single(await container.ReadManyItemsAsync<Thing>(wanted)).id);
    }
}
