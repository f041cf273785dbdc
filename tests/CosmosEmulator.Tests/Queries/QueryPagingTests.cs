using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Queries;

/// <summary>Queries through the SDK: scopes, pages, continuations, merging. What the language means is tested with the SQL module.</summary>
public abstract class QueryPagingTests(int partitions, bool overHttp) : IAsyncLifetime
{
    private const int Items = 120;

    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions, overHttp);
        container = await account.ContainerAsync();
        await Task.WhenAll(Enumerable.Range(0, Items).Select(i => container.CreateItemAsync(new Thing($"{i:000}", $"p{i % 10}", i % 7))));
    }

    public async ValueTask DisposeAsync()
    {
        await account.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("SELECT * FROM c", 1)]
    [InlineData("SELECT * FROM c", 17)]
    [InlineData("SELECT * FROM c", -1)]
    [InlineData("SELECT * FROM c ORDER BY c.n", 1)]
    [InlineData("SELECT * FROM c ORDER BY c.n", 17)]
    [InlineData("SELECT * FROM c ORDER BY c.n DESC", 17)]
    [InlineData("SELECT * FROM c ORDER BY c.id", 17)]
    [InlineData("SELECT * FROM c ORDER BY c.id DESC", 17)]
    [InlineData("SELECT * FROM c ORDER BY c.none", 17)]
    public async Task Every_item_comes_once_whatever_the_page_size(string query, int size)
    {
        List<Thing> things = await container.GetItemQueryIterator<Thing>(
            query, requestOptions: new QueryRequestOptions { MaxItemCount = size }).AllAsync();
        Assert.Equal(Items, things.Count);
        Assert.Equal(Items, things.Select(thing => thing.id).Distinct().Count());
        if (query.Contains("c.n", StringComparison.Ordinal) && !query.Contains("none", StringComparison.Ordinal))
        {
            int[] values = [.. things.Select(thing => thing.n)];
            Assert.Equal(query.EndsWith("DESC", StringComparison.Ordinal) ? values.OrderDescending() : values.Order(), values);
        }
    }

    [Theory]
    [InlineData("SELECT * FROM c")]
    [InlineData("SELECT * FROM c ORDER BY c.n")]
    [InlineData("SELECT * FROM c ORDER BY c.n DESC")]
    [InlineData("SELECT * FROM c WHERE c.n > 2 ORDER BY c.id DESC")]
    public async Task A_continuation_serves_another_client(string query)
    {
        List<string> ids = [];
        string? continuation = null;
        do
        {
            CosmosClient client = account.NewClient();
            using FeedIterator<Thing> iterator = client.GetContainer("db", "items").GetItemQueryIterator<Thing>(
                query, continuation, new QueryRequestOptions { MaxItemCount = 25 });
            FeedResponse<Thing> page = await iterator.ReadNextAsync();
            ids.AddRange(page.Select(thing => thing.id));
            continuation = page.ContinuationToken;
        }
        while (continuation is not null);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(query.Contains("> 2", StringComparison.Ordinal) ? Enumerable.Range(0, Items).Count(i => i % 7 > 2) : Items, ids.Count);
    }

    [Theory]
    [InlineData("SELECT VALUE COUNT(1) FROM c", "120")]
    [InlineData("SELECT VALUE SUM(c.n) FROM c", "357")]
    [InlineData("SELECT VALUE MIN(c.id) FROM c", "000")]
    [InlineData("SELECT VALUE MAX(c.id) FROM c", "119")]
    [InlineData("SELECT VALUE AVG(c.n) FROM c WHERE c.pk = 'p0'", "3.0833333333333335")]
    [InlineData("SELECT VALUE c.id FROM c ORDER BY c.id OFFSET 118 LIMIT 5", "118,119")]
    [InlineData("SELECT TOP 2 VALUE c.id FROM c ORDER BY c.id DESC", "119,118")]
    [InlineData("SELECT DISTINCT VALUE c.n FROM c ORDER BY c.n", "0,1,2,3,4,5,6")]
    [InlineData("SELECT VALUE c.id FROM c WHERE c.pk = 'p3' AND c.n = 3 ORDER BY c.id", "003,073")]
    public async Task Results_of_partitions_are_merged(string query, string expected)
    {
        List<object> values = await container.GetItemQueryIterator<object>(query).AllAsync();
        Assert.Equal(expected, string.Join(",", values.Select(value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public async Task Groups_of_partitions_are_merged()
    {
        List<Newtonsoft.Json.Linq.JObject> groups = await container.GetItemQueryIterator<Newtonsoft.Json.Linq.JObject>(
            "SELECT c.n, COUNT(1) AS k FROM c GROUP BY c.n").AllAsync();
        Assert.Equal(7, groups.Count);
        Assert.Equal(Items, groups.Sum(group => (int)group["k"]!));
    }

    [Fact]
    public async Task A_key_limits_the_query_to_its_logical_partition()
    {
        List<Thing> things = await container.GetItemQueryIterator<Thing>(
            "SELECT * FROM c ORDER BY c.id DESC", requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("p4"), MaxItemCount = 5 }).AllAsync();
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"{114 - (i * 10):000}"), things.Select(thing => thing.id));
    }

    [Fact]
    public async Task A_range_of_ids_in_a_partition_reads_no_more_than_it_has()
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.id >= @from ORDER BY c.id").WithParameter("@from", "094");
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("p4"), EnableOptimisticDirectExecution = true };
        using FeedIterator<Thing> iterator = container.GetItemQueryIterator<Thing>(query, requestOptions: options);
        FeedResponse<Thing> page = await iterator.ReadNextAsync();
        Assert.Equal(["094", "104", "114"], page.Select(thing => thing.id));
        Assert.Contains("retrievedDocumentCount=3;", page.Headers["x-ms-documentdb-query-metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Feed_ranges_divide_the_items()
    {
        List<string> ids = [];
        foreach (FeedRange range in await container.GetFeedRangesAsync())
        {
            using FeedIterator<Thing> iterator = container.GetItemQueryIterator<Thing>(range, new QueryDefinition("SELECT * FROM c"));
            ids.AddRange((await iterator.AllAsync()).Select(thing => thing.id));
        }

        Assert.Equal(Items, ids.Distinct().Count());
        Assert.Equal(Items, ids.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(120)]
    public async Task Many_items_are_read_at_once(int count)
    {
        (string, PartitionKey)[] wanted = [.. Enumerable.Range(0, count).Select(i => ($"{i:000}", new PartitionKey($"p{i % 10}")))];
        FeedResponse<Thing> read = await container.ReadManyItemsAsync<Thing>([.. wanted, ("none", new PartitionKey("p1"))]);
        Assert.Equal(count, read.Count);
    }

    [Fact]
    public async Task A_syntax_error_is_a_bad_request_that_points_at_its_place()
    {
        CosmosException error = await Feeds.FailsAsync(
            HttpStatusCode.BadRequest, () => container.GetItemQueryIterator<Thing>("SELECT * FORM c").AllAsync());
        Assert.Contains("Syntax error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_results_are_cut_into_pages()
    {
        Container large = await account.ContainerAsync("/pk", "large");
        for (int i = 0; i < 8; i++)
        {
            await large.CreateItemAsync(new Thing($"{i}", "a", i, new string('x', 1_000_000)));
        }

        List<IReadOnlyList<Thing>> pages = await large.GetItemQueryIterator<Thing>(
            "SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("a") }).PagesAsync();
        Assert.InRange(pages.Count, 2, 4);
        Assert.Equal(8, pages.Sum(page => page.Count));
    }
}

public sealed class QueryPagingTestsInProcess() : QueryPagingTests(partitions: 1, overHttp: false);

public sealed class QueryPagingTestsOnThreePartitions() : QueryPagingTests(partitions: 3, overHttp: false);

public sealed class QueryPagingTestsOverHttp() : QueryPagingTests(partitions: 3, overHttp: true);
