using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Batches;

public abstract class TransactionalBatchTests(int partitions) : IAsyncLifetime
{
    private static readonly PartitionKey Key = new("a");

    private TestAccount account = null!;
    private Container container = null!;

    private TransactionalBatch Batch => container.CreateTransactionalBatch(Key);

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions);
        container = await account.ContainerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await account.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task All_kinds_of_operations_see_each_other()
    {
        await container.CreateItemAsync(new Thing("old", "a"));
        using TransactionalBatchResponse response = await Batch
            .CreateItem(new Thing("1", "a", 1))
            .ReplaceItem("1", new Thing("1", "a", 2))
            .UpsertItem(new Thing("2", "a", 3))
            .PatchItem("1", [PatchOperation.Increment("/n", 5)])
            .ReadItem("1")
            .DeleteItem("old")
            .ExecuteAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([201, 200, 201, 200, 200, 204], response.Select(result => (int)result.StatusCode));
        Assert.Equal(7, response.GetOperationResultAtIndex<Thing>(4).Resource.n);
        Assert.True(response.RequestCharge > 0);
        Assert.Equal(7, (await container.ReadItemAsync<Thing>("1", Key)).Resource.n);
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("old", Key));
    }

    [Fact]
    public async Task One_failure_undoes_everything()
    {
        ItemResponse<Thing> kept = await container.CreateItemAsync(new Thing("kept", "a", 1));
        using TransactionalBatchResponse response = await Batch
            .CreateItem(new Thing("1", "a"))
            .ReplaceItem("kept", new Thing("kept", "a", 2))
            .DeleteItem("kept")
            .CreateItem(new Thing("kept", "a", 3))
            .ReadItem("missing")
            .CreateItem(new Thing("2", "a"))
            .ExecuteAsync();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal([424, 424, 424, 424, 404, 424], response.Select(result => (int)result.StatusCode));
        ItemResponse<Thing> after = await container.ReadItemAsync<Thing>("kept", Key);
        Assert.Equal((kept.ETag, 1), (after.ETag, after.Resource.n));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", Key));
        Assert.Single((await container.GetChangeFeedIterator<Thing>(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion).ChangesAsync()).Pages.SelectMany(page => page));
    }

    [Theory]
    [InlineData("conflict", 409)]
    [InlineData("stale", 412)]
    [InlineData("missing", 404)]
    [InlineData("otherKey", 400)]
    [InlineData("noId", 400)]
    public async Task The_failing_operation_has_its_own_status(string fault, int status)
    {
        await container.CreateItemAsync(new Thing("1", "a"));
        TransactionalBatch batch = Batch.CreateItem(new Thing("2", "a"));
        batch = fault switch
        {
            "conflict" => batch.CreateItem(new Thing("1", "a")),
            "stale" => batch.ReplaceItem("1", new Thing("1", "a"), new TransactionalBatchItemRequestOptions { IfMatchEtag = "\"no\"" }),
            "missing" => batch.DeleteItem("none"),
            "otherKey" => batch.CreateItem(new Thing("3", "b")),
            _ => batch.CreateItem(new { pk = "a" }),
        };
        using TransactionalBatchResponse response = await batch.ExecuteAsync();
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal([424, status], response.Select(result => (int)result.StatusCode));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("2", Key));
    }

    [Fact]
    public async Task A_read_of_an_unchanged_item_does_not_fail_the_batch()
    {
        ItemResponse<Thing> item = await container.CreateItemAsync(new Thing("1", "a"));
        using TransactionalBatchResponse response = await Batch
            .CreateItem(new Thing("2", "a"))
            .ReadItem("1", new TransactionalBatchItemRequestOptions { IfNoneMatchEtag = item.ETag })
            .ExecuteAsync();
        Assert.Equal((HttpStatusCode)207, response.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, response[1].StatusCode);
        Assert.Equal("2", (await container.ReadItemAsync<Thing>("2", Key)).Resource.id);
    }

    [Fact]
    public async Task A_conditional_operation_goes_through_with_the_current_etag()
    {
        ItemResponse<Thing> item = await container.CreateItemAsync(new Thing("1", "a"));
        using TransactionalBatchResponse response = await Batch
            .ReplaceItem("1", new Thing("1", "a", 2), new TransactionalBatchItemRequestOptions { IfMatchEtag = item.ETag })
            .ExecuteAsync();
        Assert.True(response.IsSuccessStatusCode);
        Assert.NotEqual(item.ETag, response[0].ETag);
    }

    [Fact]
    public async Task Content_can_be_left_out()
    {
        using TransactionalBatchResponse response = await Batch
            .CreateItem(new Thing("1", "a"), new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false })
            .ExecuteAsync();
        Assert.True(response.IsSuccessStatusCode);
        Assert.Null(response[0].ResourceStream);
        Assert.False(string.IsNullOrEmpty(response[0].ETag));
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(101, 400)]
    public async Task A_batch_has_a_hundred_operations_at_most(int operations, int status)
    {
        TransactionalBatch batch = Batch;
        for (int i = 0; i < operations; i++)
        {
            batch = batch.CreateItem(new Thing($"{i}", "a"));
        }

        using TransactionalBatchResponse response = await batch.ExecuteAsync();
        Assert.Equal(status, (int)response.StatusCode);
        int stored = (await container.GetItemQueryIterator<Thing>((string?)null).AllAsync()).Count;
        Assert.Equal(status == 200 ? operations : 0, stored);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_refused()
    {
        using TransactionalBatchResponse response = await Batch
            .CreateItem(new Thing("1", "a", 0, new string('x', 1_200_000)))
            .CreateItem(new Thing("2", "a", 0, new string('x', 1_200_000)))
            .ExecuteAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Results_that_are_too_large_undo_the_batch()
    {
        await container.CreateItemAsync(new Thing("big", "a", 0, new string('x', 1_000_000)));
        TransactionalBatch batch = Batch.CreateItem(new Thing("1", "a"));
        for (int i = 0; i < 9; i++)
        {
            batch = batch.ReadItem("big");
        }

        using TransactionalBatchResponse response = await batch.ExecuteAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal([.. Enumerable.Repeat(424, 9), 413], response.Select(result => (int)result.StatusCode));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", Key));
    }

    [Fact]
    public async Task A_batch_counts_its_own_unique_values()
    {
        Container unique = await account.ContainerAsync(new ContainerProperties("u", "/pk")
        {
            UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/n" } } } },
        });
        using TransactionalBatchResponse twice = await unique.CreateTransactionalBatch(Key)
            .CreateItem(new Thing("1", "a", 1)).CreateItem(new Thing("2", "a", 1)).ExecuteAsync();
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        using TransactionalBatchResponse freed = await unique.CreateTransactionalBatch(Key)
            .CreateItem(new Thing("1", "a", 1)).DeleteItem("1").CreateItem(new Thing("2", "a", 1)).ExecuteAsync();
        Assert.True(freed.IsSuccessStatusCode);
    }
}

public sealed class TransactionalBatchTestsOnOnePartition() : TransactionalBatchTests(1);

public sealed class TransactionalBatchTestsOnThreePartitions() : TransactionalBatchTests(3);
