using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Durability;

/// <summary>An account that is closed and opened again is the same account, down to every id, tag and position.</summary>
public sealed class ReopeningTests : IDisposable
{
    private static readonly PartitionKey Key = new("a");

    private readonly TempDirectory directory = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Items_have_the_same_text_tag_and_session_token(int partitions)
    {
        Dictionary<string, (string Text, string? Etag, string? Session)> before = [];
        await using (TestAccount account = await OpenAsync(partitions))
        {
            Container container = await account.ContainerAsync();
            for (int i = 0; i < 20; i++)
            {
                await container.CreateItemAsync(new Thing($"{i}", $"p{i % 7}", i, "täxt"));
            }

            await container.UpsertItemAsync(new Thing("3", "p3", 33));
            await container.PatchItemAsync<Thing>("4", new PartitionKey("p4"), [PatchOperation.Increment("/n", 40)]);
            await container.DeleteItemAsync<Thing>("5", new PartitionKey("p5"));
            await container.ReplaceItemAsync(new Thing("renamed", "p6", 6), "6", new PartitionKey("p6"));
            before = await EverythingAsync(container);
        }

        await using TestAccount reopened = await OpenAsync(partitions: 9); // For new containers only.
        Assert.Equal(19, before.Count);
        Assert.Equal(before, await EverythingAsync(reopened.Client.GetContainer("db", "items")));
        Assert.Equal(partitions, (await reopened.Client.GetContainer("db", "items").GetFeedRangesAsync()).Count);
    }

    [Fact]
    public async Task Documents_of_resources_are_the_same()
    {
        string[] before;
        await using (TestAccount account = await OpenAsync())
        {
            await account.Client.CreateDatabaseAsync("shared", ThroughputProperties.CreateAutoscaleThroughput(4000));
            await account.ContainerAsync(new ContainerProperties("items", ["/tenant", "/user"])
            {
                DefaultTimeToLive = 1000,
                UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/email" } } } },
                IndexingPolicy = new IndexingPolicy { ExcludedPaths = { new ExcludedPath { Path = "/big/*" } } },
            });
            Container other = await account.Database.CreateContainerAsync("other", "/pk", 700);
            await other.ReplaceThroughputAsync(800);
            before = await ResourcesAsync(account);
        }

        await using TestAccount reopened = await OpenAsync();
        Assert.Equal(before, await ResourcesAsync(reopened));
        Assert.Equal(800, await reopened.Client.GetContainer("db", "other").ReadThroughputAsync());
    }

    [Fact]
    public async Task A_replaced_container_keeps_its_new_document_and_a_deleted_one_stays_away()
    {
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync();
            await container.ReplaceContainerAsync(new ContainerProperties("items", "/pk") { DefaultTimeToLive = 77 });
            Container deleted = await account.ContainerAsync("/pk", "deleted");
            await deleted.CreateItemAsync(new Thing("1", "a"));
            await deleted.DeleteContainerAsync();
            Database database = await account.Client.CreateDatabaseAsync("deleted");
            await database.CreateContainerAsync("items", "/pk");
            await database.DeleteAsync();
        }

