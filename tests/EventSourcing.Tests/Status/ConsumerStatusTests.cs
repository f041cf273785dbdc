namespace Serverless.EventSourcing.Tests;

/// <summary>Whether a consumer is well, told from leases, record and parked streams alone.</summary>
public sealed class ConsumerStatusTests
{
    private readonly StatusWorld world = new();

    [Fact]
    public async Task Without_leases_it_has_not_started()
    {
        ConsumerStatus status = await world.StatusAsync();

        Assert.Equal((ConsumerState.NotStarted, 0L, TimeSpan.Zero), (status.State, status.LagCommits, status.LagTime));
        Assert.Empty(status.Ranges);
    }

    [Fact]
    public async Task With_nothing_to_do_it_is_current_however_long_ago_it_last_came_further()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5");
        await instance.HandleAsync();
        await instance.FlushAsync();
        world.Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(ConsumerState.Current, (await world.StatusAsync()).State);
    }

    [Fact]
    public async Task Work_that_has_just_come_after_a_long_rest_is_no_reason_to_worry()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5");
        await instance.HandleAsync();
        await instance.FlushAsync();
        world.Time.Advance(TimeSpan.FromDays(30));
        world.Feeds.Set("0", "5", commits: 1, world.Pending(TimeSpan.FromSeconds(2)));

        ConsumerStatus status = await world.StatusAsync();

        Assert.Equal((ConsumerState.Behind, 1L, TimeSpan.FromSeconds(2)), (status.State, status.LagCommits, status.LagTime));
        Assert.Null(status.Reason);
    }

    [Fact]
    public async Task A_replay_of_years_is_behind_and_not_stuck_while_it_comes_further()
    {
        using StatusWorld.Instance instance = world.Start();
        for (int n = 0; n < 20; n++)
        {
            world.Feeds.Set("0", $"{n}", commits: 1_000_000, world.Pending(TimeSpan.FromDays(900)), seenAt: world.Now);
            await instance.HandleAsync();
            await instance.FlushAsync();
            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(ConsumerState.Behind, (await world.StatusAsync()).State);
    }

    [Fact]
    public async Task Old_work_and_no_progress_for_the_limit_is_stuck()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 3, world.Pending(TimeSpan.Zero), seenAt: world.Now);
        await instance.HandleAsync();
        await instance.FlushAsync();

        world.Time.Advance(StatusWorld.Options.StuckAfter);
        ConsumerStatus atLimit = await world.StatusAsync();
        world.Time.Advance(TimeSpan.FromSeconds(1));
        world.Feeds.Set("0", "5", commits: 3, world.Pending(StatusWorld.Options.StuckAfter + TimeSpan.FromSeconds(1)), seenAt: world.Now);
        ConsumerStatus after = await world.StatusAsync();

        Assert.Equal((ConsumerState.Behind, ConsumerState.Stuck), (atLimit.State, after.State));
        Assert.Equal("no progress, and no error was recorded", after.Reason);
    }

    [Fact]
    public async Task One_range_that_stands_still_among_others_that_move_is_stuck()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 3, world.Pending(TimeSpan.Zero), seenAt: world.Now);
        for (int n = 0; n < 10; n++)
        {
            world.Feeds.Set("1", $"{n}", commits: 1, world.Pending(TimeSpan.Zero), seenAt: world.Now);
            await instance.HandleAsync();
            await instance.FlushAsync();
            world.Time.Advance(TimeSpan.FromMinutes(1));
        }

        ConsumerStatus status = await world.StatusAsync();

        Assert.Equal(ConsumerState.Stuck, status.State);
        Assert.Equal([("0", ConsumerState.Stuck), ("1", ConsumerState.Behind)], status.Ranges.Select(r => (r.Lag.Position.Range, r.State)).Order());
        Assert.Equal(4, status.LagCommits);
    }

    [Fact]
    public async Task A_range_that_moved_after_the_last_record_is_not_stuck_before_its_time()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 9, world.Pending(TimeSpan.FromHours(1)), seenAt: world.Now);
        await instance.HandleAsync();
        await instance.FlushAsync();
        world.Time.Advance(TimeSpan.FromMinutes(4));
        await instance.HandleAsync();
        await instance.FlushAsync();
        // The lease moves after the function has returned, which no record has seen.
        world.Feeds.Set("0", "6", commits: 8, world.Pending(TimeSpan.FromHours(1)), seenAt: world.Now);
        world.Time.Advance(TimeSpan.FromMinutes(4));

        Assert.Equal(ConsumerState.Behind, (await world.StatusAsync()).State);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(ConsumerState.Stuck, (await world.StatusAsync()).State);
    }

    [Fact]
    public async Task The_fault_that_holds_a_batch_is_the_reason()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 1, world.Pending(TimeSpan.Zero, "purse-b", 7), seenAt: world.Now);
        await instance.FailAsync(new TimeoutException("the store is away"), "purse-b", 7);
        await instance.FlushAsync();

        ConsumerStatus early = await world.StatusAsync();
        world.Time.Advance(StatusWorld.Options.StuckAfter);
        await instance.FailAsync(new TimeoutException("the store is away"), "purse-b", 7);
        await instance.FlushAsync();
        world.Time.Advance(TimeSpan.FromSeconds(1));
        ConsumerStatus late = await world.StatusAsync();

        Assert.Equal((ConsumerState.Failing, "TimeoutException: the store is away", false), (early.State, early.Reason, early.IsOverdue));
        Assert.Equal((ConsumerState.Failing, "TimeoutException: the store is away", true), (late.State, late.Reason, late.IsOverdue));
    }

    [Fact]
    public async Task A_consumer_whose_last_failure_is_older_than_the_limit_is_stuck()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 1, world.Pending(TimeSpan.Zero, "purse-b", 7), seenAt: world.Now);
        await instance.FailAsync(new TimeoutException("the store is away"), "purse-b", 7);
        await instance.FlushAsync();

        world.Time.Advance(StatusWorld.Options.StuckAfter + TimeSpan.FromSeconds(1));

        ConsumerStatus status = await world.StatusAsync();
        Assert.Equal((ConsumerState.Stuck, "TimeoutException: the store is away"), (status.State, status.Reason));
    }

    [Fact]
    public async Task A_consumer_that_refuses_to_park_more_has_stopped_at_once()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 1, world.Pending(TimeSpan.FromSeconds(1)), seenAt: world.Now);
        await instance.FailAsync(new TooManyParkedStreamsException(StatusWorld.Consumer, 1_000));
        await instance.FlushAsync();

        ConsumerStatus status = await world.StatusAsync();

        Assert.Equal(
            (ConsumerState.Stopped, "TooManyParkedStreamsException: log@1 has 1000 parked streams and stops rather than park another one."),
            (status.State, status.Reason));
    }

    [Fact]
    public async Task A_fault_of_a_batch_that_has_passed_is_forgotten()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 1, world.Pending(TimeSpan.Zero), seenAt: world.Now);
        await instance.FailAsync(new TimeoutException());
        await instance.FlushAsync();
        await instance.HandleAsync();
        await instance.FlushAsync();

        Assert.Empty((await world.RecordAsync()).Faults);
        Assert.Null((await world.StatusAsync()).Reason);
    }

    [Fact]
    public async Task A_fault_that_another_instance_got_past_is_no_reason_any_more()
    {
        using (StatusWorld.Instance first = world.Start())
        {
            await first.FailAsync(new TooManyParkedStreamsException(StatusWorld.Consumer, 1));
            await first.FlushAsync();
        }
        world.Feeds.Set("0", "6", commits: 1, world.Pending(TimeSpan.Zero, "purse-z", 1), seenAt: world.Now);

        ConsumerStatus status = await world.StatusAsync();

        Assert.Equal((ConsumerState.Behind, null), (status.State, status.Reason));
    }

    [Fact]
    public async Task Work_that_no_instance_takes_is_stuck_even_if_there_was_never_a_record()
    {
        world.Feeds.Set("0", position: null, commits: 1, world.Pending(TimeSpan.FromMinutes(6)), owner: null);
        ConsumerStatus status = await world.StatusAsync();
        Assert.Equal((ConsumerState.Stuck, "no instance has taken it"), (status.State, status.Reason));

        world.Feeds.Set("0", position: null, commits: 1, world.Pending(TimeSpan.FromMinutes(6)), owner: "host-1", seenAt: world.Now.AddSeconds(-61));
        Assert.Equal(ConsumerState.Stuck, (await world.StatusAsync()).State); // It has not renewed its lease.

        world.Feeds.Set("0", position: null, commits: 1, world.Pending(TimeSpan.FromMinutes(6)), owner: "host-1", seenAt: world.Now);
        Assert.Equal(ConsumerState.Behind, (await world.StatusAsync()).State); // It has only just begun.
    }

    [Fact]
    public async Task Parked_and_failing_streams_are_counted_apart()
    {
        foreach ((string stream, ParkedStatus status) in ((string, ParkedStatus)[])[
            ("purse-a", ParkedStatus.Parked), ("purse-b", ParkedStatus.Parked), ("purse-c", ParkedStatus.Failing)])
        {
            await world.Parked.TryWriteAsync(
                new ParkedStream
                {
                    Consumer = StatusWorld.Consumer,
                    Stream = stream,
                    Status = status,
                    FromVersion = 1,
                    ThroughVersion = 1,
                    Error = "x",
                    Attempts = 1,
                    FirstFailedAt = world.Now,
                    LastFailedAt = world.Now,
                },
                TestContext.Current.CancellationToken);
        }

        ConsumerStatus read = await world.StatusAsync();

        Assert.Equal((2, 1), (read.Parked, read.Failing));
    }
}
