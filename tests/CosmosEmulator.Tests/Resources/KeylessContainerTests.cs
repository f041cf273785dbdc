using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Resources;

/// <summary>Containers from before partition keys were a must: made with an old API version, used and grown with a new client.</summary>
public sealed class KeylessContainerTests : IAsyncLifetime
{
    private static readonly (string, string) OldVersion = ("x-ms-version", "2018-09-17");

    private TestAccount account = null!;
    private RawClient raw = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions: 3);
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Fact]
    public async Task Only_an_old_client_can_make_one()
    {
        Assert.Equal(400, (await raw.PostAsync("/dbs/db/colls", """{"id":"old"}""")).Status);
        RawAnswer made = await raw.PostAsync("/dbs/db/colls", """{"id":"old"}""", OldVersion);
        Assert.Equal(201, made.Status);
        Assert.Equal("/_partitionKey", made.Json.GetProperty("partitionKey").GetProperty("paths")[0].GetString());
        Assert.Single((await raw.GetAsync("/dbs/db/colls/old/pkranges")).Json.GetProperty("PartitionKeyRanges").EnumerateArray());
    }

    [Fact]
    public async Task Items_without_a_key_are_one_partition_and_new_ones_may_have_a_key()
    {
        await raw.PostAsync("/dbs/db/colls", """{"id":"old"}""", OldVersion);
        Assert.Equal(201, (await raw.PostAsync("/dbs/db/colls/old/docs", """{"id":"1"}""", OldVersion)).Status);
        Assert.Equal(200, (await raw.GetAsync("/dbs/db/colls/old/docs/1", OldVersion)).Status);
        Container container = account.Database.GetContainer("old");
        Assert.Equal("1", (await container.ReadItemAsync<Thing>("1", PartitionKey.None)).Resource.id);
        await container.CreateItemAsync(new Thing("2", "ignored"), PartitionKey.None);
        await container.CreateItemAsync(new { id = "2", _partitionKey = "a" }, new PartitionKey("a"));
        await container.ReplaceItemAsync(new Thing("2", "ignored", 5), "2", PartitionKey.None);
        async Task<int> CountAsync(string? query, PartitionKey? key) => (await container.GetItemQueryIterator<Thing>(
            query, requestOptions: new QueryRequestOptions { PartitionKey = key }).AllAsync()).Count;
        foreach (string? query in new[] { null, "SELECT * FROM c", "SELECT * FROM c ORDER BY c.id" })
        {
            Assert.Equal((3, 2, 1), (await CountAsync(query, null), await CountAsync(query, PartitionKey.None), await CountAsync(query, new PartitionKey("a"))));
        }

        FeedResponse<Thing> many = await container.ReadManyItemsAsync<Thing>([("1", PartitionKey.None), ("2", PartitionKey.None), ("2", new PartitionKey("a"))]);
        Assert.Equal(3, many.Count);
        await container.DeleteItemAsync<Thing>("2", PartitionKey.None);
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("2", PartitionKey.None));
        Assert.Equal("2", (await container.ReadItemAsync<Thing>("2", new PartitionKey("a"))).Resource.id);
    }
}
