using System.Collections.Concurrent;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Changes;

/// <summary>COSMOS-PROTOCOL §9.2: the SDK's own processor with its leases, and its estimator.</summary>
public sealed class ChangeFeedProcessorTests
{
    private const int Items = 60;

    private readonly ConcurrentDictionary<string, int> seen = new();

    [Theory]
    [InlineData(1, "/id")]
    [InlineData(3, "/id")]
    [InlineData(3, "/partitionKey")]
    public async Task The_processor_sees_every_item_and_goes_on_after_a_restart(int partitions, string leaseKey)
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions);
        Container container = await account.ContainerAsync();
        Container leases = await account.ContainerAsync(leaseKey, "leases");
        await CreateAsync(container, 0);

        ChangeFeedProcessor first = Processor(container, leases, "first");
        await first.StartAsync();
        await Eventually.TrueAsync(() => seen.Count == Items, "all items were seen");
        await first.StopAsync();
        List<JObject> documents = await leases.GetItemQueryIterator<JObject>("SELECT * FROM c").AllAsync();
        Assert.Equal(partitions, documents.Count(lease => lease["LeaseToken"] is not null));

        await CreateAsync(container, Items);
        ChangeFeedProcessor second = Processor(container, leases, "second");
        await second.StartAsync();
        await Eventually.TrueAsync(() => seen.Count == 2 * Items, "the items after the restart were seen");
        await second.StopAsync();
        Assert.All(seen.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public async Task The_estimator_counts_what_was_not_seen()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 3);
        Container container = await account.ContainerAsync();
        Container leases = await account.ContainerAsync("/id", "leases");
        ChangeFeedProcessor processor = Processor(container, leases, "host");
        await processor.StartAsync();
        await CreateAsync(container, 0);
        await Eventually.TrueAsync(() => seen.Count == Items, "all items were seen");
        await processor.StopAsync();
        Assert.Equal(0, await LagAsync(container, leases));
        await CreateAsync(container, Items);
        Assert.Equal(Items, await LagAsync(container, leases));
    }

    [Fact]
    public async Task The_processor_survives_a_split()
    {
        await using TestAccount account = await TestAccount.StartAsync(partitions: 1);
        Container container = await account.ContainerAsync();
        Container leases = await account.ContainerAsync("/id", "leases");
        ChangeFeedProcessor processor = Processor(container, leases, "host");
        await processor.StartAsync();
        await CreateAsync(container, 0);
        await Eventually.TrueAsync(() => seen.Count == Items, "the items before the split were seen");
        await account.Cosmos.SplitAsync("db", "items", "0", TestContext.Current.CancellationToken);
        await CreateAsync(container, Items);
        await Eventually.TrueAsync(() => seen.Count == 2 * Items, "the items after the split were seen");
        await account.Cosmos.SplitAsync("db", "items", "2", TestContext.Current.CancellationToken);
        await CreateAsync(container, 2 * Items);
        await Eventually.TrueAsync(() => seen.Count == 3 * Items, "the items after the second split were seen");
        await processor.StopAsync();
        List<JObject> documents = await leases.GetItemQueryIterator<JObject>("SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken)").AllAsync();
        Assert.Equal(["1", "3", "4"], documents.Select(lease => (string?)lease["LeaseToken"]).Order());
    }

    private ChangeFeedProcessor Processor(Container container, Container leases, string instance) => container
        .GetChangeFeedProcessorBuilder<Thing>("processor", (IReadOnlyCollection<Thing> changes, CancellationToken _) =>
        {
            foreach (Thing thing in changes)
            {
                seen.AddOrUpdate(thing.id, 1, (_, times) => times + 1);
            }

            return Task.CompletedTask;
        })
        .WithInstanceName(instance)
        .WithLeaseContainer(leases)
        .WithStartTime(DateTime.MinValue.ToUniversalTime())
        .WithPollInterval(TimeSpan.FromMilliseconds(50))
        .WithLeaseConfiguration(acquireInterval: TimeSpan.FromMilliseconds(200))
        .Build();

    private static async Task<long> LagAsync(Container container, Container leases) =>
        (await container.GetChangeFeedEstimator("processor", leases).GetCurrentStateIterator().AllAsync()).Sum(state => state.EstimatedLag);

    private static async Task CreateAsync(Container container, int from) =>
        await Task.WhenAll(Enumerable.Range(from, Items).Select(i => container.CreateItemAsync(new Thing($"{i}", $"p{i}"))));
}
