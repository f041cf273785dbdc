using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

public sealed class SmokeTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public async Task All_kinds_of_requests_work(int partitions, bool overHttp)
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions, overHttp);
        Container c = await account.ContainerAsync();
        ItemResponse<Thing> created = await c.CreateItemAsync(new Thing("1", "a"), new PartitionKey("a"));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(new Thing("1", "a"), (await c.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource);
        CosmosException conflict = await Assert.ThrowsAsync<CosmosException>(() => c.CreateItemAsync(new Thing("1", "a")));
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        await c.UpsertItemAsync(new Thing("1", "a", 2));
        await c.PatchItemAsync<Thing>("1", new PartitionKey("a"), [PatchOperation.Increment("/n", 3)]);
        Assert.Equal(5, (await c.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.n);
        TransactionalBatchResponse batch = await c.CreateTransactionalBatch(new PartitionKey("b"))
            .CreateItem(new Thing("1", "b")).CreateItem(new Thing("2", "b")).ReadItem("1").ExecuteAsync();
        Assert.True(batch.IsSuccessStatusCode);
        Assert.Equal(new Thing("1", "b"), batch.GetOperationResultAtIndex<Thing>(2).Resource);

        using FeedIterator<Thing> all = c.GetItemQueryIterator<Thing>((string?)null);
        int count = 0;
        while (all.HasMoreResults)
        {
            count += (await all.ReadNextAsync()).Count;
        }

        Assert.Equal(3, count);

        using FeedIterator<Thing> changes = c.GetChangeFeedIterator<Thing>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion);
        count = 0;
        while (true)
        {
            FeedResponse<Thing> page = await changes.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
            {
                break;
            }

            count += page.Count;
        }

        Assert.Equal(3, count);
        CosmosClient bulk = account.NewClient(o => o.AllowBulkExecution = true);
        Container bulkContainer = bulk.GetContainer("db", "items");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => bulkContainer.CreateItemAsync(new Thing($"b{i}", $"p{i}"), new PartitionKey($"p{i}"))));
        await c.DeleteItemAsync<Thing>("1", new PartitionKey("a"));
        await c.DeleteContainerAsync();
    }
}
