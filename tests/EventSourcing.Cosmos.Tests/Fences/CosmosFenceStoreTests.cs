using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosFenceStoreTests(ThreePartitions account) : FenceStoreContract, IClassFixture<ThreePartitions>
{
    protected override IFenceStore Store => new CosmosFenceStore(account.Container(ContainerNames.Fences));
}
