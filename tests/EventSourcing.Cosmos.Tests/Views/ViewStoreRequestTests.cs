using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Requests and charges of each operation on views.</summary>
public sealed class ViewStoreRequestTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private readonly ViewPartition partition = new("requests-" + Guid.NewGuid().ToString("N"), 1, "key");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_document_is_read_with_a_point_read_found_or_not()
    {
        await WarmAsync();
        ViewRead? read = null;

        Assert.Equal([Read], await RequestsOfAsync(async () => read = await account.Views.ReadAsync(partition, ["1"], Token)));
        Assert.Single(read!.Documents);
        Assert.True(read.RequestCharge > 0);
        Assert.Equal([Read], await RequestsOfAsync(async () => read = await account.Views.ReadAsync(partition, ["missing"], Token)));
        Assert.Empty(read!.Documents);
        Assert.True(read.RequestCharge > 0);
    }

    [Fact]
    public async Task Many_documents_are_read_with_one_query_and_no_plan()
    {
        await WarmAsync();
        string[] ids = [.. Enumerable.Range(1, ViewLimits.MaxDocumentsPerWrite).Select(i => $"{i}")];
        ViewRead? read = null;

        Assert.Equal([Query], await RequestsOfAsync(async () => read = await account.Views.ReadAsync(partition, ids, Token)));
        Assert.Equal(30, read!.Documents.Count);
        Assert.True(read.RequestCharge > 0);
        Assert.Empty(await RequestsOfAsync(async () => await account.Views.ReadAsync(partition, [], Token)));
    }

    [Fact]
    public async Task A_write_is_one_request_however_many_documents_it_has()
    {
        await WarmAsync();
        ViewDocument first = (await account.Views.ReadAsync(partition, ["1"], Token)).Documents[0];
        ViewWrite? write = null;

        Assert.Equal([Create], await RequestsOfAsync(async () => write = await account.Views.TryWriteAsync(partition, [Entry("new")], Token)));
        Assert.True(write is { IsWritten: true, RequestCharge: > 0 });
        Assert.Equal([Replace], await RequestsOfAsync(async () => write = await account.Views.TryWriteAsync(partition, [first], Token)));
        Assert.True(write is { IsWritten: true, RequestCharge: > 0 });
        Assert.Equal([Replace], await RequestsOfAsync(async () => write = await account.Views.TryWriteAsync(partition, [first], Token)));
        Assert.True(write is { IsWritten: false, RequestCharge: > 0 });
        Assert.Equal([Batch], await RequestsOfAsync(async () => write = await account.Views.TryWriteAsync(partition, [Entry("a"), Entry("b")], Token)));
        Assert.True(write is { IsWritten: true, RequestCharge: > 0 });
        Assert.Equal([Batch], await RequestsOfAsync(async () => write = await account.Views.TryWriteAsync(partition, [Entry("a"), Entry("c")], Token)));
        Assert.True(write is { IsWritten: false, RequestCharge: > 0 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_under_a_key_is_one_query_and_no_plan(bool newestFirst)
    {
        await WarmAsync();
        ViewQuery query = new(partition.Projection, 1, ViewKind.Entry, partition.Key, newestFirst, 10, Continuation: null);
        ViewPage? page = null;

        Assert.Equal([Query], await RequestsOfAsync(async () => page = await account.Views.ListAsync(query, Token)));
        Assert.Equal([Query], await RequestsOfAsync(async () => await account.Views.ListAsync(query with { Continuation = page!.Continuation }, Token)));
        Assert.True(page!.RequestCharge > 0);
    }

    [Fact]
    public async Task A_page_of_all_keys_asks_for_a_plan_and_then_one_partition_after_the_other()
    {
        await WarmAsync();
        ViewQuery query = new(partition.Projection, 1, ViewKind.Entry, Key: null, NewestFirst: false, 10, Continuation: null);
        ViewPage? page = null;

        CosmosRequestKind[] requests = await RequestsOfAsync(async () => page = await account.Views.ListAsync(query, Token));

        Assert.Equal(10, page!.Items.Count);
        // Empty partitions before the one that answers are asked too, each after another plan.
        Assert.InRange(requests.Length, 2, 6);
        Assert.All(requests, r => Assert.True(r is Query or QueryPlan));
    }

    private async Task<CosmosRequestKind[]> RequestsOfAsync(Func<Task> action)
    {
        account.SkipUnlessRequestsAreSeen();
        return await account.Requests.OfAsync(action);
    }

    /// <summary>Thirty entries; and the client and the store have read what they read once.</summary>
    private async Task WarmAsync()
    {
        await account.Views.TryWriteAsync(partition, [.. Enumerable.Range(1, 30).Select(i => Entry($"{i}"))], Token);
        await account.Views.ReadAsync(partition, ["missing"], Token);
        await account.Views.ReadAsync(partition, ["1", "2"], Token);
    }

    private static ViewDocument Entry(string id) => new() { Id = id, Kind = ViewKind.Entry, Data = "{}"u8.ToArray() };
}
