using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Newtonsoft.Json;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Items;

public sealed class TimeToLiveTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TestAccount account = null!;

    public async ValueTask InitializeAsync() => account = await TestAccount.StartAsync(clock: clock);

    public ValueTask DisposeAsync() => account.DisposeAsync();

    [Theory]
    [InlineData(null, null, true)] // Neither: for ever.
    [InlineData(null, 5, true)] // The container has no time to live, so the item's does not count.
    [InlineData(-1, null, true)]
    [InlineData(-1, 5, false)]
    [InlineData(5, null, false)]
    [InlineData(5, -1, true)]
    [InlineData(5, 60, true)]
    [InlineData(60, 5, false)]
    public async Task An_item_lives_as_long_as_container_and_item_say(int? container, int? item, bool livesTenSeconds)
    {
        Container c = await account.ContainerAsync(new ContainerProperties("ttl", "/pk") { DefaultTimeToLive = container });
        await c.CreateItemAsync(Living("1", item));
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("1", (await c.ReadItemAsync<LivingThing>("1", new PartitionKey("a"))).Resource.id);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(livesTenSeconds ? 1 : 0, (await c.GetItemQueryIterator<LivingThing>("SELECT * FROM c").AllAsync()).Count);
        using ResponseMessage read = await c.ReadItemStreamAsync("1", new PartitionKey("a"));
        Assert.Equal(livesTenSeconds ? HttpStatusCode.OK : HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task An_expired_item_frees_its_id_and_its_unique_values()
    {
        Container c = await account.ContainerAsync(new ContainerProperties("ttl", "/pk")
        {
            DefaultTimeToLive = 5,
            UniqueKeyPolicy = new UniqueKeyPolicy { UniqueKeys = { new UniqueKey { Paths = { "/n" } } } },
        });
        await c.CreateItemAsync(new Thing("1", "a", 7));
        await Feeds.FailsAsync(HttpStatusCode.Conflict, () => c.CreateItemAsync(new Thing("2", "a", 7)));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.Created, (await c.CreateItemAsync(new Thing("1", "a", 7))).StatusCode);
    }

    [Fact]
    public async Task A_replace_starts_the_time_anew()
    {
        Container c = await account.ContainerAsync(new ContainerProperties("ttl", "/pk") { DefaultTimeToLive = 5 });
        await c.CreateItemAsync(new Thing("1", "a"));
        clock.Advance(TimeSpan.FromSeconds(4));
        await c.UpsertItemAsync(new Thing("1", "a", 2));
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(2, (await c.ReadItemAsync<Thing>("1", new PartitionKey("a"))).Resource.n);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Feeds.FailsAsync(HttpStatusCode.NotFound, () => c.ReadItemAsync<Thing>("1", new PartitionKey("a")));
    }

    [Fact]
    public async Task A_containers_new_time_to_live_counts_for_the_items_it_has()
    {
        Container c = await account.ContainerAsync();
        await c.CreateItemAsync(new Thing("1", "a"));
        await c.CreateItemAsync(Living("2", -1));
        clock.Advance(TimeSpan.FromSeconds(30));
        await c.ReplaceContainerAsync(new ContainerProperties("items", "/pk") { DefaultTimeToLive = 20 });
        Assert.Equal(["2"], (await c.GetItemQueryIterator<LivingThing>("SELECT * FROM c").AllAsync()).Select(thing => thing.id));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("1.5")]
    [InlineData("\"5\"")]
    public async Task A_time_to_live_that_makes_no_sense_is_refused_where_it_counts(string value)
    {
        Container counts = await account.ContainerAsync(new ContainerProperties("ttl", "/pk") { DefaultTimeToLive = -1 });
        Container ignores = await account.ContainerAsync();
        Newtonsoft.Json.Linq.JObject item = Newtonsoft.Json.Linq.JObject.Parse($$"""{"id":"1","pk":"a","ttl":{{value}}}""");
        await Feeds.FailsAsync(HttpStatusCode.BadRequest, () => counts.CreateItemAsync(item));
        Assert.Equal(HttpStatusCode.Created, (await ignores.CreateItemAsync(item)).StatusCode);
    }

    private static LivingThing Living(string id, int? ttl) => new(id, "a", ttl);

    private sealed record LivingThing(
        string id, string pk, [property: JsonProperty(NullValueHandling = NullValueHandling.Ignore)] int? ttl);
}
