namespace Serverless.EventSourcing.Tests;

/// <summary>What a timer retries each time it fires.</summary>
public sealed class DueRetryTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_fails_again_is_due_after_a_longer_interval()
    {
        await ParkAsync("a");

        for (int minutes = 2; minutes <= 16; minutes *= 2)
        {
            ParkedStream before = (await world.RecordAsync(FailingViews.Log(), "a"))!;
            await RetryAsync(FailingViews.Log(13));
            Assert.Equal(before, await world.RecordAsync(FailingViews.Log(), "a")); // It is not due, so nothing was done.
            world.Time.Advance(before.NextRetryAt!.Value - world.Time.GetUtcNow());
            await RetryAsync(FailingViews.Log(13));

            ParkedStream after = (await world.RecordAsync(FailingViews.Log(), "a"))!;
            Assert.Equal(before.Attempts + 1, after.Attempts);
            Assert.Equal(TimeSpan.FromMinutes(minutes), after.NextRetryAt - after.LastFailedAt);
        }
    }

    [Fact]
    public async Task Several_streams_of_one_document_are_retried_side_by_side()
    {
        for (int n = 0; n < 30; n++)
        {
            await world.HandleAsync(FailingViews.Totals(13), await world.AddAsync($"{n:D2}", 13));
        }
        world.Time.Advance(TimeSpan.FromMinutes(1));

        Task run = RetryAsync(FailingViews.Totals());
        while (!run.IsCompleted)
        {
            world.Time.Advance(TimeSpan.FromMilliseconds(1)); // They race for the document, and wait after a lost race.
            await Task.Yield();
        }
        await run;

        ViewRead read = await world.Views.ReadAsync(new ViewPartition("totals", 1, "all"), ["sum"], Cancellation);
        Assert.Contains("30", System.Text.Encoding.UTF8.GetString(Assert.Single(read.Documents).Data.Span), StringComparison.Ordinal);
        Assert.Empty((await world.Parked.ListAsync("totals@1", 10, continuation: null, Cancellation)).Items);
    }

    [Fact]
    public async Task A_count_that_a_dead_process_left_behind_goes_when_the_stream_has_passed_and_counts_on_when_not()
    {
        await ParkAsync("a");
        ParkedStream record = (await world.RecordAsync(FailingViews.Log(), "a"))!;
        await world.Parked.TryWriteAsync(record with { Status = ParkedStatus.Failing, Attempts = 1, NextRetryAt = null }, Cancellation);
        world.Time.Advance(TimeSpan.FromMinutes(1));

        await RetryAsync(FailingViews.Log(13));
        ParkedStream? failing = await world.RecordAsync(FailingViews.Log(), "a");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await RetryAsync(FailingViews.Log());

        Assert.Equal((ParkedStatus.Failing, 2), (failing!.Status, failing.Attempts));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    private Task<IReadOnlyDictionary<string, RetryOutcome>> RetryAsync(IConsumer consumer) => world.Retries().RetryAllAsync(consumer, onlyDue: true, Cancellation);

    private async Task ParkAsync(string id)
    {
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync(id, 13));
        Assert.Equal(ParkedStatus.Parked, (await world.RecordAsync(FailingViews.Log(), id))?.Status);
    }
}