        await using TestAccount reopened = await OpenAsync();
        Assert.Equal(77, (await reopened.Client.GetContainer("db", "items").ReadContainerAsync()).Resource.DefaultTimeToLive);
        CosmosException missing = await Assert.ThrowsAsync<CosmosException>(() => reopened.Client.GetContainer("db", "deleted").ReadContainerAsync());
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        await Assert.ThrowsAsync<CosmosException>(() => reopened.Client.GetDatabase("deleted").ReadAsync());
        Assert.EndsWith(".db", directory.ContainerFile); // There is no other.
    }

    [Fact]
    public async Task Counters_go_on_after_the_newest_item_was_deleted()
    {
        string lastResourceId;
        long lastLsn;
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync();
            await container.CreateItemAsync(new Thing("1", "a"));
            await container.CreateItemAsync(new Thing("2", "a"));
            lastResourceId = (string)(await ReadAsync(container, "2"))["_rid"]!;
            lastLsn = LsnOf(await container.DeleteItemAsync<Thing>("2", Key));
        }

        await using TestAccount reopened = await OpenAsync();
        Container again = reopened.Client.GetContainer("db", "items");
        ItemResponse<Thing> created = await again.CreateItemAsync(new Thing("2", "a"));
        Assert.Equal(lastLsn + 1, LsnOf(created));
        Assert.NotEqual(lastResourceId, (string)(await ReadAsync(again, "2"))["_rid"]!);
    }

    [Fact]
    public async Task A_change_feed_goes_on_from_its_continuation()
    {
        string? continuation;
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync();
            await container.CreateItemAsync(new Thing("1", "a"));
            await container.CreateItemAsync(new Thing("2", "a"));
            (_, continuation) = await ChangesAsync(container, ChangeFeedStartFrom.Beginning());
            await container.CreateItemAsync(new Thing("3", "a"));
            await container.UpsertItemAsync(new Thing("1", "a", 11));
        }

        await using TestAccount reopened = await OpenAsync();
        Container again = reopened.Client.GetContainer("db", "items");
        await again.CreateItemAsync(new Thing("4", "a"));
        (List<Thing> changes, _) = await ChangesAsync(again, ChangeFeedStartFrom.ContinuationToken(continuation));
        Assert.Equal(["3", "1", "4"], changes.Select(thing => thing.id));
    }

    [Fact]
    public async Task A_client_that_lives_on_goes_on()
    {
        await using TestAccount account = await OpenAsync(overHttp: true);
        Container container = await account.ContainerAsync();
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"));
        int port = account.Cosmos.Endpoint.Port;
        await account.Cosmos.DisposeAsync();

        await using EmbeddedCosmos reopened = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = directory.Path });
        await reopened.ListenAsync(port, TestContext.Current.CancellationToken);

        // Its session token and its partition map are those of the life before.
        ItemResponse<Thing> read = await container.ReadItemAsync<Thing>("1", Key);
        Assert.Equal(created.ETag, read.ETag);
        await container.ReplaceItemAsync(new Thing("1", "a", 2), "1", Key, new ItemRequestOptions { IfMatchEtag = read.ETag });
    }

    [Fact]
    public async Task Splits_and_their_lineage_stay()
    {
        string[] before;
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync();
            for (int i = 0; i < 30; i++)
            {
                await container.CreateItemAsync(new Thing($"{i}", $"p{i}"));
            }

            await account.Cosmos.SplitAsync("db", "items", "0", TestContext.Current.CancellationToken);
            await account.Cosmos.SplitAsync("db", "items", "2", TestContext.Current.CancellationToken);
            await container.CreateItemAsync(new Thing("after", "p3"));
            before = [await RangesAsync(account), .. (await EverythingAsync(container)).Values.Select(value => value.ToString())];
        }

        await using TestAccount reopened = await OpenAsync();
        string[] after = [await RangesAsync(reopened), .. (await EverythingAsync(reopened.Client.GetContainer("db", "items"))).Values.Select(value => value.ToString())];
        Assert.Equal(before, after);
        await reopened.Cosmos.SplitAsync("db", "items", "4", TestContext.Current.CancellationToken);
        Assert.Contains("\"parents\":[\"0\",\"2\",\"4\"]", await RangesAsync(reopened));
    }

    [Fact]
    public async Task Unique_keys_hold()
    {
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync(new ContainerProperties("items", "/pk")
            {
                UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/text" } } } },
            });
            await container.CreateItemAsync(new Thing("1", "a", text: "only one"));
        }

        await using TestAccount reopened = await OpenAsync();
        CosmosException conflict = await Assert.ThrowsAsync<CosmosException>(
            () => reopened.Client.GetContainer("db", "items").CreateItemAsync(new Thing("2", "a", text: "only one")));
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
    }

    [Fact]
    public async Task Time_to_live_goes_on_and_what_has_expired_stays_away()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using (TestAccount account = await OpenAsync(clock: clock))
        {
            Container container = await account.ContainerAsync(new ContainerProperties("items", "/pk") { DefaultTimeToLive = -1 });
            await container.CreateItemAsync(new Thing("short", "a", ttl: 10));
            await container.CreateItemAsync(new Thing("long", "a", ttl: 100));
            await container.CreateItemAsync(new Thing("always", "a"));
            clock.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(["always", "long"], await IdsAsync(container)); // "short" expires while the account is open.
        }

        clock.Advance(TimeSpan.FromSeconds(100)); // "long" does while it is closed.
        await using (TestAccount account = await OpenAsync(clock: clock))
        {
            Container container = account.Client.GetContainer("db", "items");
            Assert.Equal(["always"], await IdsAsync(container));
            await container.ReplaceContainerAsync(new ContainerProperties("items", "/pk"));
        }

        // Nobody expires any more, so whatever was still in the file would come back.
        await using TestAccount reopened = await OpenAsync(clock: clock);
        Assert.Equal(["always"], await IdsAsync(reopened.Client.GetContainer("db", "items")));
    }

    [Fact]
    public async Task The_versions_of_a_batch_stay_on_one_page_of_the_change_feed()
    {
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync();
            TransactionalBatch batch = container.CreateTransactionalBatch(Key);
            for (int i = 0; i < 5; i++)
            {
                batch.CreateItem(new Thing($"{i}", "a"));
            }

            Assert.True((await batch.ExecuteAsync()).IsSuccessStatusCode);
        }

        await using TestAccount reopened = await OpenAsync();
        using FeedIterator<Thing> feed = reopened.Client.GetContainer("db", "items").GetChangeFeedIterator<Thing>(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = 2 });
        Assert.Equal(5, (await feed.ReadNextAsync(TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public async Task An_item_of_the_largest_size_is_read_back()
    {
        string text = new('x', (2 * 1024 * 1024) - 100);
        await using (TestAccount account = await OpenAsync())
        {
            Container container = await account.ContainerAsync();
            await container.CreateItemAsync(new Thing("1", "a", text: text));
        }

        await using TestAccount reopened = await OpenAsync();
        Assert.Equal(text, (await reopened.Client.GetContainer("db", "items").ReadItemAsync<Thing>("1", Key)).Resource.text);
    }

    public void Dispose() => directory.Dispose();

    private Task<TestAccount> OpenAsync(int partitions = 1, bool overHttp = false, TimeProvider? clock = null) =>
        TestAccount.StartAsync(partitions, overHttp, clock: clock, dataDirectory: directory.Path);

    private static async Task<Dictionary<string, (string Text, string? Etag, string? Session)>> EverythingAsync(Container container)
    {
        Dictionary<string, (string, string?, string?)> all = [];
        foreach (string id in await IdsAsync(container))
        {
            using FeedIterator<JsonNode> query = container.GetItemQueryIterator<JsonNode>(
                new QueryDefinition("SELECT VALUE c.pk FROM c WHERE c.id = @id").WithParameter("@id", id));
            string key = "";
            while (query.HasMoreResults)
            {
                key += string.Concat(await query.ReadNextAsync());
            }

            using ResponseMessage response = await container.ReadItemStreamAsync(id, new PartitionKey(key));
            using var reader = new StreamReader(response.Content);
            all.Add(id, (await reader.ReadToEndAsync(), response.Headers.ETag, response.Headers.Session));
        }

        return all;
    }

    private static async Task<List<string>> IdsAsync(Container container)
    {
        List<string> ids = [];
        using FeedIterator<Thing> all = container.GetItemQueryIterator<Thing>((string?)null);
        while (all.HasMoreResults)
        {
            ids.AddRange((await all.ReadNextAsync()).Select(thing => thing.id));
        }

        return [.. ids.Order(StringComparer.Ordinal)];
    }

    private static async Task<(List<Thing> Changes, string? Continuation)> ChangesAsync(Container container, ChangeFeedStartFrom start)
    {
        List<Thing> changes = [];
        using FeedIterator<Thing> feed = container.GetChangeFeedIterator<Thing>(start, ChangeFeedMode.LatestVersion);
        while (true)
        {
            FeedResponse<Thing> page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
            {
                return (changes, page.ContinuationToken);
            }

            changes.AddRange(page);
        }
    }

    private static async Task<JsonNode> ReadAsync(Container container, string id)
    {
        using ResponseMessage response = await container.ReadItemStreamAsync(id, Key);
        return (await JsonNode.ParseAsync(response.Content))!;
    }

    private static long LsnOf<T>(ItemResponse<T> response) => long.Parse(response.Headers["lsn"]!);

    private static async Task<string> RangesAsync(TestAccount account)
    {
        using var http = new HttpClient(account.Cosmos.CreateHandler());
        return await http.GetStringAsync(new Uri(account.Cosmos.Endpoint, "dbs/db/colls/items/pkranges"), TestContext.Current.CancellationToken);
    }

    private static async Task<string[]> ResourcesAsync(TestAccount account)
    {
        using var http = new HttpClient(account.Cosmos.CreateHandler());
        List<string> documents = [];
        foreach (string path in (string[])["dbs", "dbs/db", "dbs/shared", "dbs/db/colls", "dbs/db/colls/items", "offers", "dbs/db/colls/items/pkranges"])
        {
            documents.Add(await http.GetStringAsync(new Uri(account.Cosmos.Endpoint, path), TestContext.Current.CancellationToken));
        }

        return [.. documents];
    }
}
