using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.ProgramTests;

/// <summary>A split that another process asks for.</summary>
public sealed class SplitRouteTests
{
    [Fact]
    public async Task A_range_is_split_and_its_items_stay()
    {
        await using TestAccount account = await TestAccount.StartAsync(overHttp: true);
        Container container = await account.ContainerAsync();
        for (int i = 0; i < 20; i++)
        {
            await container.CreateItemAsync(new Thing("1", $"{i}"));
        }

        using HttpResponseMessage answer = await PostAsync(account, """{"database":"db","container":"items","rangeId":"0"}""");

        Assert.Equal("""{"rangeIds":["1","2"]}""", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        for (int i = 0; i < 20; i++)
        {
            await container.ReadItemAsync<Thing>("1", new PartitionKey($"{i}"));
        }

        using CosmosClient another = account.NewClient();
        Assert.Equal(2, (await another.GetContainer("db", "items").GetFeedRangesAsync()).Count);
    }

    [Theory]
    [InlineData("""{"database":"db","container":"other","rangeId":"0"}""", HttpStatusCode.NotFound)]
    [InlineData("""{"database":"db","container":"items","rangeId":"7"}""", HttpStatusCode.Gone)]
    [InlineData("""{"database":"db","container":"items"}""", HttpStatusCode.BadRequest)]
    [InlineData("split", HttpStatusCode.BadRequest)]
    public async Task What_can_not_be_split_is_refused(string body, HttpStatusCode status)
    {
        await using TestAccount account = await TestAccount.StartAsync(overHttp: true);
        await account.ContainerAsync();

        using HttpResponseMessage answer = await PostAsync(account, body);

        Assert.Equal(status, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(TestAccount account, string body)
    {
        using var http = new HttpClient { BaseAddress = account.Cosmos.Endpoint };
        return await http.PostAsync("_emulator/split", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
    }
}
