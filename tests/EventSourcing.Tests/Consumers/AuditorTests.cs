namespace Serverless.EventSourcing.Tests;

/// <summary>Whatever a consumer lost, the auditor gives it once more.</summary>
public sealed class AuditorTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_waits_until_the_newest_commit_is_older_than_the_grace_time()
    {
        Commit old = await world.AddAsync("a", 1);
        world.Time.Advance(TimeSpan.FromSeconds(20));
        Commit newest = await world.AddAsync("a", 2);

        Task<IReadOnlyList<AuditResult>> audit = AuditAsync([FailingViews.Log()], newest, old);
        world.Time.Advance(Grace - TimeSpan.FromMilliseconds(1));
        Assert.False(audit.IsCompleted);
        Assert.Empty(await world.EventsAsync("a"));
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        await audit;

        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task What_is_old_enough_is_not_waited_for()
    {
        Commit commit = await world.AddAsync("a", 1);
        world.Time.Advance(Grace);

        await AuditAsync([FailingViews.Log()], commit); // Nobody moves the clock: a wait would not end.

        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_commit_from_a_clock_ahead_holds_it_for_the_grace_time_at_most()
    {
        world.Time.Advance(TimeSpan.FromDays(1));
        Commit ahead = await world.AddAsync("a", 1);
        world.Time.AdjustTime(world.Time.Start);

        Task<IReadOnlyList<AuditResult>> audit = AuditAsync([FailingViews.Log()], ahead);
        world.Time.Advance(Grace);
        await audit;

        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task It_heals_what_each_consumer_lost_and_counts_it_once()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("a", 2, 3), await world.AddAsync("a", 4), await world.AddAsync("b", 5)];
        IConsumer[] consumers = [FailingViews.Log(), FailingViews.Totals()];
        await world.HandleAsync(consumers[0], commits[0]); // The rest was lost, and for the other everything.
        world.Time.Advance(Grace);

        IReadOnlyList<AuditResult> first = await AuditAsync(consumers, commits[2], commits[3]);
        IReadOnlyList<AuditResult> second = await AuditAsync(consumers, commits);

        Assert.Equal([("log@1", 4), ("totals@1", 5)], first.Select(r => (r.Consumer, r.HealedEvents)));
        Assert.Equal([("log@1", 0), ("totals@1", 0)], second.Select(r => (r.Consumer, r.HealedEvents)));
        Assert.Equal(ConsumerWorld.Events("a", 1, 2, 3, 4), await world.EventsAsync("a"));
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
    }

    [Fact]
    public async Task A_parked_stream_stays_parked_and_is_no_gap()
    {
        Commit commit = await world.AddAsync("a", 13);
        await world.HandleAsync(FailingViews.Log(13), commit);
        ParkedStream? before = await world.RecordAsync(FailingViews.Log(), "a");
        world.Time.Advance(Grace);

        IReadOnlyList<AuditResult> results = await AuditAsync([FailingViews.Log(13)], commit);

        Assert.Equal(0, Assert.Single(results).HealedEvents);
        Assert.Equal(before, await world.RecordAsync(FailingViews.Log(), "a"));
    }

    [Fact]
    public async Task What_is_there_costs_one_read_and_no_write_even_on_a_host_that_knows_nothing_of_it()
    {
        Commit commit = await world.AddAsync("a", 1);
        await world.HandleAsync(FailingViews.Log(), commit);
        CountingViewStore views = new(world.Views);
        world.Time.Advance(Grace);

        await new Auditor(world.Runner(views: views), world.Time, Grace).AuditAsync([FailingViews.Log()], [Delivery.Of(commit)], Cancellation);

        Assert.Equal((1, 0), (views.Reads, views.Writes));
    }

    [Fact]
    public async Task Nothing_to_audit_is_no_wait()
    {
        Assert.Equal(0, Assert.Single(await AuditAsync([FailingViews.Log()])).HealedEvents);
    }

    private Task<IReadOnlyList<AuditResult>> AuditAsync(IReadOnlyCollection<IConsumer> consumers, params IEnumerable<Commit> commits) =>
        new Auditor(world.Runner(), world.Time, Grace).AuditAsync(consumers, [.. commits.Select(Delivery.Of)], Cancellation);
}
