using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Resources;

/// <summary>What the token of a permission opens and what it doesn't, through the SDK and over HTTP, where keys are checked.</summary>
public sealed class ResourceTokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);

    private TestAccount account = null!;
    private Container container = null!;
    private User user = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(overHttp: true, clock: clock);
        container = await account.ContainerAsync();
        await account.ContainerAsync(id: "other");
        await container.CreateItemAsync(new Thing("1", "a"));
        await container.CreateItemAsync(new Thing("2", "b"));
        user = await account.Database.CreateUserAsync("u");
    }

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Fact]
    public async Task To_read_a_container_is_to_read_queries_and_changes_and_nothing_else()
    {
        Container granted = await GrantAsync(new PermissionProperties("p", PermissionMode.Read, container));
        Assert.Equal("1", (await granted.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.id);
        Assert.Equal(2, (await granted.GetItemQueryIterator<Thing>("SELECT * FROM c ORDER BY c.id").AllAsync()).Count);
        (List<IReadOnlyList<Thing>> pages, _) = await granted.GetChangeFeedIterator<Thing>(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion).ChangesAsync();
        Assert.Equal(2, pages.Sum(page => page.Count));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => granted.CreateItemAsync(new Thing("3", "a")));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => granted.DeleteItemAsync<Thing>("1", new PartitionKey("a")));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => granted.DeleteContainerAsync());
        await Feeds.FailsAsync(
            HttpStatusCode.Forbidden, () => granted.Database.GetContainer("other").ReadItemAsync<Thing>("1", new PartitionKey("a")));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => granted.Database.DeleteAsync());
    }

    [Fact]
    public async Task To_do_all_in_a_container_is_to_write_its_items_but_not_the_container()
    {
        Container granted = await GrantAsync(new PermissionProperties("p", PermissionMode.All, container));
        await granted.UpsertItemAsync(new Thing("3", "a"));
        using TransactionalBatchResponse batch = await granted.CreateTransactionalBatch(new PartitionKey("a")).DeleteItem("3").ExecuteAsync();
        Assert.True(batch.IsSuccessStatusCode);
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => granted.DeleteContainerAsync());
    }

    [Fact]
    public async Task A_permission_can_be_for_one_key_or_for_one_item()
    {
        Container forKey = await GrantAsync(new PermissionProperties("k", PermissionMode.Read, container, new PartitionKey("a")));
        await forKey.ReadItemAsync<Thing>("1", new PartitionKey("a"));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => forKey.ReadItemAsync<Thing>("2", new PartitionKey("b")));
        Container forItem = await GrantAsync(new PermissionProperties("i", PermissionMode.All, container, new PartitionKey("a"), "1"));
        await forItem.ReplaceItemAsync(new Thing("1", "a", 5), "1", new PartitionKey("a"));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => forItem.ReadItemAsync<Thing>("9", new PartitionKey("a")));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => forItem.CreateItemAsync(new Thing("9", "a")));
    }

    [Fact]
    public async Task A_token_expires_and_can_not_be_changed()
    {
        PermissionProperties permission = await user.CreatePermissionAsync(
            new PermissionProperties("p", PermissionMode.Read, container), tokenExpiryInSeconds: 60);
        Container granted = Container(permission.Token);
        await granted.ReadItemAsync<Thing>("1", new PartitionKey("a"));
        clock.Advance(TimeSpan.FromSeconds(61));
        await Feeds.FailsAsync(HttpStatusCode.Forbidden, () => granted.ReadItemAsync<Thing>("1", new PartitionKey("a")));
        PermissionProperties renewed = await user.GetPermission("p").ReadAsync();
        await Container(renewed.Token).ReadItemAsync<Thing>("1", new PartitionKey("a"));
        string[] parts = renewed.Token.Split(';');
        string forged = $"{parts[0]};{permission.Token.Split(';')[1]};";
        await Feeds.FailsAsync(HttpStatusCode.Unauthorized, () => Container(forged).ReadItemAsync<Thing>("1", new PartitionKey("a")));
    }

    private async Task<Container> GrantAsync(PermissionProperties wanted) => Container((await user.CreatePermissionAsync(wanted)).Resource.Token);

    private Container Container(string token)
    {
        var client = new CosmosClient(account.Cosmos.Endpoint.ToString(), token, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway });
        account.Keep(client);
        return client.GetContainer("db", "items");
    }
}
