namespace Serverless.EventSourcing.Tests;

/// <summary>A discard works for whatever a range stands at, parked or not.</summary>
public sealed class DiscardTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_not_parked_is_left_out_before_the_feed_comes_to_it()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("a", 2), await world.AddAsync("a", 3)];
        await world.HandleAsync(FailingViews.Log(), commits[0]);

        Assert.Equal(1, Assert.IsType<RetryOutcome.CaughtUp>(await DiscardAsync(2)).Events);
        await world.HandleAsync(FailingViews.Log(), commits);

        Assert.Equal(ConsumerWorld.Events("a", 1, 3), await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Theory]
    [InlineData(1)] // The consumer has passed it.
    [InlineData(2)] // There is no such version.
    public async Task What_does_not_wait_is_not_left_out(long version)
    {
        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 1));

        Assert.IsType<RetryOutcome.NotParked>(await DiscardAsync(version));

        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_gap_is_passed()
    {
        await world.AddAsync("a", 1);
        await world.AddAsync("a", 2, 3);
        world.Store.Deleted.Add(("purse-a", 2));
        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 4), await world.AddAsync("a", 5));
        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.Equal((ParkedStatus.Parked, 2L, typeof(StreamGapException).FullName), (record!.Status, record.FromVersion, record.ErrorType));

        Assert.Equal(2, Assert.IsType<RetryOutcome.CaughtUp>(await DiscardAsync(2)).Events);

        Assert.Equal(ConsumerWorld.Events("a", 1, 4, 5), await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task A_gap_is_passed_however_wide_it_is()
    {
        const long Beyond = 4_000_000_000;
        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 1));
        Commit far = await world.AddAsync("b", 4) with { Stream = Purse.Stream("a"), FirstVersion = Beyond };
        world.Store.Far.Add(far);
        await world.HandleAsync(FailingViews.Log(), far);

        // One discard reaches as far as a number of events can be; the next begins where it ended.
        RetryOutcome.StillFailing first = Assert.IsType<RetryOutcome.StillFailing>(await DiscardAsync(2));
        Assert.Equal(2L + int.MaxValue, first.Record.FromVersion);
        Assert.IsType<RetryOutcome.CaughtUp>(await DiscardAsync(first.Record.FromVersion));

        Assert.Equal(["purse-a/1", $"purse-a/{Beyond}"], await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    private Task<RetryOutcome> DiscardAsync(long version) => world.Retries().DiscardAsync(FailingViews.Log(), "purse-a", version, Cancellation);
}
