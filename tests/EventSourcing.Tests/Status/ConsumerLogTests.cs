using Microsoft.Extensions.Logging;

namespace Serverless.EventSourcing.Tests;

/// <summary>What fails in the background is in the log once, with the line of code, and without payloads.</summary>
public sealed class ConsumerLogTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IEnumerable<int> Ids => world.Log.Entries.Select(e => e.Id);

    [Fact]
    public async Task The_first_and_the_last_attempt_have_the_stack_trace()
    {
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", 1), await world.AddAsync("a", 13));

        Assert.Equal([1001, 1002, 1003], Ids);
        Assert.Equal([true, false, true], world.Log.Entries.Select(e => e.Error?.StackTrace?.Contains(nameof(FailingViews), StringComparison.Ordinal) == true));
        (LogLevel level, _, string message, _) = world.Log.Entries.Last();
        Assert.Equal(LogLevel.Error, level);
        Assert.Equal("log@1 parked purse-a at version 2 after 3 attempts; other streams go on. Next retry: 2026-11-23 12:01:00Z", message);
    }

    [Fact]
    public async Task A_retry_logs_how_it_ended()
    {
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", 13), await world.AddAsync("a", 1));
        world.Log.Entries.Clear();

        await world.Retries().RetryAsync(FailingViews.Log(13), "purse-a", Cancellation);
        await world.Retries().RetryAsync(FailingViews.Log(), "purse-a", Cancellation);

        Assert.Equal(
            [
                "log@1 still fails on purse-a at version 1, attempt 4. Next retry: 2026-11-23 12:02:00Z",
                "log@1 has caught up with purse-a, which is no longer parked: 2 events applied",
            ],
            world.Log.Entries.Select(e => e.Message));
        Assert.IsType<InvalidOperationException>(world.Log.Entries.First().Error);
    }

    [Fact]
    public async Task A_discarded_version_is_logged()
    {
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", 13));
        world.Log.Entries.Clear();

        await world.Retries().DiscardAsync(FailingViews.Log(13), "purse-a", 1, Cancellation);

        Assert.Equal([1006, 1005], Ids);
    }

    [Fact]
    public async Task An_outage_is_one_line_a_minute_without_a_stack_trace_and_its_end_is_another()
    {
        for (int second = 0; second <= 90; second++)
        {
            await FailAsync(new TimeoutException("the store is away"));
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }
        await HandleAsync(ProjectionResult.Nothing);
        await HandleAsync(ProjectionResult.Nothing);

        Assert.Equal(
            [
                "log@1 can't finish the batch that begins at purse-a/1: TimeoutException: the store is away. It tries again.",
                "log@1 can't finish the batch that begins at purse-a/1: TimeoutException: the store is away. It tries again. (59 similar messages left out)",
                "log@1 has finished the batch that begins at purse-a/1, which had failed before",
            ],
            world.Log.Entries.Select(e => e.Message));
        Assert.All(world.Log.Entries, e => Assert.Null(e.Error));
    }

    [Fact]
    public async Task What_is_no_fault_of_the_store_is_logged_with_its_stack_trace()
    {
        await FailAsync(new InvalidOperationException("a bug"));

        (LogLevel level, int id, _, Exception? error) = Assert.Single(world.Log.Entries);
        Assert.Equal((LogLevel.Error, 1008), (level, id));
        Assert.Equal("a bug", error?.Message);
    }

    [Fact]
    public async Task A_consumer_that_has_stopped_is_logged_once_an_hour()
    {
        for (int minute = 0; minute < 90; minute++)
        {
            await FailAsync(new TooManyParkedStreamsException("log@1", 1_000));
            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([1009, 1009], Ids);
    }

    [Fact]
    public async Task Only_many_lost_races_are_logged()
    {
        await HandleAsync(new ProjectionResult(Events: 1, ConsumerMonitor.ManyLostRaces - 1, RequestCharge: 0));
        Assert.Empty(Ids);

        await HandleAsync(new ProjectionResult(Events: 1, ConsumerMonitor.ManyLostRaces, RequestCharge: 0));
        Assert.Equal([1011], Ids);
    }

    private Task<Exception> FailAsync(Exception error) =>
        Assert.ThrowsAsync(error.GetType(), () => world.Monitor.WatchAsync("log@1", [Delivered], () => throw error, Cancellation));

    private Task HandleAsync(ProjectionResult result) =>
        world.Monitor.WatchAsync("log@1", [Delivered], () => Task.FromResult(result), Cancellation);

    private static Delivery Delivered => Delivery.Unreadable("purse-a", 1, new FormatException());
}
