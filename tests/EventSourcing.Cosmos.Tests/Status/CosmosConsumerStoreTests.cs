using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosConsumerStoreTests(ThreePartitions account) : ConsumerStoreContract, IClassFixture<ThreePartitions>
{
    protected override IConsumerStore Store => new CosmosConsumerStore(account.Container(ContainerNames.Consumers));

    [Fact]
    public async Task A_record_is_stored_as_its_golden_file()
    {
        string consumer = $"golden-{Guid.NewGuid():N}@1";
        DateTimeOffset time = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);
        await Store.TryWriteAsync(
            new ConsumerRecord
            {
                Consumer = consumer,
                Counts = new ConsumerCounts { Commits = 120, Events = 180, Failures = 5, Parked = 1, Audited = 119 },
                LastProgressAt = time,
                LastAuditAt = time,
                Ranges = new Dictionary<string, RangeProgress> { ["0"] = new("\"17\"", time) },
                Faults = new Dictionary<string, FeedFault> { ["account-7f3a/3"] = new("TimeoutException: x", IsStop: false, time, time) },
            },
            TestContext.Current.CancellationToken);

        using ResponseMessage response = await account.Container(ContainerNames.Consumers).ReadItemStreamAsync(
            "record", new PartitionKey(consumer), cancellationToken: TestContext.Current.CancellationToken);
        using JsonDocument stored = await JsonDocument.ParseAsync(response.Content, cancellationToken: TestContext.Current.CancellationToken);
        JsonElement golden = Golden.Element("consumer.json");
        string[] members = [.. stored.RootElement.EnumerateObject().Select(m => m.Name).Where(n => n[0] != '_' && n != "consumer")];
        Assert.Equal(golden.EnumerateObject().Select(m => m.Name), members);
        Assert.All(members, m => Assert.True(
            JsonElement.DeepEquals(golden.GetProperty(m), stored.RootElement.GetProperty(m)), stored.RootElement.GetProperty(m).GetRawText()));
    }
}
