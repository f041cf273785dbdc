using System.Net;
using Microsoft.Azure.Cosmos;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Faults on the wire, through the client with its own retries.</summary>
public sealed class StoreFaultTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static readonly ViewPartition Partition = new("faults", 1, "key");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_throttled_append_is_tried_again_until_it_gets_through()
    {
        FaultHandler faults = new(request => request <= 2 ? Throttled() : new Fault.None());
        StreamHead start = StreamHead.StartOf(Counter.NewStream());

        Assert.IsType<AppendResult.Appended>(await Events(faults).AppendAsync(start, CommitAfter(start), Token));
        Assert.Equal(3, faults.Requests);
    }

    [Fact]
    public async Task An_append_that_stays_throttled_is_a_fault_that_says_when_to_come_back()
    {
        FaultHandler faults = new(_ => Throttled());
        StreamHead start = StreamHead.StartOf(Counter.NewStream());

        CosmosException e = await Assert.ThrowsAsync<CosmosException>(() => Events(faults).AppendAsync(start, CommitAfter(start), Token));

        Assert.Equal((HttpStatusCode.TooManyRequests, 3200), (e.StatusCode, e.SubStatusCode));
        Assert.Equal(TimeSpan.FromMilliseconds(1), e.RetryAfter);
        Assert.Equal(1 + CosmosClients.MaxThrottledAttempts, faults.Requests);
        Assert.Equal(0, (await account.Events.ReadHeadAsync(start.Stream, Token)).Version);
    }

    [Fact]
    public async Task Views_that_stay_throttled_are_faults_and_not_lost_races()
    {
        CosmosViewStore views = Views(new FaultHandler(_ => Throttled()));
        ViewDocument document = new() { Id = "view", Kind = ViewKind.View };
        Func<Task>[] calls =
        [
            () => views.TryWriteAsync(Partition, [document], Token),
            () => views.TryWriteAsync(Partition, [document with { ETag = "\"1\"" }], Token),
            () => views.TryWriteAsync(Partition, [document, document with { Id = "other" }], Token),
            () => views.ReadAsync(Partition, ["view"], Token),
            () => views.ReadAsync(Partition, ["view", "other"], Token),
        ];
        foreach (Func<Task> call in calls)
        {
            CosmosException e = await Assert.ThrowsAsync<CosmosException>(call);
            Assert.Equal(HttpStatusCode.TooManyRequests, e.StatusCode);
            Assert.NotNull(e.RetryAfter);
        }
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, 0)]
    [InlineData(HttpStatusCode.RequestTimeout, 0)]
    [InlineData(HttpStatusCode.InternalServerError, 0)]
    [InlineData(HttpStatusCode.NotFound, 1002)] // A replica behind our session: neither an empty stream nor a missing container.
    public async Task Every_other_fault_surfaces_with_its_status(HttpStatusCode status, int subStatus)
    {
        CosmosEventStore events = Events(new FaultHandler(_ => new Fault.Instead(FaultHandler.Answer(status, subStatus))));
        CosmosViewStore views = Views(new FaultHandler(_ => new Fault.Instead(FaultHandler.Answer(status, subStatus))));
        StreamHead start = StreamHead.StartOf(Counter.NewStream());
        Func<Task>[] calls =
        [
            () => events.AppendAsync(start, CommitAfter(start), Token),
            () => events.ReadHeadAsync(start.Stream, Token),
            () => events.LoadAsync(start.Stream, null, Token),
            () => events.ReadTailAsync(start, "1", Token),
            () => views.ReadAsync(Partition, ["view"], Token),
            () => views.TryWriteAsync(Partition, [new ViewDocument { Id = "view", Kind = ViewKind.View, ETag = "\"1\"" }], Token),
        ];
        foreach (Func<Task> call in calls)
        {
            CosmosException e = await Assert.ThrowsAsync<CosmosException>(call);
            Assert.Equal(status, e.StatusCode);
        }
    }

    [Fact]
    public async Task An_append_whose_answer_was_lost_is_found_by_its_command_id()
    {
        CosmosEventStore events = Events(new FaultHandler(request => request == 1 ? new Fault.AnswerLost() : new Fault.None()));
        StreamHead start = StreamHead.StartOf(Counter.NewStream());
        Commit commit = CommitAfter(start);

        // It is sent again, and then meets its own commit.
        Assert.IsType<AppendResult.Conflict>(await events.AppendAsync(start, commit, Token));
        StreamTail tail = await events.ReadTailAsync(start, commit.Metadata.CommandId, Token);
        Assert.Equal(1, tail.Duplicate?.FirstVersion);
        Assert.Single(tail.Commits);
    }

    [Theory]
    [InlineData(null)] // Done, and the answer is lost.
    [InlineData(HttpStatusCode.RequestTimeout)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task A_command_without_a_key_gets_its_outcome_although_the_answer_of_its_append_was_lost(HttpStatusCode? status)
    {
        FaultHandler faults = new(request => request != 2 ? new Fault.None() // 1 is the load.
            : status is { } s ? new Fault.Instead(FaultHandler.Answer(s)) : new Fault.AnswerLost());
        var handler = Counter.Handler(Events(faults));
        StreamName stream = Counter.NewStream();

        CommandOutcome.Accepted accepted = Assert.IsType<CommandOutcome.Accepted>(
            await handler.ExecuteAsync(stream, new Count(5), Counter.FreshId(), Token));

        Assert.Equal((1, false), (accepted.Version, accepted.WasRepeated));
        Assert.Equal(5, (await account.Events.LoadStateAsync(Counter.Aggregate, stream, Token)).State.Sum);
    }

    [Fact]
    public async Task An_append_that_is_never_answered_is_given_up_after_three_times()
    {
        FaultHandler faults = new(_ => new Fault.Instead(FaultHandler.Answer(HttpStatusCode.RequestTimeout)));
        StreamHead start = StreamHead.StartOf(Counter.NewStream());

        await Assert.ThrowsAsync<CosmosException>(() => Events(faults).AppendAsync(start, CommitAfter(start), Token));

        Assert.Equal(3, faults.Requests);
    }

    [Fact]
    public async Task A_command_whose_answer_was_lost_is_done_once_when_it_is_sent_again()
    {
        FaultHandler faults = new(request => request == 2 ? new Fault.AnswerLost() : new Fault.None()); // 1 is the load.
        var handler = Counter.Handler(Events(faults));
        StreamName stream = Counter.NewStream();
        CommandContext context = Counter.ClientsId();

        _ = await Record.ExceptionAsync(() => handler.ExecuteAsync(stream, new Count(5), context, Token));
        CommandOutcome second = await handler.ExecuteAsync(stream, new Count(5), context, Token);

        Assert.True(Assert.IsType<CommandOutcome.Accepted>(second).WasRepeated);
        Assert.Equal(5, (await account.Events.LoadStateAsync(Counter.Aggregate, stream, Token)).State.Sum);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_under_way_is_cancelled()
    {
        using CancellationTokenSource source = new();
        CosmosEventStore events = Events(new FaultHandler(_ =>
        {
            source.Cancel();
            return new Fault.None();
        }));
        StreamHead start = StreamHead.StartOf(Counter.NewStream());

        Exception? e = await Record.ExceptionAsync(() => events.AppendAsync(start, CommitAfter(start), source.Token));

        Assert.True(e is null or OperationCanceledException, $"{e}");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => events.ReadHeadAsync(start.Stream, source.Token));
    }

    private static Fault.Instead Throttled() => new(FaultHandler.Answer(HttpStatusCode.TooManyRequests, 3200, retryAfterMilliseconds: 1));

    private CosmosEventStore Events(FaultHandler faults) => new(NewContainer(ContainerNames.Events, faults));

    private CosmosViewStore Views(FaultHandler faults) => new(NewContainer(ContainerNames.Views, faults));

    private Container NewContainer(string name, FaultHandler faults)
    {
        account.SkipUnlessRequestsAreSeen();
        return account.NewClient(faults).GetContainer(account.Settings.Database, name);
    }

    private static Commit CommitAfter(StreamHead head) => TestCommits.At(head.Stream, head.Version + 1);
}
