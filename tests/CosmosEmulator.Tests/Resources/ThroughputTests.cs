using System.Net;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Resources;

public sealed class ThroughputTests : IAsyncLifetime
{
    private TestAccount account = null!;

    public async ValueTask InitializeAsync() => account = await TestAccount.StartAsync();

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Fact]
    public async Task A_container_has_400_unless_it_asks_for_more()
    {
        Assert.Equal(400, await (await account.ContainerAsync()).ReadThroughputAsync());
        Container more = await account.Database.CreateContainerAsync("more", "/pk", 1200);
        Assert.Equal(1200, await more.ReadThroughputAsync());
    }

    [Fact]
    public async Task Throughput_can_be_changed_and_has_a_minimum()
    {
        Container container = await account.ContainerAsync();
        ThroughputResponse changed = await container.ReplaceThroughputAsync(ThroughputProperties.CreateManualThroughput(800));
        Assert.Equal(800, changed.Resource.Throughput);
        ThroughputResponse read = await container.ReadThroughputAsync(new RequestOptions());
        Assert.Equal((800, 400), (read.Resource.Throughput, read.MinThroughput));
    }

    [Fact]
    public async Task Throughput_can_scale_by_itself()
    {
        Container container = await account.Database.CreateContainerAsync(
            new ContainerProperties("auto", "/pk"), ThroughputProperties.CreateAutoscaleThroughput(4000));
        ThroughputResponse read = await container.ReadThroughputAsync(new RequestOptions());
        Assert.Equal((4000, 400), (read.Resource.AutoscaleMaxThroughput, read.Resource.Throughput));
        ThroughputResponse changed = await container.ReplaceThroughputAsync(ThroughputProperties.CreateAutoscaleThroughput(8000));
        Assert.Equal(8000, changed.Resource.AutoscaleMaxThroughput);
    }

    [Theory]
    [InlineData(399)]
    [InlineData(450)]
    [InlineData(0)]
    public async Task Throughput_comes_in_hundreds_from_400(int throughput) => await Feeds.FailsAsync(
        HttpStatusCode.BadRequest, () => account.Database.CreateContainerAsync("c", "/pk", throughput));

    [Fact]
    public async Task A_database_shares_its_throughput_with_containers_that_have_none()
    {
        Database shared = await account.Client.CreateDatabaseAsync("shared", 500);
        Assert.Equal(500, await shared.ReadThroughputAsync());
        Container without = await shared.CreateContainerAsync("without", "/pk");
        Container with = await shared.CreateContainerAsync("with", "/pk", 600);
        Assert.Null(await without.ReadThroughputAsync());
        Assert.Equal(600, await with.ReadThroughputAsync());
        Assert.Equal("true", (await without.ReadContainerAsync()).Headers["x-ms-share-throughput"]);
        Assert.Null(await account.Database.ReadThroughputAsync());
    }

    [Fact]
    public async Task Throughput_goes_with_its_container()
    {
        using var raw = new RawClient(account.Cosmos);
        Container container = await account.ContainerAsync();
        Assert.Single((await raw.GetAsync("/offers")).Json.GetProperty("Offers").EnumerateArray());
        await container.DeleteContainerAsync();
        Assert.Empty((await raw.GetAsync("/offers")).Json.GetProperty("Offers").EnumerateArray());
    }
}
