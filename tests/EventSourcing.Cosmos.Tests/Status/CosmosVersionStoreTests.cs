using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosVersionStoreTests(ThreePartitions account) : VersionStoreContract, IClassFixture<ThreePartitions>
{
    protected override IVersionStore Store => new CosmosVersionStore(account.Container(ContainerNames.Consumers));
}
