using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

/// <summary>COSMOS-PROTOCOL §3.5: which ids survive the way through a URL, over HTTP with signatures as the service checks them.</summary>
public sealed class ItemIdTests
{
    [Theory]
    [InlineData("plain", 201, 200, 200, 204)]
    [InlineData("with inner spaces", 201, 200, 200, 204)]
    [InlineData(" leading", 201, 200, 200, 204)]
    [InlineData("trailing ", 201, 401, 401, 401)]
    [InlineData("only-é-中-🙂", 201, 200, 200, 204)]
    [InlineData(",=.:~+-@()^${}[]!_", 201, 200, 200, 204)]
    [InlineData("a?b", 201, 200, 200, 204)]
    [InlineData("a/b", 201, 404, 404, 404)]
    [InlineData("a\\b", 400, 404, 404, 404)]
    [InlineData("a#b", 201, 401, 401, 401)]
    [InlineData("a%20b", 201, 401, 401, 401)]
    [InlineData("a\nb", 201, 400, 400, 400)]
    [InlineData("a\rb", 201, 400, 400, 400)]
    [InlineData("a\tb", 201, 400, 400, 400)]
    [InlineData("Zm9v-YmFy+_==", 201, 200, 200, 204)]
    public async Task An_id_can_be_created_and_addressed_or_not(string id, int create, int read, int replace, int delete)
    {
        await using TestAccount account = await TestAccount.StartAsync(overHttp: true);
        Container container = await account.ContainerAsync();
        var key = new PartitionKey("a");
        Assert.Equal(create, await StatusOf(() => container.CreateItemAsync(new Thing(id, "a"), key)));
        Assert.Equal(read, await StatusOf(() => container.ReadItemAsync<Thing>(id, key)));
        Assert.Equal(replace, await StatusOf(() => container.ReplaceItemAsync(new Thing(id, "a", 2), id, key)));
        Assert.Equal(delete, await StatusOf(() => container.DeleteItemAsync<Thing>(id, key)));
    }

    [Fact]
    public async Task Items_are_addressed_by_resource_id_inside_a_container_that_is()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 3, overHttp: true);
        Container container = await account.ContainerAsync();
        Newtonsoft.Json.Linq.JObject item = (await container.CreateItemAsync(
            Newtonsoft.Json.Linq.JObject.Parse("""{"id":"a/b","pk":"a"}"""), new PartitionKey("a"))).Resource;
        string[] self = ((string?)item["_self"])!.Split('/');
        Container byResourceId = account.Client.GetContainer(self[1], self[3]);
        await byResourceId.ReplaceItemAsync(new Thing("better", "a"), (string?)item["_rid"], new PartitionKey("a"));
        Assert.Equal("better", (await container.ReadItemAsync<Thing>("better", new PartitionKey("a"))).Resource.id);
    }

    private static async Task<int> StatusOf(Func<Task<ItemResponse<Thing>>> operation)
    {
        try
        {
            return (int)(await operation()).StatusCode;
        }
        catch (CosmosException exception)
        {
            return (int)exception.StatusCode;
        }
    }
}
