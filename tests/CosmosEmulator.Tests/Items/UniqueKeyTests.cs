using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

public sealed class UniqueKeyTests : IAsyncLifetime
{
    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions: 3);
        container = await account.ContainerAsync(new ContainerProperties("u", "/pk")
        {
            UniqueKeyPolicy = new UniqueKeyPolicy
            {
                UniqueKeys = { new UniqueKey { Paths = { "/email" } }, new UniqueKey { Paths = { "/name/first", "/name/last" } } },
            },
        });
    }

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Theory]
    [InlineData("""{"email":"x","name":{"first":"a","last":"b"}}""", """{"email":"x","name":{"first":"c","last":"d"}}""", true)]
    [InlineData("""{"email":"x","name":{"first":"a","last":"b"}}""", """{"email":"y","name":{"first":"a","last":"b"}}""", true)]
    [InlineData("""{"email":"x","name":{"first":"a","last":"b"}}""", """{"email":"y","name":{"first":"a","last":"c"}}""", false)]
    [InlineData("""{"email":"x","name":{"first":"ab","last":"c"}}""", """{"email":"y","name":{"first":"a","last":"bc"}}""", false)]
    [InlineData("""{"email":"1","name":1}""", """{"email":1,"name":{"first":1}}""", false)]
    [InlineData("""{"email":1,"name":{"first":1}}""", """{"email":1.0,"name":{"first":2}}""", true)]
    [InlineData("""{"email":null,"name":{"first":1}}""", """{"name":{"first":2}}""", false)]
    [InlineData("""{"name":{"first":1}}""", """{"name":{"first":2}}""", true)] // A missing value is a value, too.
    [InlineData("""{"email":true,"name":{"first":1}}""", """{"email":false,"name":{"first":2}}""", false)]
    [InlineData("""{"email":{"a":1},"name":{"first":1}}""", """{"email":{"a":1},"name":{"first":2}}""", true)]
    public async Task Values_clash_inside_a_logical_partition(string first, string second, bool clash)
    {
        await container.CreateItemAsync(Item("1", "a", first));
        using ResponseMessage other = await container.CreateItemStreamAsync(Stream(Item("1", "b", second)), new PartitionKey("b"));
        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        using ResponseMessage same = await container.CreateItemStreamAsync(Stream(Item("2", "a", second)), new PartitionKey("a"));
        Assert.Equal(clash ? HttpStatusCode.Conflict : HttpStatusCode.Created, same.StatusCode);
    }

    [Fact]
    public async Task A_value_is_free_again_when_its_item_changes_or_goes()
    {
        await container.CreateItemAsync(Item("1", "a", """{"email":"x"}"""));
        await container.UpsertItemAsync(Item("1", "a", """{"email":"x","n":2}""")); // Its own value is no clash.
        await container.UpsertItemAsync(Item("1", "a", """{"email":"y","name":{"first":"f"}}"""));
        await container.CreateItemAsync(Item("2", "a", """{"email":"x"}"""));
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => container.UpsertItemAsync(Item("1", "a", """{"email":"x","name":{"first":"f"}}""")));
        await container.DeleteItemAsync<JObject>("2", new PartitionKey("a"));
        await container.UpsertItemAsync(Item("1", "a", """{"email":"x"}"""));
    }

    [Fact]
    public async Task A_patch_can_clash_too()
    {
        await container.CreateItemAsync(Item("1", "a", """{"email":"x","name":{"first":"f"}}"""));
        await container.CreateItemAsync(Item("2", "a", """{"email":"y"}"""));
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => container.PatchItemAsync<JObject>(
            "2", new PartitionKey("a"), [PatchOperation.Set("/email", "x")]));
    }

    [Fact]
    public async Task A_query_for_a_unique_value_reads_one_item()
    {
        for (int i = 0; i < 500; i++)
        {
            await container.CreateItemAsync(Item($"{i}", "a", $$$"""{"email":"e{{{i}}}","name":{"first":{{{i}}}}}"""));
        }

        using FeedIterator<JObject> query = container.GetItemQueryIterator<JObject>(
            new QueryDefinition("SELECT * FROM c WHERE c.email = @e").WithParameter("@e", "e77"),
            requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey("a") });
        FeedResponse<JObject> page = await query.ReadNextAsync();
        Assert.Equal("77", (string?)Assert.Single(page)["id"]);
        Assert.Contains("retrievedDocumentCount=1;", page.Headers["x-ms-documentdb-query-metrics"], StringComparison.Ordinal);
    }

    private static JObject Item(string id, string pk, string json)
    {
        JObject item = JObject.Parse(json);
        item["id"] = id;
        item["pk"] = pk;
        return item;
    }

    private static MemoryStream Stream(JObject item) => new(System.Text.Encoding.UTF8.GetBytes(item.ToString()));
}
