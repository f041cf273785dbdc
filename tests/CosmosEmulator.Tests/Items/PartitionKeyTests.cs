using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

public sealed class PartitionKeyTests
{
    public static TheoryData<string, int> Values()
    {
        string[] values = ["\"p\"", "\"\"", "\"é 中 🙂\"", "\"a\\\"b\"", "5", "5.5", "-1e10", "true", "false", "null", ""];
        var data = new TheoryData<string, int>();
        foreach (string value in values)
        {
            data.Add(value, 1);
            data.Add(value, 3);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Every_kind_of_key_finds_its_items(string value, int partitions)
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions);
        Container container = await account.ContainerAsync();
        JObject item = value.Length == 0 ? new JObject { ["id"] = "1" } : JObject.Parse($$"""{"id":"1","pk":{{value}}}""");
        PartitionKey key = Key(item["pk"]);
        await container.CreateItemAsync(item); // The client takes the key out of the item.
        Assert.Equal("1", (string?)(await container.ReadItemAsync<JObject>("1", key)).Resource["id"]);
        Assert.Single(await container.GetItemQueryIterator<JObject>(
            "SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = key }).AllAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await container.DeleteItemAsync<JObject>("1", key)).StatusCode);
    }

    [Theory]
    [InlineData("5", "5.0")]
    [InlineData("5.0", "5e0")]
    [InlineData("-0", "0")]
    public async Task Numbers_are_equal_as_numbers(string first, string second)
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 3);
        Container container = await account.ContainerAsync();
        await container.CreateItemAsync(JObject.Parse($$"""{"id":"1","pk":{{first}}}"""));
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => container.CreateItemAsync(JObject.Parse($$"""{"id":"1","pk":{{second}}}""")));
    }

    [Fact]
    public async Task A_nested_path_and_a_quoted_path_name_the_key()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 3);
        Container nested = await account.ContainerAsync("/a/b", "nested");
        await nested.CreateItemAsync(JObject.Parse("""{"id":"1","a":{"x":{"b":"no"},"b":"k"}}"""));
        Assert.Equal("1", (string?)(await nested.ReadItemAsync<JObject>("1", new PartitionKey("k"))).Resource["id"]);
        Container quoted = await account.ContainerAsync("/\"a b\"", "quoted");
        await quoted.CreateItemAsync(JObject.Parse("""{"id":"1","a b":"k"}"""), new PartitionKey("k"));
        Assert.Equal("1", (string?)(await quoted.ReadItemAsync<JObject>("1", new PartitionKey("k"))).Resource["id"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Hierarchical_keys_find_items_by_the_whole_key_and_by_a_prefix(int partitions)
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions);
        Container container = await account.ContainerAsync(new ContainerProperties("h", ["/t", "/u", "/s"]));
        for (int i = 0; i < 60; i++)
        {
            await container.CreateItemAsync(JObject.FromObject(new { id = $"{i:00}", t = $"t{i % 3}", u = $"u{i % 4}", s = i }));
        }

        PartitionKey whole = new PartitionKeyBuilder().Add("t1").Add("u3").Add(7).Build();
        Assert.Equal("07", (string?)(await container.ReadItemAsync<JObject>("07", whole)).Resource["id"]);
        Assert.Equal(20, await CountAsync(container, new PartitionKeyBuilder().Add("t1").Build()));
        Assert.Equal(5, await CountAsync(container, new PartitionKeyBuilder().Add("t1").Add("u3").Build()));
        Assert.Equal(1, await CountAsync(container, whole));
        CosmosException partial = await Feeds.FailsAsync(
            HttpStatusCode.BadRequest, () => container.ReadItemAsync<JObject>("07", new PartitionKeyBuilder().Add("t1").Build()));
        Assert.Equal(1001, partial.SubStatusCode);
        await Feeds.FailsAsync(
            HttpStatusCode.NotFound,
            () => container.ReadItemAsync<JObject>("07", new PartitionKeyBuilder().Add("t1").Add("u3").Add(8).Build()));
    }

    [Fact]
    public async Task Items_are_spread_over_all_physical_partitions()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 3);
        Container container = await account.ContainerAsync();
        HashSet<string> ranges = [];
        for (int i = 0; i < 100; i++)
        {
            ItemResponse<Thing> response = await container.CreateItemAsync(new Thing("1", $"p{i}"));
            ranges.Add(response.Headers["x-ms-documentdb-partitionkeyrangeid"]);
        }

        Assert.Equal(["0", "1", "2"], ranges.Order());
    }

    private static async Task<int> CountAsync(Container container, PartitionKey key) => (await container.GetItemQueryIterator<JObject>(
        "SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = key }).AllAsync()).Count;

    private static PartitionKey Key(JToken? value) => value?.Type switch
    {
        null => PartitionKey.None,
        JTokenType.Null => PartitionKey.Null,
        JTokenType.Boolean => new PartitionKey((bool)value),
        JTokenType.String => new PartitionKey((string)value!),
        _ => new PartitionKey((double)value),
    };
}
