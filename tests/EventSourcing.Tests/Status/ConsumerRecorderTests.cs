namespace Serverless.EventSourcing.Tests;

/// <summary>Counts outlive their process and are written seldom, whoever counts.</summary>
public sealed class ConsumerRecorderTests
{
    private readonly StatusWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_of_instances_and_of_those_before_them_add_up()
    {
        using (StatusWorld.Instance first = world.Start())
        using (StatusWorld.Instance second = world.Start())
        {
            await first.HandleAsync(events: 3);
            await second.HandleAsync(events: 4);
            second.Monitor.Count(StatusWorld.Consumer, new ConsumerCounts { Failures = 2, Parked = 1 });
            await first.FlushAsync();
            await second.FlushAsync();
        }
        using StatusWorld.Instance restarted = world.Start();
        await restarted.HandleAsync(events: 5);
        await restarted.FlushAsync();

        Assert.Equal(new ConsumerCounts { Commits = 3, Events = 12, Failures = 2, Parked = 1 }, (await world.RecordAsync()).Counts);
    }

    [Fact]
    public async Task What_a_busy_consumer_does_is_written_once_per_interval_and_an_idle_one_writes_nothing()
    {
        using StatusWorld.Instance instance = world.Start();
        using CancellationTokenSource stop = new();
        Task run = instance.Recorder.RunAsync(stop.Token);
        string? before = null;
        for (int interval = 0; interval < 3; interval++)
        {
            for (int batch = 0; batch < 100; batch++)
            {
                await instance.HandleAsync();
            }
            Assert.Equal(before, (await world.Records.ReadAsync(StatusWorld.Consumer, Cancellation))?.ETag);
            before = await NextWriteAsync(before);
        }
        Assert.Equal("3", before);
        Assert.Equal(300, (await world.RecordAsync()).Counts.Commits);

        world.Time.Advance(10 * StatusWorld.Options.RecordInterval);
        await instance.HandleAsync();
        // Had the idle time been written, that would be the fourth write, and this commit not in it.
        Assert.Equal("4", await NextWriteAsync(before));
        Assert.Equal(301, (await world.RecordAsync()).Counts.Commits);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task What_can_not_be_written_is_kept_for_the_next_time()
    {
        using StatusWorld.Instance instance = world.Start();
        await instance.HandleAsync(events: 2);
        await instance.FailAsync(new TimeoutException(), version: 9);
        world.Feeds.Fault = new TimeoutException("leases");
        await Assert.ThrowsAsync<TimeoutException>(instance.FlushAsync);
        await instance.HandleAsync(events: 3, version: 9); // The newer news of that batch is that it has passed.

        world.Feeds.Fault = null;
        await instance.FlushAsync();

        ConsumerRecord record = await world.RecordAsync();
        Assert.Equal((2L, 5L), (record.Counts.Commits, record.Counts.Events));
        Assert.Empty(record.Faults);
    }

    [Fact]
    public async Task The_record_knows_where_each_range_stands_and_since_when()
    {
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5");
        world.Feeds.Set("1", "7");
        await instance.HandleAsync();
        await instance.FlushAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        world.Feeds.Set("1", "8");
        await instance.HandleAsync();
        await instance.FlushAsync();

        Assert.Equal(
            [("0", new RangeProgress("5", world.Time.Start)), ("1", new RangeProgress("8", world.Now))],
            (await world.RecordAsync()).Ranges.Select(r => (r.Key, r.Value)).OrderBy(r => r.Key));

        world.Feeds.Lags.Clear();
        world.Feeds.Set("2", "8"); // Both were split or merged into others.
        await instance.HandleAsync();
        await instance.FlushAsync();
        Assert.Equal(["2"], (await world.RecordAsync()).Ranges.Keys);
    }

    [Fact]
    public async Task A_fault_that_goes_on_keeps_the_time_at_which_it_began()
    {
        using StatusWorld.Instance instance = world.Start();
        await instance.FailAsync(new TimeoutException("first"));
        await instance.FlushAsync();
        world.Time.Advance(TimeSpan.FromMinutes(1));
        await instance.FailAsync(new TimeoutException("second"));
        await instance.FlushAsync();

        Assert.Equal(
            new FeedFault("TimeoutException: second", IsStop: false, Since: world.Time.Start, LastAt: world.Now),
            Assert.Single((await world.RecordAsync()).Faults).Value);
    }

    [Fact]
    public async Task A_host_that_stops_is_no_fault()
    {
        using StatusWorld.Instance instance = world.Start();
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => instance.Monitor.WatchAsync(
            StatusWorld.Consumer, [], () => throw new OperationCanceledException(), stop.Token));
        await instance.FlushAsync();

        Assert.Empty((await world.RecordAsync()).Faults);
    }

    [Fact]
    public async Task Faults_of_batches_are_kept_up_to_a_number()
    {
        using StatusWorld.Instance instance = world.Start();
        for (int n = 1; n <= 50; n++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            await instance.FailAsync(new TimeoutException(), version: n);
        }
        await instance.FlushAsync();

        IReadOnlyDictionary<string, FeedFault> faults = (await world.RecordAsync()).Faults;
        Assert.Equal(20, faults.Count);
        Assert.Contains("purse-a/50", faults.Keys);
    }

    private async Task<string?> NextWriteAsync(string? before)
    {
        while (true)
        {
            world.Time.Advance(StatusWorld.Options.RecordInterval);
            await Task.Delay(1, Cancellation);
            string? etag = (await world.Records.ReadAsync(StatusWorld.Consumer, Cancellation))?.ETag;
            if (etag != before)
            {
                return etag;
            }
        }
    }
}
