namespace Serverless.EventSourcing.Tests;

/// <summary>A parked stream comes back in order, with the code of today, by hand or on its schedule.</summary>
public sealed class RetryTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Repaired_code_replays_the_stream_in_order_and_unparks_it()
    {
        await ParkAsync("a", 1, 13, 2, 3);

        RetryOutcome outcome = await RetryAsync(FailingViews.Log());

        Assert.Equal(3, Assert.IsType<RetryOutcome.CaughtUp>(outcome).Events);
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
        Assert.Equal(ConsumerWorld.Events("a", 1, 2, 3, 4), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_stream_longer_than_a_chunk_is_replayed_whole()
    {
        await ParkAsync("a", [13, .. Enumerable.Repeat(1, 249)]);

        RetryOutcome outcome = await RetryAsync(FailingViews.Log());

        Assert.Equal(250, Assert.IsType<RetryOutcome.CaughtUp>(outcome).Events);
        Assert.Equal(ConsumerWorld.Events("a", [.. Enumerable.Range(1, 250)]), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task What_was_not_delivered_yet_is_replayed_too()
    {
        await ParkAsync("a", 13);
        Commit late = await world.AddAsync("a", 1);

        await RetryAsync(FailingViews.Log());
        await world.HandleAsync(FailingViews.Log(), late);

        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task Code_that_still_fails_waits_longer_each_time_up_to_the_longest_interval()
    {
        await ParkAsync("a", 13, 1);
        List<double> minutes = [];

        for (int retry = 1; retry <= 10; retry++)
        {
            world.Time.Advance(TimeSpan.FromDays(1));
            ParkedStream record = Assert.IsType<RetryOutcome.StillFailing>(await RetryAsync(FailingViews.Log(13))).Record;
            Assert.Equal((1L, 2L, 3 + retry), (record.FromVersion, record.ThroughVersion, record.Attempts));
            Assert.Equal((world.Time.Start, world.Time.GetUtcNow()), (record.FirstFailedAt, record.LastFailedAt));
            minutes.Add((record.NextRetryAt!.Value - record.LastFailedAt).TotalMinutes);
        }

        Assert.Equal([2, 4, 8, 16, 32, 64, 128, 256, 360, 360], minutes);
        Assert.Empty(await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_retry_that_comes_further_names_the_new_place_and_its_error()
    {
        await ParkAsync("a", 13, 1, 26);

        ParkedStream record = Assert.IsType<RetryOutcome.StillFailing>(await RetryAsync(FailingViews.Log(26))).Record;

        Assert.Equal((3L, "correlation-a-3"), (record.FromVersion, record.CorrelationId));
        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task What_is_not_parked_is_not_retried()
    {
        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 1));

        Assert.IsType<RetryOutcome.NotParked>(await RetryAsync(FailingViews.Log()));
        Assert.IsType<RetryOutcome.NotParked>(await DiscardAsync(FailingViews.Log(), 1));
    }

    [Fact]
    public async Task The_schedule_takes_those_whose_time_has_come()
    {
        await ParkAsync("early", 13);
        world.Time.Advance(TimeSpan.FromSeconds(30));
        await ParkAsync("late", 13);

        Assert.Empty(await world.Retries().RetryAllAsync(FailingViews.Log(), onlyDue: true, Cancellation));
        world.Time.Advance(TimeSpan.FromSeconds(30)); // The first interval is a minute.
        Assert.Equal(["purse-early"], (await world.Retries().RetryAllAsync(FailingViews.Log(), onlyDue: true, Cancellation)).Keys);
        Assert.Equal(["purse-late"], (await world.Retries().RetryAllAsync(FailingViews.Log(), onlyDue: false, Cancellation)).Keys);

        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
    }

    [Fact]
    public async Task All_parked_streams_are_retried_over_several_pages_while_they_vanish()
    {
        for (int n = 0; n < 230; n++)
        {
            await ParkAsync($"{n:D3}", n % 2 == 0 ? 13 : 26);
        }

        IReadOnlyDictionary<string, RetryOutcome> outcomes = await world.Retries().RetryAllAsync(FailingViews.Log(26), onlyDue: false, Cancellation);

        Assert.Equal(115, outcomes.Values.OfType<RetryOutcome.CaughtUp>().Count());
        Assert.Equal(115, outcomes.Values.OfType<RetryOutcome.StillFailing>().Count());
        Assert.Equal(115, await world.Parked.CountAsync("log@1", ParkedStatus.Parked, Cancellation));
    }

    [Fact]
    public async Task A_fault_of_the_store_during_a_retry_is_thrown_and_changes_no_record()
    {
        await ParkAsync("a", 13);
        ParkedStream? before = await world.RecordAsync(FailingViews.Log(), "a");
        Interleaving steps = new(_ => 0);
        SteppedViewStore faulty = new(world.Views, steps, () => StoreFault.BeforeEffect);

        steps.Run([() => Assert.ThrowsAsync<StoreFaultException>(
            () => world.Retries(views: faulty).RetryAsync(FailingViews.Log(), "purse-a", CancellationToken.None))]);

        Assert.Equal(before, await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task A_fault_of_the_store_with_one_stream_does_not_keep_the_others_parked()
    {
        for (int n = 0; n < 40; n++)
        {
            await ParkAsync($"{n}", 13);
        }
        OneFaulty views = new(world.Views, "7");

        await Assert.ThrowsAsync<TimeoutException>(
            () => world.Retries(views).RetryAllAsync(FailingViews.Log(), onlyDue: false, Cancellation));

        ParkedStream left = Assert.Single((await world.Parked.ListAsync("log@1", 100, continuation: null, Cancellation)).Items);
        Assert.Equal("purse-7", left.Stream);
    }

    [Fact]
    public async Task A_retry_goes_on_to_the_newest_version_that_was_delivered_even_if_a_replica_lags()
    {
        await ParkAsync("a", 13, 1);
        world.Store.LagsAt["purse-a"] = 1;

        Assert.Equal(2, Assert.IsType<RetryOutcome.CaughtUp>(await RetryAsync(FailingViews.Log())).Events);

        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task A_stream_whose_last_commit_was_deleted_is_unparked()
    {
        await ParkAsync("a", 1, 13);
        world.Store.Deleted.Add(("purse-a", 2));

        Assert.IsType<RetryOutcome.CaughtUp>(await RetryAsync(FailingViews.Log(13)));

        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task A_discard_leaves_out_exactly_the_commit_that_fails()
    {
        await ParkAsync("a", 1, 13, 2);

        RetryOutcome outcome = await DiscardAsync(FailingViews.Log(13), 2);

        Assert.Equal(1, Assert.IsType<RetryOutcome.CaughtUp>(outcome).Events);
        Assert.Equal(ConsumerWorld.Events("a", 1, 3), await world.EventsAsync("a"));
        Assert.Null(await world.RecordAsync(FailingViews.Log(), "a"));
        await world.HandleAsync(FailingViews.Log(13), await world.AddAsync("a", 3)); // It is behind the fence for good.
        Assert.Equal(ConsumerWorld.Events("a", 1, 3, 4), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_discard_of_another_version_changes_nothing()
    {
        await ParkAsync("a", 1, 13, 2);
        ParkedStream? before = await world.RecordAsync(FailingViews.Log(), "a");

        foreach (long version in (long[])[1, 3])
        {
            Assert.Equal(before, Assert.IsType<RetryOutcome.OtherVersion>(await DiscardAsync(FailingViews.Log(13), version)).Record);
        }

        Assert.Equal(before, await world.RecordAsync(FailingViews.Log(), "a"));
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_second_commit_that_fails_stops_a_discard_and_takes_one_of_its_own()
    {
        await ParkAsync("a", 13, 1, 13, 2);

        ParkedStream record = Assert.IsType<RetryOutcome.StillFailing>(await DiscardAsync(FailingViews.Log(13), 1)).Record;
        Assert.Equal(3, record.FromVersion);
        Assert.Equal(ConsumerWorld.Events("a", 2), await world.EventsAsync("a"));

        Assert.IsType<RetryOutcome.CaughtUp>(await DiscardAsync(FailingViews.Log(13), 3));
        Assert.Equal(ConsumerWorld.Events("a", 2, 4), await world.EventsAsync("a"));
    }

    /// <summary>One commit per amount; those of 13 and 26 fail.</summary>
    private async Task ParkAsync(string id, params int[] amounts)
    {
        List<Commit> commits = [];
        foreach (int amount in amounts)
        {
            commits.Add(await world.AddAsync(id, amount));
        }
        await world.HandleAsync(FailingViews.Log(13, 26), commits);
        Assert.Equal(ParkedStatus.Parked, (await world.RecordAsync(FailingViews.Log(), id))?.Status);
    }

    private Task<RetryOutcome> RetryAsync(IConsumer consumer) => world.Retries().RetryAsync(consumer, "purse-a", Cancellation);

    private Task<RetryOutcome> DiscardAsync(IConsumer consumer, long version) =>
        world.Retries().DiscardAsync(consumer, "purse-a", version, Cancellation);

    /// <summary>The view of one purse can't be reached.</summary>
    private sealed class OneFaulty(IViewStore inner, string id) : IViewStore
    {
        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            partition.Key == id ? throw new TimeoutException() : inner.ReadAsync(partition, ids, cancellationToken);

        public Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryWriteAsync(partition, documents, cancellationToken);

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }
}
