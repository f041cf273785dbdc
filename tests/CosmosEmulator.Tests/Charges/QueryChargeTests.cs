using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Sql;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Charges;

public sealed class QueryChargeTests : IAsyncLifetime
{
    private static readonly QueryRequestOptions InA = new() { PartitionKey = new PartitionKey("a") };

    private TestAccount account = null!;

    public async ValueTask InitializeAsync() => account = await TestAccount.StartAsync();

    public ValueTask DisposeAsync() => account.DisposeAsync();

    /// <summary>The only published queries with their charge and their metrics: docs/emulator-request-charges.md, sources 2 and 4.</summary>
    [Theory]
    [InlineData(9_963, 1, 10_012, 1, 3.19)]
    [InlineData(6_563, 1, 6_563, 1, 2.98)]
    [InlineData(399_998_938, 7, 73, 0, 4059.95)]
    public void Published_queries_cost_what_was_published(long loaded, int documents, int documentBytes, int lookups, double published)
    {
        ReadOnlyMemory<byte>[] results = [.. Enumerable.Range(0, documents).Select(_ => new ReadOnlyMemory<byte>(new byte[documentBytes]))];
        var page = new QueryPage(results, null, 0, 0) { BytesLoaded = loaded, IndexLookups = lookups };

        Assert.Equal(published, RequestCharges.Query(page, continues: false, 1), published / 200);
    }

    [Theory]
    [InlineData("SELECT * FROM c WHERE c.id >= '0005' AND c.id < '0007'", 2)]
    [InlineData("SELECT * FROM c WHERE c.id >= '0008' ORDER BY c.id", 2)]
    [InlineData("SELECT * FROM c WHERE c.n = 3", 1)]
    [InlineData("SELECT * FROM c WHERE (c.n BETWEEN 3 AND 5) AND STARTSWITH(c.id, '000')", 2)]
    [InlineData("SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(c.tags, 't3')", 1)]
    public async Task An_index_finds_items_at_the_same_cost_in_a_small_and_in_a_large_partition(string query, int results)
    {
        Container small = await FilledAsync("small", 10, excluded: null);
        Container large = await FilledAsync("large", 200, excluded: null);
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey("a"), MaxItemCount = 2 };

        FeedResponse<object> first = await small.GetItemQueryIterator<object>(query, requestOptions: options).ReadNextAsync();
        FeedResponse<object> second = await large.GetItemQueryIterator<object>(query, requestOptions: options).ReadNextAsync();

