using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosParkedStoreTests(ThreePartitions account) : ParkedStoreContract, IClassFixture<ThreePartitions>
{
    protected override IParkedStore Store => new CosmosParkedStore(account.Container(ContainerNames.Parked));

    [Fact]
    public async Task A_record_is_stored_as_its_golden_file()
    {
        string consumer = $"golden-{Guid.NewGuid():N}@1";
        await Store.TryWriteAsync(
            new ParkedStream
            {
                Consumer = consumer,
                Stream = "account-7f3a",
                Status = ParkedStatus.Parked,
                FromVersion = 3,
                ThroughVersion = 5,
                Error = "EventDecodeException: no event is registered",
                Attempts = 4,
                FirstFailedAt = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
                LastFailedAt = new DateTimeOffset(2026, 11, 23, 9, 45, 0, TimeSpan.Zero),
                NextRetryAt = new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero),
                CorrelationId = "conversation-1",
            },
            TestContext.Current.CancellationToken);

        using ResponseMessage response = await account.Container(ContainerNames.Parked).ReadItemStreamAsync(
            "account-7f3a", new PartitionKey(consumer), cancellationToken: TestContext.Current.CancellationToken);
        using JsonDocument stored = await JsonDocument.ParseAsync(response.Content, cancellationToken: TestContext.Current.CancellationToken);
        IEnumerable<(string Name, string Value)> members = stored.RootElement.EnumerateObject()
            .Where(m => m.Name[0] != '_' && m.Name != "consumer").Select(m => (m.Name, m.Value.GetRawText()));
        Assert.Equal(Golden.Element("parked.json").EnumerateObject().Select(m => (m.Name, m.Value.GetRawText())), members);
    }
}
