using System.Net;
using Microsoft.Azure.Cosmos;
using Moq;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>
/// What each status means to the stores, without the client's own retries in between. The SDK's types are faked here and nowhere
/// else: no account gives these answers on request.
/// </summary>
public sealed class StatusTests
{
    private const string PartitionKeyFull = "1014";
    private static readonly StreamName Stream = StreamName.Create("counter", "1");
    private static readonly ViewPartition Partition = new("status", 1, "key");
    private static readonly ViewDocument New = new() { Id = "view", Kind = ViewKind.View };
    private static readonly ViewDocument Known = New with { ETag = "\"1\"" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<HttpStatusCode> Faults =>
    [
        HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.RequestTimeout, HttpStatusCode.Gone,
        HttpStatusCode.FailedDependency, HttpStatusCode.TooManyRequests, (HttpStatusCode)449, HttpStatusCode.InternalServerError,
        HttpStatusCode.ServiceUnavailable,
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task No_fault_of_an_append_is_taken_for_a_conflict(HttpStatusCode status)
    {
        CosmosException e = await Assert.ThrowsAsync<CosmosException>(() => AppendAsync(status));
        Assert.Equal(status, e.StatusCode);
    }

    [Fact]
    public async Task Only_a_409_is_a_conflict_and_a_413_is_too_large()
    {
        Assert.Equal(2.5, Assert.IsType<AppendResult.Appended>(await AppendAsync(HttpStatusCode.Created)).RequestCharge);
        Assert.Equal(2.5, Assert.IsType<AppendResult.Conflict>(await AppendAsync(HttpStatusCode.Conflict)).RequestCharge);
        await Assert.ThrowsAsync<CommitTooLargeException>(() => AppendAsync(HttpStatusCode.RequestEntityTooLarge));
        await Assert.ThrowsAsync<ContainerMissingException>(() => AppendAsync(HttpStatusCode.NotFound));
    }

    /// <summary>A create has no precondition; a 412 to it would be something else than a lost race.</summary>
    [Fact]
    public async Task A_412_to_an_append_is_a_fault() =>
        await Assert.ThrowsAsync<CosmosException>(() => AppendAsync(HttpStatusCode.PreconditionFailed));

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task No_fault_of_a_view_write_is_taken_for_a_lost_race(HttpStatusCode status)
    {
        foreach (ViewDocument[] documents in (ViewDocument[][])[[New], [Known], [New, Known with { Id = "other" }]])
        {
            CosmosException e = await Assert.ThrowsAsync<CosmosException>(() => WriteAsync(status, documents));
            Assert.Equal(status, e.StatusCode);
        }
    }

    [Fact]
    public async Task A_view_write_loses_to_a_creation_to_a_change_and_to_a_deletion()
    {
        Assert.False((await WriteAsync(HttpStatusCode.Conflict, New)).IsWritten);
        Assert.False((await WriteAsync(HttpStatusCode.PreconditionFailed, Known)).IsWritten);
        Assert.False((await WriteAsync(HttpStatusCode.NotFound, Known)).IsWritten);
        ViewWrite lost = await WriteAsync(HttpStatusCode.Conflict, New, Known with { Id = "other" });
        Assert.Equal(new ViewWrite(IsWritten: false, 2.5), lost);
        await Assert.ThrowsAsync<ContainerMissingException>(() => WriteAsync(HttpStatusCode.NotFound, New));
        await Assert.ThrowsAsync<ContainerMissingException>(() => WriteAsync(HttpStatusCode.NotFound, New, Known with { Id = "other" }));
        await Assert.ThrowsAsync<ViewTooLargeException>(() => WriteAsync(HttpStatusCode.RequestEntityTooLarge, New));
        await Assert.ThrowsAsync<ViewTooLargeException>(() => WriteAsync(HttpStatusCode.RequestEntityTooLarge, New, Known with { Id = "other" }));
    }

    /// <summary>403 with substatus 1014. As a fault of the store it would be tried again for ever, and hold up every stream of its feed range.</summary>
    [Fact]
    public async Task A_full_logical_partition_is_too_large_and_no_fault()
    {
        CommitTooLargeException commit = await Assert.ThrowsAsync<CommitTooLargeException>(() => AppendAsync(HttpStatusCode.Forbidden, PartitionKeyFull));
        Assert.StartsWith($"{Stream} is full", commit.Message, StringComparison.Ordinal);
        foreach (ViewDocument[] documents in (ViewDocument[][])[[New], [Known], [New, Known with { Id = "other" }]])
        {
            ViewTooLargeException view = await Assert.ThrowsAsync<ViewTooLargeException>(() => WriteAsync(HttpStatusCode.Forbidden, PartitionKeyFull, documents));
            Assert.StartsWith($"The view {Partition.Value} is full", view.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>As the service answers a batch: the client shows the status of the operation that was refused, but not its substatus.</summary>
    [Fact]
    public async Task A_batch_with_one_operation_that_was_forbidden_has_met_a_full_logical_partition()
    {
        Mock<Container> container = NewContainer();
        container.Setup(c => c.CreateTransactionalBatch(It.IsAny<PartitionKey>()))
            .Returns(BatchOf(() => BatchResponse(HttpStatusCode.Forbidden, subStatus: null, HttpStatusCode.FailedDependency, HttpStatusCode.Forbidden)));

        ViewTooLargeException view = await Assert.ThrowsAsync<ViewTooLargeException>(
            () => new CosmosViewStore(container.Object).TryWriteAsync(Partition, [New, Known with { Id = "other" }], Token));

        Assert.StartsWith($"The view {Partition.Value} is full", view.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throttled_batch_says_when_to_come_back()
    {
        CosmosException e = await Assert.ThrowsAsync<CosmosException>(
            () => WriteAsync(HttpStatusCode.TooManyRequests, New, Known with { Id = "other" }));
        Assert.Equal(TimeSpan.FromMilliseconds(40), e.RetryAfter);
        Assert.Equal(2.5, e.RequestCharge);
    }

    [Fact]
    public async Task A_lost_connection_stays_what_it_is()
    {
        Mock<Container> container = NewContainer();
        container.Setup(c => c.CreateItemStreamAsync(
                It.IsAny<Stream>(), It.IsAny<PartitionKey>(), It.IsAny<ItemRequestOptions>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new HttpRequestException("lost"));
        StreamHead start = StreamHead.StartOf(Stream);

        await Assert.ThrowsAsync<HttpRequestException>(() =>
            new CosmosEventStore(container.Object).AppendAsync(start, TestCommits.At(Stream, 1), Token));
    }

    private static async Task<AppendResult> AppendAsync(HttpStatusCode status, string? subStatus = null)
    {
        Mock<Container> container = NewContainer();
        container.Setup(c => c.CreateItemStreamAsync(
                It.IsAny<Stream>(), It.IsAny<PartitionKey>(), It.IsAny<ItemRequestOptions>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(() => Response(status, subStatus));
        return await new CosmosEventStore(container.Object).AppendAsync(StreamHead.StartOf(Stream), TestCommits.At(Stream, 1), Token);
    }

    private static Task<ViewWrite> WriteAsync(HttpStatusCode status, params ViewDocument[] documents) => WriteAsync(status, subStatus: null, documents);

    private static async Task<ViewWrite> WriteAsync(HttpStatusCode status, string? subStatus, params ViewDocument[] documents)
    {
        Mock<Container> container = NewContainer();
        container.Setup(c => c.CreateItemStreamAsync(
                It.IsAny<Stream>(), It.IsAny<PartitionKey>(), It.IsAny<ItemRequestOptions>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(() => Response(status, subStatus));
        container.Setup(c => c.ReplaceItemStreamAsync(
                It.IsAny<Stream>(), "view", It.IsAny<PartitionKey>(), It.Is<ItemRequestOptions>(o => o.IfMatchEtag == "\"1\""), It.IsAny<CancellationToken>()))
            .ReturnsAsync(() => Response(status, subStatus));
        container.Setup(c => c.CreateTransactionalBatch(It.IsAny<PartitionKey>()))
            // All operations with the status of the batch, as when the request was refused as a whole.
            .Returns(BatchOf(() => BatchResponse(status, subStatus, [.. documents.Select(_ => status)])));
        return await new CosmosViewStore(container.Object).TryWriteAsync(Partition, documents, Token);
    }

    private static ResponseMessage Response(HttpStatusCode status, string? subStatus)
    {
        ResponseMessage response = new(status);
        if (subStatus is not null)
        {
            response.Headers.Add("x-ms-substatus", subStatus);
        }
        response.Headers.Add("x-ms-request-charge", "2.5");
        return response;
    }

    private static TransactionalBatch BatchOf(Func<TransactionalBatchResponse> answer)
    {
        Mock<TransactionalBatch> batch = new();
        batch.Setup(b => b.ExecuteAsync(It.IsAny<CancellationToken>())).ReturnsAsync(answer);
        return batch.Object;
    }

    private static TransactionalBatchResponse BatchResponse(HttpStatusCode status, string? subStatus, params HttpStatusCode[] operations)
    {
        Headers headers = new();
        if (subStatus is not null)
        {
            headers.Add("x-ms-substatus", subStatus);
        }
        Mock<TransactionalBatchResponse> response = new();
        response.Setup(r => r.StatusCode).Returns(status);
        response.Setup(r => r.RequestCharge).Returns(2.5);
        response.Setup(r => r.RetryAfter).Returns(TimeSpan.FromMilliseconds(40));
        response.Setup(r => r.Headers).Returns(headers);
        response.Setup(r => r.GetEnumerator()).Returns(() => operations.Select(ResultOf).GetEnumerator());
        return response.Object;
    }

    private static TransactionalBatchOperationResult ResultOf(HttpStatusCode status)
    {
        Mock<TransactionalBatchOperationResult> result = new();
        result.Setup(r => r.StatusCode).Returns(status);
        return result.Object;
    }

    private static Mock<Container> NewContainer()
    {
        Mock<Database> database = new();
        database.Setup(d => d.Id).Returns("db");
        Mock<Container> container = new();
        container.Setup(c => c.Id).Returns("c");
        container.Setup(c => c.Database).Returns(database.Object);
        return container;
    }
}