        Assert.Equal(results, first.Count);
        Assert.Equal(results, second.Count);
        Assert.Equal(first.RequestCharge, second.RequestCharge, 0.02);
        Assert.InRange(first.RequestCharge, 2.5, 3.1);
    }

    [Theory]
    [InlineData("SELECT * FROM c WHERE c.n = 3")]
    [InlineData("SELECT * FROM c WHERE c.n > 2 AND c.n < 4")]
    [InlineData("SELECT * FROM c WHERE c.n IN (3, -1)")]
    public async Task A_filter_on_an_excluded_path_costs_the_whole_scope(string query)
    {
        Container indexed = await FilledAsync("indexed", 200, excluded: null);
        Container excluded = await FilledAsync("excluded", 200, excluded: "/n/?");

        double withIndex = await CostAsync(indexed, query);
        double withoutIndex = await CostAsync(excluded, query);

        Assert.InRange(withIndex, 2.5, 3.1);
        Assert.True(withoutIndex > withIndex + 4, $"{withoutIndex} and {withIndex}"); // 200 items of more than 2 KB.
    }

    [Fact]
    public async Task A_function_of_a_value_is_computed_on_the_items_that_the_index_leaves()
    {
        Container container = await FilledAsync("items", 200, excluded: null);

        double scan = await CostAsync(container, "SELECT * FROM c WHERE UPPER(c.text) = 'X'");
        double half = await CostAsync(container, "SELECT * FROM c WHERE UPPER(c.text) = 'X' AND c.n < 100");
        double few = await CostAsync(container, "SELECT * FROM c WHERE UPPER(c.text) = 'X' AND c.n < 5");

        Assert.True(scan > half + 1, $"{scan} and {half}");
        Assert.True(half > few + 1, $"{half} and {few}");
    }

    [Fact]
    public async Task An_order_that_an_index_has_costs_the_page_and_not_the_partition()
    {
        Container container = await FilledAsync("items", 200, excluded: null);
        var page = new QueryRequestOptions { PartitionKey = new PartitionKey("a"), MaxItemCount = 2 };

        using FeedIterator<Thing> ordered = container.GetItemQueryIterator<Thing>("SELECT * FROM c ORDER BY c.n DESC", requestOptions: page);

        Assert.InRange((await ordered.ReadNextAsync()).RequestCharge, 2, 3);
    }

    [Fact]
    public async Task Pages_add_up_to_little_more_than_the_query_in_one_page()
    {
        Container container = await FilledAsync("items", 100, excluded: null);

        double whole = await CostAsync(container, "SELECT * FROM c");
        using FeedIterator<Thing> iterator = container.GetItemQueryIterator<Thing>(
            "SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("a"), MaxItemCount = 20 });
        List<double> pages = [];
        while (iterator.HasMoreResults)
        {
            pages.Add((await iterator.ReadNextAsync()).RequestCharge);
        }

        Assert.Equal(5, pages.Count);
        Assert.InRange(pages.Sum(), whole + 3.9, whole + 4.2); // 1 RU for each page but the first, and the item a page peeks at.
    }

    [Fact]
    public async Task A_larger_result_costs_more()
    {
        Container container = await FilledAsync("items", 50, excluded: null);

        double ids = await CostAsync(container, "SELECT VALUE c.id FROM c");
        double items = await CostAsync(container, "SELECT * FROM c");

        Assert.True(items > ids + 2, $"{items} and {ids}");
    }

    [Fact]
    public async Task A_feed_costs_what_its_items_cost_one_by_one()
    {
        Container container = await FilledAsync("items", 5, excluded: null);
        double reads = 0;
        for (int i = 0; i < 5; i++)
        {
            reads += (await container.ReadItemAsync<Thing>($"{i:0000}", new PartitionKey("a"))).RequestCharge;
        }

        FeedResponse<Thing> feed = await container.GetItemQueryIterator<Thing>(requestOptions: InA).ReadNextAsync();
        using FeedIterator<Thing> iterator = container.GetChangeFeedIterator<Thing>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion);
        FeedResponse<Thing> changes = await iterator.ReadNextAsync();
        FeedResponse<Thing> none = await iterator.ReadNextAsync();

        Assert.Equal(5, changes.Count);
        Assert.Equal(reads, feed.RequestCharge, 0.03);
        Assert.Equal(reads, changes.RequestCharge, 0.03);
        Assert.Equal(1, none.RequestCharge);
    }

    [Fact]
    public async Task Every_answer_says_what_it_cost()
    {
        await account.ContainerAsync();
        using var raw = new RawClient(account.Cosmos);
        (string, string) key = ("x-ms-documentdb-partitionkey", "[\"a\"]");
        (string, string) query = ("Content-Type", "application/query+json");
        (string Expected, RawAnswer Answer)[] answers =
        [
            ("1", await raw.GetAsync("/")),
            ("1", await raw.GetAsync("/dbs/db")),
            ("1", await raw.GetAsync("/dbs/db/colls/items/pkranges")),
            ("1", await raw.PostAsync("/dbs", """{"id":"other"}""")),
            ("1", await raw.GetAsync("/dbs/none")),
            ("1.24", await raw.PostAsync("/dbs", """{"id":"other"}""")),
            ("2.26", await raw.PostAsync("/dbs/db/colls/items/docs", """{"query":"SELECT * FROM c"}""", query, key)),
            ("0", await raw.PostAsync(
                "/dbs/db/colls/items/docs", """{"query":"SELECT * FROM c"}""", query, ("x-ms-cosmos-is-query-plan-request", "True"))),
            ("1.24", await raw.PostAsync("/dbs/db/colls/items/docs", """{"query":"SELECT"}""", query, key)),
            ("1", await raw.GetAsync("/dbs/db/colls/items/sprocs")),
            ("0", await raw.GetAsync("/dbs/db/colls/items/conflicts/none")),
            ("0", await raw.SendAsync("PUT", "/dbs", "{}")),
        ];

        Assert.All(answers, entry => Assert.Equal(entry.Expected, entry.Answer.Header("x-ms-request-charge")));
    }

    private static async Task<double> CostAsync(Container container, string query)
    {
        FeedResponse<object> page = await container.GetItemQueryIterator<object>(query, requestOptions: InA).ReadNextAsync();
        return page.RequestCharge;
    }

    private async Task<Container> FilledAsync(string id, int count, string? excluded)
    {
        var properties = new ContainerProperties(id, "/pk");
        if (excluded is not null)
        {
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = "/*" });
            properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = excluded });
        }

        Container container = await account.ContainerAsync(properties);
        for (int i = 0; i < count; i++)
        {
            await container.CreateItemAsync(new { id = $"{i:0000}", pk = "a", n = i, text = new string('x', 2000), tags = new[] { $"t{i}", "all" } });
        }

        return container;
    }
}
