using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Batches;

public sealed class BulkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_operation_has_its_own_fate(int partitions)
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions, configure: options => options.AllowBulkExecution = true);
        Container container = await account.ContainerAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => container.CreateItemAsync(new Thing($"{i}", $"p{i % 50}", i), new PartitionKey($"p{i % 50}"))));
        Assert.Equal(200, (await container.GetItemQueryIterator<Thing>((string?)null).AllAsync()).Count);

        Task<ItemResponse<Thing>>[] mixed =
        [
            container.CreateItemAsync(new Thing("0", "p0"), new PartitionKey("p0")),
            container.UpsertItemAsync(new Thing("0", "p0", 7), new PartitionKey("p0")),
            container.ReadItemAsync<Thing>("3", new PartitionKey("p3")),
            container.DeleteItemAsync<Thing>("4", new PartitionKey("p4")),
            container.ReadItemAsync<Thing>("none", new PartitionKey("p5")),
            container.PatchItemAsync<Thing>("6", new PartitionKey("p6"), [PatchOperation.Set("/n", 66)]),
            container.ReplaceItemAsync(new Thing("7", "p7", 77), "7", new PartitionKey("p7")),
        ];
        await Task.WhenAll(mixed.Select(task => task.ContinueWith(_ => { }, TaskScheduler.Default)));
        int[] statuses = [.. mixed.Select(task => task.IsFaulted ? (int)((CosmosException)task.Exception.InnerException!).StatusCode : (int)task.Result.StatusCode)];
        Assert.Equal([409, 200, 200, 204, 404, 200, 200], statuses);
        Assert.Equal(66, (await container.ReadItemAsync<Thing>("6", new PartitionKey("p6"))).Resource.n);
    }

    [Fact]
    public async Task A_wrong_body_fails_alone()
    {
        await using TestAccount account = await TestAccount.StartAsync(configure: options => options.AllowBulkExecution = true);
        Container container = await account.ContainerAsync();
        Task<ItemResponse<object>> wrong = container.CreateItemAsync<object>(new { pk = "a" }, new PartitionKey("a"));
        Task<ItemResponse<Thing>> right = container.CreateItemAsync(new Thing("1", "a"), new PartitionKey("a"));
        await Feeds.FailsAsync(HttpStatusCode.BadRequest, () => wrong);
        Assert.Equal(HttpStatusCode.Created, (await right).StatusCode);
    }
}
