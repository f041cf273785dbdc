using System.Text.Json;

namespace Serverless.EventSourcing.Tests;

/// <summary>A stream that can't be processed is tried, counted and put aside; everything else goes on.</summary>
public sealed class ParkingTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commit_that_fails_every_time_parks_its_stream_and_is_acknowledged()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("a", 2, 13), await world.AddAsync("a", 3)];

        await world.HandleAsync(FailingViews.Log(13), commits);

        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.NotNull(record);
        Assert.Equal(
            new ParkedStream
            {
                Consumer = "log@1",
                Stream = "purse-a",
                Status = ParkedStatus.Parked,
                FromVersion = 3,
                ThroughVersion = 4,
                Error = "InvalidOperationException: unlucky",
                ErrorType = "System.InvalidOperationException",
                StackTrace = record.StackTrace,
                Attempts = 3,
                FirstFailedAt = world.Time.Start,
                LastFailedAt = world.Time.Start,
                NextRetryAt = world.Time.Start + TimeSpan.FromMinutes(1),
                CorrelationId = "correlation-a-2",
                ETag = record.ETag,
            },
            record);
        Assert.Contains(nameof(FailingViews), record.StackTrace, StringComparison.Ordinal); // The line of the user's code is in it.
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a")); // The commit goes in whole or not at all.
    }

    [Fact]
    public async Task The_count_of_attempts_goes_on_after_a_restart()
    {
        Commit commit = await world.AddAsync("a", 13);
        using CancellationTokenSource shutdown = new();
        DyingParkedStore dying = new(world.Parked, shutdown, writes: 2);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Runner(parked: dying)
            .HandleAsync(FailingViews.Log(13), [Delivery.Of(commit)], shutdown.Token));
        ParkedStream? before = await world.RecordAsync(FailingViews.Log(), "a");
        world.Time.Advance(TimeSpan.FromHours(1));
        await world.HandleAsync(FailingViews.Log(13), commit);
        ParkedStream? after = await world.RecordAsync(FailingViews.Log(), "a");

        Assert.Equal((ParkedStatus.Failing, 2), (before!.Status, before.Attempts));
        Assert.Null(before.NextRetryAt);
        Assert.Equal((ParkedStatus.Parked, 3), (after!.Status, after.Attempts));
        Assert.Equal((world.Time.Start, world.Time.Start + TimeSpan.FromHours(1)), (after.FirstFailedAt, after.LastFailedAt));
    }

    [Fact]
    public async Task A_stream_that_passes_on_a_later_attempt_leaves_no_record()
    {
        Commit commit = await world.AddAsync("a", 13);
        int calls = 0;
        DocumentView<EventLog, PurseEvent> flaky = new()
        {
            Name = "log",
            Version = 1,
            Sources = FailingViews.Log().Sources,
            Key = ViewKey<PurseEvent>.Stream,
            Initial = () => EventLog.Empty,
            Apply = (log, envelope) => ++calls < 3 ? throw new InvalidOperationException("not yet") : log.With(envelope),
            Json = PurseViewsJson.Default.EventLog,
        };

        ProjectionResult result = await world.HandleAsync(flaky, commit);

        Assert.Equal((1, 3), (result.Events, calls));
        Assert.Null(await world.RecordAsync(flaky, "a"));
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_count_that_a_dead_process_left_behind_is_forgotten_when_the_stream_has_passed()
    {
        Commit commit = await world.AddAsync("a", 13);
        using CancellationTokenSource shutdown = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Runner(parked: new DyingParkedStore(world.Parked, shutdown, writes: 1))
            .HandleAsync(FailingViews.Log(13), [Delivery.Of(commit)], shutdown.Token));

        Assert.Empty(await world.Retries().RetryAllAsync(FailingViews.Log(13), onlyDue: true, Cancellation));
        Assert.Equal(1, (await world.RecordAsync(FailingViews.Log(), "a"))?.Attempts); // The feed may still be trying it.
        await world.HandleAsync(FailingViews.Log(), commit);
        world.Time.Advance(ConsumerWorld.Options.FirstRetryInterval);
        await world.Retries().RetryAllAsync(FailingViews.Log(), onlyDue: true, Cancellation);

        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task The_waits_between_attempts_double()
    {
        Commit commit = await world.AddAsync("a", 13);
        RecordingTime time = new();
        ConsumerOptions options = new() { MaxAttempts = 5, FirstBackoff = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromSeconds(3) };

        await world.Runner(options, time: time).HandleAsync(FailingViews.Log(13), [Delivery.Of(commit)], Cancellation);

        Assert.Equal([1, 2, 3, 3], time.Waits.Select(w => w.TotalSeconds));
    }

    [Fact]
    public async Task Streams_with_views_of_their_own_go_on()
    {
        Commit[] commits = [await world.AddAsync("a", 13), await world.AddAsync("b", 1), await world.AddAsync("c", 2), await world.AddAsync("c", 3)];

        ProjectionResult result = await world.HandleAsync(FailingViews.Log(13), commits);

        Assert.Equal(3, result.Events);
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
        Assert.Equal(ConsumerWorld.Events("c", 1, 2), await world.EventsAsync("c"));
    }

    [Fact]
    public async Task Streams_that_share_a_view_with_it_go_on()
    {
        ViewKey<PurseEvent> byLabel = PurseViews.ByLabel;
        List<Commit> commits = [];
        foreach (string id in (string[])["a", "b", "c"])
        {
            commits.Add(await world.LabelAsync(id, "ours"));
            commits.Add(await world.AddAsync(id, id == "b" ? 13 : 1));
            commits.Add(await world.AddAsync(id, 2));
        }

        await world.HandleAsync(FailingViews.Log(byLabel, 13), commits);

        Assert.Equal(ConsumerWorld.Events("a", 1, 2, 3), await world.EventsAsync("a", "ours"));
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b", "ours"));
        Assert.Equal(ConsumerWorld.Events("c", 1, 2, 3), await world.EventsAsync("c", "ours"));
        Assert.Equal(["purse-b"], await ParkedAsync("log@1"));
    }

    [Fact]
    public async Task Totals_count_all_other_streams()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("b", 2), await world.AddAsync("b", 13), await world.AddAsync("c", 4)];

        await world.HandleAsync(FailingViews.Totals(13), commits);

        Assert.Equal(new EventCount(3, 7), await SumAsync());
        Assert.Equal(["purse-b"], await ParkedAsync("totals@1"));

        await world.Retries().RetryAsync(FailingViews.Totals(), "purse-b", Cancellation);
        Assert.Equal(new EventCount(4, 20), await SumAsync());
    }

    [Fact]
    public async Task Two_streams_of_one_view_that_fail_are_both_parked()
    {
        Commit[] commits = [await world.AddAsync("a", 13), await world.AddAsync("b", 2), await world.AddAsync("c", 13)];

        await world.HandleAsync(FailingViews.Totals(13), commits);

        Assert.Equal(["purse-a", "purse-c"], await ParkedAsync("totals@1"));
        Assert.Equal(new EventCount(1, 2), await SumAsync());
    }

    [Fact]
    public async Task Later_commits_queue_behind_a_parked_stream_and_are_not_counted_as_attempts()
    {
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", 13));
        ParkedStream? parked = await world.RecordAsync(FailingViews.Log(), "a");
        world.Time.Advance(TimeSpan.FromMinutes(5));

        for (int amount = 1; amount <= 3; amount++)
        {
            await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", amount));
        }

        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.Equal(parked! with { ThroughVersion = 4, ETag = record!.ETag }, record);
        Assert.Empty(await world.EventsAsync("a"));
    }

    [Fact]
    public async Task What_is_delivered_again_to_a_parked_stream_writes_nothing()
    {
        Commit commit = await world.AddAsync("a", 13);
        await world.HandleAsync(FailingViews.Log(13), commit);
        ParkedStream? parked = await world.RecordAsync(FailingViews.Log(), "a");

        await world.HandleAsync(FailingViews.Log(13), commit);

        Assert.Equal(parked, await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task A_stream_is_parked_for_one_consumer_alone()
    {
        Commit commit = await world.AddAsync("a", 13);

        await world.HandleAsync(FailingViews.Log(13), commit);
        await world.HandleAsync(FailingViews.Totals(), commit);

        Assert.Equal(["purse-a"], await ParkedAsync("log@1"));
        Assert.Empty(await ParkedAsync("totals@1"));
        Assert.Equal(new EventCount(1, 13), await SumAsync());
    }

    [Fact]
    public async Task The_limit_on_parked_streams_stops_the_consumer_until_there_is_room()
    {
        ConsumerOptions options = ConsumerWorld.Options with { MaxParkedStreams = 1 };
        Commit b = await world.AddAsync("b", 13);
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", 13));

        for (int delivery = 1; delivery <= 2; delivery++)
        {
            TooManyParkedStreamsException stop = await Assert.ThrowsAsync<TooManyParkedStreamsException>(
                () => world.Runner(options).HandleAsync(FailingViews.Log(13), [Delivery.Of(b)], Cancellation));
            Assert.Equal("log@1", stop.Consumer);
            Assert.Equal(["purse-a"], await ParkedAsync("log@1"));
        }
        // What is parked already goes on queueing: it takes no new room.
        await world.Runner(options).HandleAsync(FailingViews.Log(13), [Delivery.Of(await world.AddAsync("a", 1))], Cancellation);
        await world.Retries().RetryAsync(FailingViews.Log(), "purse-a", Cancellation);
        await world.Runner(options).HandleAsync(FailingViews.Log(13), [Delivery.Of(b)], Cancellation);

        Assert.Equal(["purse-b"], await ParkedAsync("log@1"));
    }

    [Fact]
    public async Task The_limit_holds_for_streams_that_fail_side_by_side()
    {
        ConsumerOptions options = ConsumerWorld.Options with { MaxAttempts = 1, MaxParkedStreams = 2 };
        List<Delivery> batch = [];
        for (int n = 0; n < 8; n++)
        {
            batch.Add(Delivery.Of(await world.AddAsync($"s{n}", 13)));
        }
        ConsumerRunner runner = world.Runner(options, parked: new SlowlyCountingStore(world.Parked));

        await Assert.ThrowsAsync<TooManyParkedStreamsException>(() => runner.HandleAsync(FailingViews.Log(13), batch, Cancellation));

        Assert.Equal(2, (await ParkedAsync("log@1")).Count());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_fault_of_the_store_is_thrown_and_never_parks(int call, bool isAfterEffect)
    {
        StoreFault fault = isAfterEffect ? StoreFault.AfterEffect : StoreFault.BeforeEffect;
        await world.AddAsync("a", 1);
        Commit commit = await world.AddAsync("a", 2); // Not the first: its view is read before it is written.
        Interleaving steps = new(_ => 0);
        int calls = 0;
        SteppedViewStore faulty = new(world.Views, steps, () => ++calls == call ? fault : StoreFault.None);

        steps.Run([() => Assert.ThrowsAsync<StoreFaultException>(
            () => world.Runner(views: faulty).HandleAsync(FailingViews.Log(), [Delivery.Of(commit)], CancellationToken.None))]);

        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
        await world.HandleAsync(FailingViews.Log(), commit);
        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_fault_of_the_store_at_one_stream_leaves_the_others_of_the_batch_done()
    {
        Commit[] commits = [.. await Task.WhenAll(Enumerable.Range(0, 100).Select(n => world.AddAsync($"s{n}", 1)))];
        int written = 0;
        CountingViewStore faulty = new(world.Views)
        {
            // Each fifth write, from the first on.
            BeforeWrite = number => number % 5 == 1 ? throw new StoreFaultException(StoreFault.BeforeEffect, "write") : Task.CompletedTask,
            AfterWrite = () => Interlocked.Increment(ref written),
        };

        await Assert.ThrowsAsync<StoreFaultException>(
            () => world.Runner(views: faulty).HandleAsync(FailingViews.Log(), [.. commits.Select(Delivery.Of)], CancellationToken.None));

        Assert.Equal((100, 80), (faulty.Writes, written));
    }

    [Fact]
    public async Task A_store_that_is_down_is_not_asked_for_the_whole_batch()
    {
        Commit[] commits = [.. await Task.WhenAll(Enumerable.Range(0, 100).Select(n => world.AddAsync($"s{n}", 1)))];
        CountingViewStore down = new(world.Views) { BeforeWrite = _ => throw new StoreFaultException(StoreFault.BeforeEffect, "write") };

        await Assert.ThrowsAsync<StoreFaultException>(
            () => world.Runner(views: down).HandleAsync(FailingViews.Log(), [.. commits.Select(Delivery.Of)], CancellationToken.None));

        Assert.InRange(down.Writes, 1, 2 * new ProjectorOptions().MaxParallelPartitions + 1);
    }

    [Fact]
    public async Task A_fault_of_the_store_between_attempts_leaves_their_record_as_it_is()
    {
        Commit commit = await world.AddAsync("a", 13);
        Interleaving steps = new(_ => 0);
        int calls = 0;
        SteppedViewStore faulty = new(world.Views, steps, () => ++calls == 2 ? StoreFault.BeforeEffect : StoreFault.None);

        steps.Run([() => Assert.ThrowsAsync<StoreFaultException>(() => world.Runner(views: faulty, time: new SteppedTime(steps))
            .HandleAsync(FailingViews.Log(13), [Delivery.Of(commit)], CancellationToken.None))]);

        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.Equal((ParkedStatus.Failing, 1, "InvalidOperationException: unlucky"), (record!.Status, record.Attempts, record.Error));
    }

    [Fact]
    public async Task Cancellation_is_thrown_and_never_parks()
    {
        Commit commit = await world.AddAsync("a", 13);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => world.Runner().HandleAsync(FailingViews.Log(13), [Delivery.Of(commit)], new CancellationToken(canceled: true)));

        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    private async Task<IEnumerable<string>> ParkedAsync(string consumer) =>
        (await world.Parked.ListAsync(consumer, 100, continuation: null, Cancellation)).Items
            .Where(r => r.Status == ParkedStatus.Parked).Select(r => r.Stream);

    private async Task<EventCount?> SumAsync()
    {
        ViewRead read = await world.Views.ReadAsync(new ViewPartition("totals", 1, "all"), ["sum"], Cancellation);
        return JsonSerializer.Deserialize(read.Documents[0].Data.Span, PurseViewsJson.Default.EventCount);
    }

    /// <summary>The host shuts down right after so many writes.</summary>
    private sealed class DyingParkedStore(IParkedStore inner, CancellationTokenSource shutdown, int writes) : IParkedStore
    {
        public Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken) =>
            inner.ReadAsync(consumer, stream, cancellationToken);

        public async Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken)
        {
            ParkedStream? written = await inner.TryWriteAsync(parked, cancellationToken);
            if (--writes == 0)
            {
                await shutdown.CancelAsync();
            }
            return written;
        }

        public Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken) => inner.TryDeleteAsync(parked, cancellationToken);

        public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
            inner.ListAsync(consumer, pageSize, continuation, cancellationToken);

        public Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken) =>
            inner.CountAsync(consumer, status, cancellationToken);
    }

    /// <summary>Gives others a long time between what it has counted and its answer.</summary>
    private sealed class SlowlyCountingStore(IParkedStore inner) : IParkedStore
    {
        public Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken) =>
            inner.ReadAsync(consumer, stream, cancellationToken);

        public Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken) =>
            inner.TryWriteAsync(parked, cancellationToken);

        public Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken) => inner.TryDeleteAsync(parked, cancellationToken);

        public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
            inner.ListAsync(consumer, pageSize, continuation, cancellationToken);

        public async Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken)
        {
            int count = await inner.CountAsync(consumer, status, cancellationToken);
            for (int i = 0; i < 100; i++)
            {
                await Task.Yield();
            }
            return count;
        }
    }
}
