using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class CosmosViewStoreTests(OnePartition account) : ViewStoreContract, IClassFixture<OnePartition>
{
    protected override IViewStore Store => account.Views;
}

public sealed class CosmosViewStoreListTests(OnePartition account) : ViewStoreListContract, IClassFixture<OnePartition>
{
    protected override IViewStore Store => account.Views;
}

public sealed class CosmosViewStoreOnThreePartitionsTests(ThreePartitions account) : ViewStoreContract, IClassFixture<ThreePartitions>
{
    protected override IViewStore Store => account.Views;
}

public sealed class CosmosViewStoreListOnThreePartitionsTests(ThreePartitions account) : ViewStoreListContract, IClassFixture<ThreePartitions>
{
    protected override IViewStore Store => account.Views;
}
