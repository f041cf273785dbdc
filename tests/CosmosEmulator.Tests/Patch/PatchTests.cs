using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Patch;

public sealed class PatchTests : IAsyncLifetime
{
    private const string Item = "/dbs/db/colls/items/docs/1";
    private static readonly (string, string) Key = ("x-ms-documentdb-partitionkey", "[\"a\"]");

    private TestAccount account = null!;
    private RawClient raw = null!;

    public static TheoryData<string, string, string> Cases()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string[] parts in CaseLines.Read("patch.txt"))
        {
            data.Add(parts[0], parts[1], parts[2]);
        }

        return data;
    }

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync();
        await account.ContainerAsync();
        raw = new RawClient(account.Cosmos);
    }

    public ValueTask DisposeAsync()
    {
        raw.Dispose();
        return account.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_patch_changes_an_item_or_leaves_it_as_it_was(string item, string patch, string expected)
    {
        RawAnswer created = await raw.PostAsync("/dbs/db/colls/items/docs", item[..^1] + ",\"id\":\"1\",\"pk\":\"a\"}", Key);
        Assert.Equal(201, created.Status);
        RawAnswer patched = await raw.SendAsync("PATCH", Item, patch, Key);
        RawAnswer read = await raw.GetAsync(Item, Key);
        if (expected[0] != '{')
        {
            Assert.Equal(expected[..3], $"{patched.Status}");
            Assert.Contains(expected[4..], patched.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.Equal(created.Body, read.Body);
            return;
        }

        Assert.Equal(200, patched.Status);
        Assert.Equal(read.Body, patched.Body);
        Assert.NotEqual(created.Header("ETag"), patched.Header("ETag"));
        JsonObject left = JsonNode.Parse(read.Body)!.AsObject();
        foreach (string name in (string[])["id", "pk", "_rid", "_self", "_etag", "_attachments", "_ts"])
        {
            Assert.True(left.Remove(name));
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), left), left.ToJsonString());
    }

    [Theory]
    [InlineData(10, 200)]
    [InlineData(11, 400)]
    public async Task A_patch_has_ten_operations_at_most(int count, int status)
    {
        await raw.PostAsync("/dbs/db/colls/items/docs", """{"id":"1","pk":"a"}""", Key);
        string operations = string.Join(",", Enumerable.Repeat("""{"op":"incr","path":"/n","value":1}""", count));
        Assert.Equal(status, (await raw.SendAsync("PATCH", Item, $"[{operations}]", Key)).Status);
    }

    [Fact]
    public async Task The_sdk_patches_with_a_filter_predicate()
    {
        Container container = account.Client.GetContainer("db", "items");
        await container.CreateItemAsync(new Thing("1", "a", 1));
        var options = new PatchItemRequestOptions { FilterPredicate = "from c where c.n = 1" };
        await container.PatchItemAsync<Thing>("1", new PartitionKey("a"), [PatchOperation.Increment("/n", 1)], options);
        await Feeds.FailsAsync(System.Net.HttpStatusCode.PreconditionFailed, () => container.PatchItemAsync<Thing>(
            "1", new PartitionKey("a"), [PatchOperation.Increment("/n", 1)], options));
        Assert.Equal(2, (await container.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.n);
    }
}
