using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

public abstract class ItemOperationTests(int partitions, bool overHttp) : IAsyncLifetime
{
    private static readonly PartitionKey Key = new("a");
    private static readonly ItemRequestOptions Stale = new() { IfMatchEtag = "\"00000000-0000-0000-0000-000000000000\"" };

    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions, overHttp);
        container = await account.ContainerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await account.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_created_item_can_be_read()
    {
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a", 7, "é \u4e2d \" \\ \n"), Key);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        ItemResponse<Thing> read = await container.ReadItemAsync<Thing>("1", Key);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(created.Resource, read.Resource);
        Assert.Equal(created.ETag, read.ETag);
        Assert.True(read.RequestCharge > 0);
    }

    [Fact]
    public async Task An_id_is_unique_within_its_logical_partition_only()
    {
        await container.CreateItemAsync(new Thing("1", "a"));
        await container.CreateItemAsync(new Thing("1", "b"));
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => container.CreateItemAsync(new Thing("1", "a", 2)));
        Assert.Equal(0, (await container.ReadItemAsync<Thing>("1", Key)).Resource.n);
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", Key));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReplaceItemAsync(new Thing("1", "a"), "1", Key));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.DeleteItemAsync<Thing>("1", Key));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.PatchItemAsync<Thing>("1", Key, [PatchOperation.Set("/n", 1)]));
    }

    [Fact]
    public async Task A_replace_changes_the_item_and_its_etag()
    {
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"));
        ItemResponse<Thing> replaced = await container.ReplaceItemAsync(new Thing("1", "a", 2), "1", Key);
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.NotEqual(created.ETag, replaced.ETag);
        Assert.Equal(2, (await container.ReadItemAsync<Thing>("1", Key)).Resource.n);
    }

    [Fact]
    public async Task An_upsert_creates_and_then_replaces()
    {
        Assert.Equal(HttpStatusCode.Created, (await container.UpsertItemAsync(new Thing("1", "a"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await container.UpsertItemAsync(new Thing("1", "a", 2))).StatusCode);
        Assert.Equal(2, (await container.ReadItemAsync<Thing>("1", Key)).Resource.n);
    }

    [Fact]
    public async Task A_deleted_item_is_gone_and_its_id_is_free()
    {
        ItemResponse<Thing> first = await container.CreateItemAsync(new Thing("1", "a"));
        Assert.Equal(HttpStatusCode.NoContent, (await container.DeleteItemAsync<Thing>("1", Key)).StatusCode);
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", Key));
        ItemResponse<Thing> second = await container.CreateItemAsync(new Thing("1", "a"));
        Assert.NotEqual(first.ETag, second.ETag);
    }

    [Fact]
    public async Task A_write_with_a_stale_etag_fails_and_changes_nothing()
    {
        await container.CreateItemAsync(new Thing("1", "a", 1));
        await Feeds.FailsAsync(HttpStatusCode.PreconditionFailed, () => container.ReplaceItemAsync(new Thing("1", "a", 2), "1", Key, Stale));
        await Feeds.FailsAsync(HttpStatusCode.PreconditionFailed, () => container.UpsertItemAsync(new Thing("1", "a", 2), Key, Stale));
        await Feeds.FailsAsync(HttpStatusCode.PreconditionFailed, () => container.DeleteItemAsync<Thing>("1", Key, Stale));
        await Feeds.FailsAsync(HttpStatusCode.PreconditionFailed, () => container.PatchItemAsync<Thing>(
            "1", Key, [PatchOperation.Set("/n", 2)], new PatchItemRequestOptions { IfMatchEtag = Stale.IfMatchEtag }));
        Assert.Equal(1, (await container.ReadItemAsync<Thing>("1", Key)).Resource.n);
    }

    [Fact]
    public async Task A_write_with_the_current_etag_succeeds_once()
    {
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"));
        var current = new ItemRequestOptions { IfMatchEtag = created.ETag };
        await container.ReplaceItemAsync(new Thing("1", "a", 2), "1", Key, current);
        await Feeds.FailsAsync(HttpStatusCode.PreconditionFailed, () => container.ReplaceItemAsync(new Thing("1", "a", 3), "1", Key, current));
    }

    [Fact]
    public async Task Any_etag_matches_an_item_that_exists()
    {
        await container.CreateItemAsync(new Thing("1", "a"));
        var any = new ItemRequestOptions { IfMatchEtag = "*" };
        Assert.Equal(HttpStatusCode.OK, (await container.ReplaceItemAsync(new Thing("1", "a", 2), "1", Key, any)).StatusCode);
    }

    [Fact]
    public async Task A_conditional_upsert_of_a_missing_item_creates_it() =>
        Assert.Equal(HttpStatusCode.Created, (await container.UpsertItemAsync(new Thing("1", "a"), Key, Stale)).StatusCode);

    [Fact]
    public async Task A_read_of_an_unchanged_item_says_not_modified()
    {
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"));
        using ResponseMessage unchanged = await container.ReadItemStreamAsync("1", Key, new ItemRequestOptions { IfNoneMatchEtag = created.ETag });
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        await container.UpsertItemAsync(new Thing("1", "a", 2));
        using ResponseMessage changed = await container.ReadItemStreamAsync("1", Key, new ItemRequestOptions { IfNoneMatchEtag = created.ETag });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Without_content_response_a_write_answers_an_etag_only()
    {
        var minimal = new ItemRequestOptions { EnableContentResponseOnWrite = false };
        ItemResponse<Thing> created = await container.CreateItemAsync(new Thing("1", "a"), Key, minimal);
        Assert.Null(created.Resource);
        Assert.False(string.IsNullOrEmpty(created.ETag));
    }

    [Fact]
    public async Task System_properties_are_the_services_whatever_the_client_sends()
    {
        JObject mine = JObject.Parse("""{"id":"1","pk":"a","_rid":"x","_self":"x","_etag":null,"_ts":1,"_attachments":7,"_mine":"kept"}""");
        JObject stored = (await container.CreateItemAsync(mine, Key)).Resource;
        Assert.Equal("kept", (string?)stored["_mine"]);
        Assert.Equal(24, ((string?)stored["_rid"])!.Length);
        Assert.StartsWith("dbs/", (string?)stored["_self"], StringComparison.Ordinal);
        Assert.Equal("attachments/", (string?)stored["_attachments"]);
        Assert.True((long)stored["_ts"]! > 1_600_000_000);
        JObject again = (await container.ReplaceItemAsync(stored, "1", Key)).Resource;
        Assert.NotEqual((string?)stored["_etag"], (string?)again["_etag"]);
        Assert.Equal((string?)stored["_rid"], (string?)again["_rid"]);
        Assert.Equal(8, again.Properties().Count());
    }

    [Fact]
    public async Task A_replace_may_give_an_item_another_id_that_is_free()
    {
        await container.CreateItemAsync(new Thing("1", "a", 1));
        await container.CreateItemAsync(new Thing("taken", "a"));
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => container.ReplaceItemAsync(new Thing("taken", "a"), "1", Key));
        await container.ReplaceItemAsync(new Thing("2", "a", 2), "1", Key);
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<Thing>("1", Key));
        Assert.Equal(2, (await container.ReadItemAsync<Thing>("2", Key)).Resource.n);
    }

    [Fact]
    public async Task Deleting_a_logical_partition_leaves_the_others()
    {
        for (int i = 0; i < 5; i++)
        {
            await container.CreateItemAsync(new Thing($"{i}", i % 2 == 0 ? "a" : "b"));
        }

        using ResponseMessage answer = await container.DeleteAllItemsByPartitionKeyStreamAsync(Key);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        List<Thing> left = await container.GetItemQueryIterator<Thing>((string?)null).AllAsync();
        Assert.Equal(["1", "3"], left.Select(thing => thing.id).Order());
    }
}

public sealed class ItemOperationTestsInProcess() : ItemOperationTests(partitions: 1, overHttp: false);

public sealed class ItemOperationTestsInProcessOnThreePartitions() : ItemOperationTests(partitions: 3, overHttp: false);

public sealed class ItemOperationTestsOverHttp() : ItemOperationTests(partitions: 1, overHttp: true);

public sealed class ItemOperationTestsOverHttpOnThreePartitions() : ItemOperationTests(partitions: 3, overHttp: true);
