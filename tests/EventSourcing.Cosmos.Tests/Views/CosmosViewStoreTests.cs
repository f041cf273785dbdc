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

    /// <summary>The check sum is no secret, so somebody may put anything behind a right one.</summary>
    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[{\"token\":\"x\",\"range\":{\"min\":\"\",\"max\":\"FF\"}}]")]
    [InlineData("[{\"compositeToken\":{\"token\":\"x\",\"range\":{\"min\":\"\",\"max\":\"FF\"}},\"resumeValues\":[1],\"rid\":\"x\",\"skipCount\":0}]")]
    [InlineData("{\"OptimisticDirectExecutionToken\":{\"token\":\"x\",\"range\":{\"min\":\"\",\"max\":\"FF\"}}}")]
    public async Task A_forged_position_is_refused_too(string position)
    {
        ViewQuery query = new("forged", 1, ViewKind.View, Key: null, NewestFirst: false, 10, Continuation: null);

        await Assert.ThrowsAsync<InvalidContinuationException>(() => account.Views.ListAsync(
            query with { Continuation = Continuation.Wrap(query, position) }, TestContext.Current.CancellationToken));
    }
}
