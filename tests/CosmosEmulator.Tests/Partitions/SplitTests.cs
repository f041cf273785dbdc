using System.Collections.Concurrent;
using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Partitions;

/// <summary>Splits at run time: what was begun before goes on after.</summary>
public sealed class SplitTests : IAsyncLifetime
{
    private const int Items = 200;

    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        container = await account.ContainerAsync();
    }

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Fact]
    public async Task Every_item_keeps_its_version_and_is_found_by_its_key()
    {
        List<ItemResponse<Thing>> created = await CreateAsync();
        await SplitAsync("0");
        await SplitAsync("1");
        foreach (ItemResponse<Thing> item in created)
        {
            ItemResponse<Thing> read = await container.ReadItemAsync<Thing>(item.Resource.id, new PartitionKey(item.Resource.pk));
            Assert.Equal((item.ETag, item.Resource), (read.ETag, read.Resource));
        }

        Assert.Equal(HttpStatusCode.Conflict, (await Assert.ThrowsAsync<CosmosException>(
            () => container.CreateItemAsync(new Thing("1", "p1")))).StatusCode);
    }

    [Fact]
    public async Task The_ranges_tile_the_space_and_name_their_ancestors()
    {
        using var raw = new RawClient(account.Cosmos);
        RawAnswer before = await raw.GetAsync("/dbs/db/colls/items/pkranges");
        RawAnswer unchanged = await raw.GetAsync("/dbs/db/colls/items/pkranges", ("If-None-Match", before.Header("ETag")!));
        Assert.Equal(304, unchanged.Status);
        await SplitAsync("0");
        await SplitAsync("2");
        RawAnswer after = await raw.GetAsync("/dbs/db/colls/items/pkranges", ("If-None-Match", before.Header("ETag")!));
        Assert.Equal(200, after.Status);
        var ranges = after.Json.GetProperty("PartitionKeyRanges").EnumerateArray().Select(range => (
            Id: range.GetProperty("id").GetString(),
            Min: range.GetProperty("minInclusive").GetString(),
            Max: range.GetProperty("maxExclusive").GetString(),
            Parents: string.Join(",", range.GetProperty("parents").EnumerateArray()))).ToList();
        Assert.Equal(["1", "3", "4"], ranges.Select(range => range.Id));
        Assert.Equal(["0", "0,2", "0,2"], ranges.Select(range => range.Parents));
        Assert.Equal(["", ranges[0].Max, ranges[1].Max], ranges.Select(range => range.Min));
        Assert.Equal("FF", ranges[2].Max);
        RawAnswer gone = await raw.GetAsync("/dbs/db/colls/items/docs", ("x-ms-documentdb-partitionkeyrangeid", "0"));
        Assert.Equal((410, 1002), (gone.Status, gone.SubStatus));
    }

    [Theory]
    [InlineData("SELECT * FROM c")]
    [InlineData("SELECT * FROM c ORDER BY c.n")]
    [InlineData("SELECT * FROM c ORDER BY c.n DESC")]
    public async Task A_query_that_was_begun_before_the_split_ends_complete(string query)
    {
        await CreateAsync();
        using FeedIterator<object> iterator = container.GetItemQueryIterator<object>(query, requestOptions: new QueryRequestOptions { MaxItemCount = 30 });
        int count = (await iterator.ReadNextAsync()).Count;
        await SplitAsync("0");
        while (iterator.HasMoreResults)
        {
            count += (await iterator.ReadNextAsync()).Count;
        }

        Assert.Equal(Items, count);
    }

    [Theory]
    [InlineData("SELECT * FROM c")]
    [InlineData("SELECT * FROM c ORDER BY c.n")]
    public async Task A_continuation_from_before_the_split_goes_on_after_it(string query)
    {
        await CreateAsync();
        string continuation;
        int count;
        using (FeedIterator<Thing> first = container.GetItemQueryIterator<Thing>(query, requestOptions: new QueryRequestOptions { MaxItemCount = 30 }))
        {
            FeedResponse<Thing> page = await first.ReadNextAsync();
            (count, continuation) = (page.Count, page.ContinuationToken);
        }

        await SplitAsync("0");
        count += (await container.GetItemQueryIterator<Thing>(query, continuation).AllAsync()).Count;
        Assert.Equal(Items, count);
    }

    [Fact]
    public async Task A_change_feed_continuation_from_before_the_split_goes_on_after_it()
    {
        await CreateAsync();
        (_, string continuation) = await container.GetChangeFeedIterator<Thing>(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion).ChangesAsync();
        await SplitAsync("0");
        await container.CreateItemAsync(new Thing("later", "p1"));
        (List<IReadOnlyList<Thing>> pages, _) = await container.GetChangeFeedIterator<Thing>(
            ChangeFeedStartFrom.ContinuationToken(continuation), ChangeFeedMode.LatestVersion).ChangesAsync();
        Assert.Equal("later", Assert.Single(pages.SelectMany(page => page)).id);
    }

    [Fact]
    public async Task Sessions_hold_across_the_split()
    {
        ItemResponse<Thing> written = await container.CreateItemAsync(new Thing("1", "p1"));
        await SplitAsync("0");
        ItemResponse<Thing> read = await container.ReadItemAsync<Thing>(
            "1", new PartitionKey("p1"), new ItemRequestOptions { SessionToken = written.Headers.Session });
        Assert.NotEqual("0", read.Headers.Session.Split(':')[0]);
    }

    [Fact]
    public async Task Writers_in_full_flight_lose_nothing()
    {
        var acknowledged = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        Task[] writers = [.. Enumerable.Range(0, 4).Select(writer => Task.Run(
            async () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    await container.CreateItemAsync(new Thing($"{writer}-{i}", $"p{i % 97}"));
                    acknowledged.Add($"{writer}-{i}");
                }
            },
            TestContext.Current.CancellationToken))];
        foreach (string range in (string[])["0", "1", "2", "3"])
        {
            int before = acknowledged.Count;
            await Eventually.TrueAsync(() => acknowledged.Count > before + 50, "writes between two splits");
            await SplitAsync(range);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        List<Thing> stored = await container.GetItemQueryIterator<Thing>((string?)null).AllAsync();
        Assert.Equal(acknowledged.Order(), stored.Select(thing => thing.id).Order());
    }

    [Fact]
    public async Task Unique_keys_and_batches_hold_after_the_split()
    {
        Container unique = await account.ContainerAsync(new ContainerProperties("u", "/pk")
        {
            UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/n" } } } },
        });
        await unique.CreateItemAsync(new Thing("1", "a", 7));
        await account.Cosmos.SplitAsync("db", "u", "0", TestContext.Current.CancellationToken);
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => unique.CreateItemAsync(new Thing("2", "a", 7)));
        using TransactionalBatchResponse batch = await unique.CreateTransactionalBatch(new PartitionKey("a"))
            .ReplaceItem("1", new Thing("1", "a", 8)).CreateItem(new Thing("2", "a", 7)).ExecuteAsync();
        Assert.True(batch.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_range_that_is_not_there_or_a_container_that_is_not_there_can_not_be_split()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => SplitAsync("9"));
        await Assert.ThrowsAsync<ArgumentException>(() => account.Cosmos.SplitAsync("db", "none", "0", TestContext.Current.CancellationToken));
    }

    private Task SplitAsync(string range) => account.Cosmos.SplitAsync("db", "items", range, TestContext.Current.CancellationToken);

    private async Task<List<ItemResponse<Thing>>> CreateAsync()
    {
        ItemResponse<Thing>[] created = await Task.WhenAll(
            Enumerable.Range(0, Items).Select(i => container.CreateItemAsync(new Thing($"{i}", $"p{i % 50}", i % 20))));
        return [.. created];
    }
}
