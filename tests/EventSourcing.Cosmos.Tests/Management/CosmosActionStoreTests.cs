using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosActionStoreTests(ThreePartitions account) : ActionStoreContract, IClassFixture<ThreePartitions>
{
    protected override IActionStore Store => new CosmosActionStore(account.Container(ContainerNames.Actions));

    [Fact]
    public async Task A_record_is_stored_as_its_golden_file()
    {
        string consumer = $"golden-{Guid.NewGuid():N}@1";
        await Store.WriteAsync(
            new OperatorAction
            {
                Id = "019ab0c2f3a070008000000000000001",
                Consumer = consumer,
                Kind = "discard",
                Stream = "account-7f3a",
                Version = 3,
                Reason = "The event was written by a release that was taken back.",
                Actor = "user:aad:7c9e6679-7425-40de-944b-e07fc1f90ae7",
                ActorName = "alice@example.com",
                StartedAt = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
                CompletedAt = new DateTimeOffset(2026, 11, 23, 9, 30, 1, TimeSpan.Zero),
                Outcome = "caught-up",
                Detail = "2 events",
            },
            TestContext.Current.CancellationToken);

        using ResponseMessage response = await account.Container(ContainerNames.Actions).ReadItemStreamAsync(
            "019ab0c2f3a070008000000000000001", new PartitionKey(consumer), cancellationToken: TestContext.Current.CancellationToken);
        using JsonDocument stored = await JsonDocument.ParseAsync(response.Content, cancellationToken: TestContext.Current.CancellationToken);
        IEnumerable<(string Name, string Value)> members = stored.RootElement.EnumerateObject()
            .Where(m => m.Name[0] != '_' && m.Name != "consumer").Select(m => (m.Name, m.Value.GetRawText()));
        Assert.Equal(Golden.Element("action.json").EnumerateObject().Select(m => (m.Name, m.Value.GetRawText())), members);
    }
}
