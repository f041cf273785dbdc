using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>What an operator did is on record before it is done, and stays there however it ended.</summary>
public sealed class OperatorActionsTests
{
    private readonly InMemoryActionStore store = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private OperatorActions Actions => new(store, time);

    [Fact]
    public async Task The_record_is_there_before_the_action_and_complete_after_it()
    {
        OperatorAction action = Actions.New("retry", "log@1", "key:ada") with { Stream = "purse-a", Reason = "fixed" };
        OperatorAction? during = null;

        int result = await Actions.RunAsync(
            action,
            async _ =>
            {
                during = await OnlyRecordAsync();
                time.Advance(TimeSpan.FromSeconds(3));
                return 7;
            },
            n => new ActionOutcome("caught-up", $"{n} events"),
            Cancellation);

        Assert.Equal(7, result);
        Assert.Equal(action, during);
        Assert.Equal(
            action with { CompletedAt = time.Start.AddSeconds(3), Outcome = "caught-up", Detail = "7 events" }, await OnlyRecordAsync());
    }

    [Fact]
    public async Task An_action_that_throws_is_recorded_as_failed_and_still_throws()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Actions.RunAsync<int>(
            Actions.New("retry", "log@1", "key:ada"), _ => throw new TimeoutException("the store"), _ => new ActionOutcome("x"), Cancellation));

        Assert.Equal(("failed", "TimeoutException: the store"), ((await OnlyRecordAsync()).Outcome, (await OnlyRecordAsync()).Detail));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_does_not_keep_it_from_the_record()
    {
        using CancellationTokenSource caller = new();

        await Actions.RunAsync(
            Actions.New("retry", "log@1", "key:ada"),
            async _ =>
            {
                await caller.CancelAsync();
                return 1;
            },
            _ => new ActionOutcome("caught-up"),
            caller.Token);

        Assert.Equal("caught-up", (await OnlyRecordAsync()).Outcome);
    }

    [Fact]
    public async Task What_can_not_be_recorded_is_not_done()
    {
        bool isDone = false;

        await Assert.ThrowsAsync<StoreFaultException>(() => new OperatorActions(new BrokenStore(), time).RunAsync(
            Actions.New("discard", "log@1", "key:ada"), _ => Task.FromResult(isDone = true), _ => new ActionOutcome("x"), Cancellation));

        Assert.False(isDone);
    }

    [Fact]
    public async Task The_fault_of_the_action_is_told_even_when_its_record_can_not_be_completed()
    {
        OperatorActions actions = new(new BrokenStore { WritesBeforeFault = 1 }, time);

        await Assert.ThrowsAsync<TimeoutException>(() => actions.RunAsync<int>(
            actions.New("retry", "log@1", "key:ada"), _ => throw new TimeoutException(), _ => new ActionOutcome("x"), Cancellation));
    }

    [Fact]
    public async Task Later_actions_come_first()
    {
        foreach (string stream in (string[])["purse-1", "purse-2", "purse-3"])
        {
            await Actions.RunAsync(
                Actions.New("retry", "log@1", "key:ada") with { Stream = stream }, _ => Task.FromResult(0), _ => new ActionOutcome("x"), Cancellation);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(["purse-3", "purse-2", "purse-1"], (await store.ListAsync("log@1", 10, null, Cancellation)).Items.Select(a => a.Stream));
    }

    private async Task<OperatorAction> OnlyRecordAsync() => Assert.Single((await store.ListAsync("log@1", 10, null, Cancellation)).Items);

    private sealed class BrokenStore : IActionStore
    {
        public int WritesBeforeFault { get; set; }

        public Task WriteAsync(OperatorAction action, CancellationToken cancellationToken) =>
            WritesBeforeFault-- > 0 ? Task.CompletedTask : throw new StoreFaultException(StoreFault.BeforeEffect, "write action");

        public Task<ActionPage> ListAsync(string? consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
