namespace Serverless.EventSourcing.Tests;

/// <summary>Without a timer: a written record starts the schedule, and the schedule ends by writing one as long as something waits.</summary>
public sealed class RetryScheduleTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_retried_when_it_is_due_and_not_before()
    {
        await ParkAsync("a");

        Task run = RunAsync(FailingViews.Log());
        await LetTimePassAsync(TimeSpan.FromSeconds(59));
        Assert.False(run.IsCompleted);
        Assert.Empty(await world.EventsAsync("a"));
        await LetTimePassUntilDoneAsync(run);

        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task One_that_fails_again_is_written_and_comes_back_after_a_longer_interval()
    {
        await ParkAsync("a");

        for (int minutes = 2; minutes <= 16; minutes *= 2)
        {
            ParkedStream? before = await world.RecordAsync(FailingViews.Log(), "a");
            ParkedStream? after = before;
            while (after!.Attempts == before!.Attempts)
            {
                await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Log(13)));
                Assert.NotEqual(after.ETag, (await world.RecordAsync(FailingViews.Log(), "a"))!.ETag); // The feed brings it round.
                after = await world.RecordAsync(FailingViews.Log(), "a");
            }
            Assert.InRange(after.LastFailedAt - before.NextRetryAt!.Value, TimeSpan.Zero, 2 * Tick);
            Assert.Equal(TimeSpan.FromMinutes(minutes), after.NextRetryAt - after.LastFailedAt);
        }
    }

    [Fact]
    public async Task One_that_is_not_due_for_long_is_touched_once_per_wait_and_otherwise_left_as_it_is()
    {
        await ParkAsync("a");
        ParkedStream record = (await world.RecordAsync(FailingViews.Log(), "a"))!;
        record = (await world.Parked.TryWriteAsync(record with { NextRetryAt = world.Time.GetUtcNow().AddHours(6) }, Cancellation))!;

        await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Log()));

        Assert.InRange(world.Time.GetUtcNow() - world.Time.Start, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1) + 5 * Tick);
        ParkedStream? touched = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.NotEqual(record.ETag, touched!.ETag);
        Assert.Equal(record, touched with { ETag = record.ETag });
    }

    [Fact]
    public async Task One_touched_record_stands_for_all_of_its_consumer()
    {
        foreach (string id in (string[])["a", "b", "c"])
        {
            await ParkAsync(id);
            ParkedStream record = (await world.RecordAsync(FailingViews.Log(), id))!;
            await world.Parked.TryWriteAsync(record with { NextRetryAt = world.Time.GetUtcNow().AddHours(1) }, Cancellation);
        }
        CountingParkedStore counting = new(world.Parked);

        await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Log(), counting));

        Assert.Equal(1, counting.Writes);
    }

    [Fact]
    public async Task All_that_are_due_are_retried_however_many_and_nothing_is_left_to_touch()
    {
        for (int n = 0; n < 130; n++)
        {
            await ParkAsync($"{n:D3}");
        }
        world.Time.Advance(TimeSpan.FromMinutes(1));
        CountingParkedStore counting = new(world.Parked);

        await RunAsync(FailingViews.Log(), counting); // Nobody moves the clock: a wait would not end.

        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
        Assert.Equal(0, counting.Writes);
    }

    [Fact]
    public async Task Several_streams_of_one_document_are_retried_side_by_side()
    {
        for (int n = 0; n < 30; n++)
        {
            await world.HandleAsync(FailingViews.Totals(13), await world.AddAsync($"{n:D2}", 13));
        }
        world.Time.Advance(TimeSpan.FromMinutes(1));

        await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Totals()));

        ViewRead read = await world.Views.ReadAsync(new ViewPartition("totals", 1, "all"), ["sum"], Cancellation);
        Assert.Contains("30", System.Text.Encoding.UTF8.GetString(Assert.Single(read.Documents).Data.Span), StringComparison.Ordinal);
        Assert.Empty((await world.Parked.ListAsync("totals@1", 10, continuation: null, Cancellation)).Items);
    }

    [Fact]
    public async Task An_operator_who_is_faster_leaves_the_others_on_the_schedule()
    {
        await ParkAsync("a");
        await ParkAsync("b");
        foreach (string id in (string[])["a", "b"])
        {
            ParkedStream record = (await world.RecordAsync(FailingViews.Log(), id))!;
            await world.Parked.TryWriteAsync(record with { NextRetryAt = world.Time.GetUtcNow().AddHours(1) }, Cancellation);
        }
        ParkedStream other = (await world.RecordAsync(FailingViews.Log(), "b"))!;
        // The record that would be touched vanishes in between.
        CountingParkedStore racing = new(world.Parked)
        {
            BeforeWrite = async _ =>
            {
                if (await world.RecordAsync(FailingViews.Log(), "a") is { } first)
                {
                    await world.Parked.TryDeleteAsync(first, Cancellation);
                }
            },
        };

        await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Log(), racing));

        Assert.NotEqual(other.ETag, (await world.RecordAsync(FailingViews.Log(), "b"))!.ETag);
    }

    [Fact]
    public async Task Nothing_parked_is_nothing_to_wait_for() => await RunAsync(FailingViews.Log());

    [Fact]
    public async Task A_host_that_stops_ends_the_wait_and_changes_nothing()
    {
        await ParkAsync("a");
        ParkedStream? before = await world.RecordAsync(FailingViews.Log(), "a");
        using CancellationTokenSource stop = new();

        Task run = Schedule().RunAsync(FailingViews.Log(), stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(before, await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task A_count_that_a_dead_process_left_behind_goes_when_the_stream_has_passed_and_counts_on_when_not()
    {
        await ParkAsync("a");
        ParkedStream record = (await world.RecordAsync(FailingViews.Log(), "a"))!;
        await world.Parked.TryWriteAsync(record with { Status = ParkedStatus.Failing, Attempts = 1, NextRetryAt = null }, Cancellation);
        world.Time.Advance(TimeSpan.FromMinutes(1));

        await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Log(13)));
        ParkedStream? failing = await world.RecordAsync(FailingViews.Log(), "a");
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await LetTimePassUntilDoneAsync(RunAsync(FailingViews.Log()));

        Assert.Equal(ParkedStatus.Failing, failing!.Status);
        Assert.True(failing.Attempts > 1);
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    private RetrySchedule Schedule(IParkedStore? parked = null) =>
        new(world.Retries(), parked ?? world.Parked, world.Time, ConsumerWorld.Options);

    private Task RunAsync(IConsumer consumer, IParkedStore? parked = null) => Schedule(parked).RunAsync(consumer, Cancellation);

    private async Task ParkAsync(string id)
    {
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync(id, 13));
        Assert.Equal(ParkedStatus.Parked, (await world.RecordAsync(FailingViews.Log(), id))?.Status);
    }

    private async Task LetTimePassAsync(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Tick)
        {
            world.Time.Advance(Tick);
            await Task.Yield();
        }
    }

    /// <summary>Retries run on the thread pool, so the clock runs until all is done rather than jumping there.</summary>
    private async Task LetTimePassUntilDoneAsync(Task run)
    {
        while (!run.IsCompleted)
        {
            world.Time.Advance(Tick);
            await Task.WhenAny(run, Task.Delay(1, Cancellation));
        }
        await run;
    }

    private sealed class CountingParkedStore(IParkedStore inner) : IParkedStore
    {
        private int writes;

        public int Writes => writes;

        public Func<ParkedStream, Task> BeforeWrite { get; init; } = _ => Task.CompletedTask;

        public Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken) =>
            inner.ReadAsync(consumer, stream, cancellationToken);

        public async Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken)
        {
            await BeforeWrite(parked);
            Interlocked.Increment(ref writes);
            return await inner.TryWriteAsync(parked, cancellationToken);
        }

        public Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken) => inner.TryDeleteAsync(parked, cancellationToken);

        public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
            inner.ListAsync(consumer, pageSize, continuation, cancellationToken);

        public Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken) =>
            inner.CountAsync(consumer, status, cancellationToken);
    }
}
