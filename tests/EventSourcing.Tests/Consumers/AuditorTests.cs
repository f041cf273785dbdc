namespace Serverless.EventSourcing.Tests;

/// <summary>Whatever a consumer lost, the auditor gives it once more.</summary>
public sealed class AuditorTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly ConsumerWorld world = new();
    private readonly InMemoryConsumerStore records = new();
    private readonly FakeCommitFeed feed = new();
    private readonly FakeFeeds feeds = new();

    public AuditorTests() => feeds.Set("0", "9"); // Every consumer has passed everything.

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_takes_what_is_older_than_the_grace_time_and_the_next_one_goes_on_there()
    {
        feed.Add(world.Time.GetUtcNow(), await world.AddAsync("a", 1));
        world.Time.Advance(TimeSpan.FromSeconds(20));
        feed.Add(world.Time.GetUtcNow(), await world.AddAsync("a", 2));
        world.Time.Advance(Grace - TimeSpan.FromSeconds(20));

        await RunAsync(FailingViews.Log());
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
        world.Time.Advance(TimeSpan.FromSeconds(20));
        AuditRun second = await RunAsync(FailingViews.Log());

        Assert.Equal(ConsumerWorld.Events("a", 1, 2), await world.EventsAsync("a"));
        Assert.Equal((1, 1), (Assert.Single(second.Results).CheckedCommits, second.Results[0].HealedEvents));
    }

    [Fact]
    public async Task An_idle_run_writes_nothing()
    {
        feed.Add(world.Time.GetUtcNow(), await world.AddAsync("a", 1));
        world.Time.Advance(Grace);
        await RunAsync(FailingViews.Log());
        ConsumerRecord? before = await records.ReadAsync(Auditor.Name, Cancellation);

        AuditRun idle = await RunAsync(FailingViews.Log());

        Assert.Empty(idle.Results);
        Assert.Equal(before!.ETag, (await records.ReadAsync(Auditor.Name, Cancellation))!.ETag);
    }

    [Fact]
    public async Task Its_status_says_how_late_it_is_and_why()
    {
        Auditor auditor = NewAuditor(new BadViews(world.Views));
        feed.Add(world.Time.GetUtcNow(), await world.AddAsync("a", 1));
        feeds.Set("0", "9", commits: 1, new PendingCommit("purse-a", 1, world.Time.GetUtcNow()));
        Assert.Equal((ConsumerState.NotStarted, 1), await StateAsync()); // Nothing is old enough yet.

        world.Time.Advance(Grace + TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => auditor.RunAsync([Bad()], static _ => { }, Cancellation));
        Assert.Equal((ConsumerState.Behind, 1), await StateAsync());
        Assert.StartsWith("TimeoutException", (await auditor.ReadStatusAsync(Cancellation)).Reason, StringComparison.Ordinal);
        world.Time.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal((ConsumerState.Stuck, 1), await StateAsync());

        await auditor.RunAsync([FailingViews.Log()], static _ => { }, Cancellation);
        feeds.Set("0", "9");
        Assert.Equal(new AuditorStatus(ConsumerState.Current, null, 0, TimeSpan.Zero, world.Time.GetUtcNow()), await auditor.ReadStatusAsync(Cancellation));
        Assert.Empty((await records.ReadAsync(Auditor.Name, Cancellation))!.Faults);

        async Task<(ConsumerState, long)> StateAsync() =>
            await auditor.ReadStatusAsync(Cancellation) is var read ? (read.State, read.LagCommits) : default;
    }

    [Fact]
    public async Task A_run_ends_when_its_time_is_up()
    {
        for (int i = 0; i < 5; i++)
        {
            feed.Add(world.Time.GetUtcNow(), await world.AddAsync($"{i}", 1));
        }
        world.Time.Advance(Grace);
        feed.OnRead = () => world.Time.Advance(TimeSpan.FromSeconds(16));

        AuditRun run = await RunAsync(new ConsumerOptions { MaxAuditItems = 1 }, FailingViews.Log()); // Half a minute is for two pages.

        Assert.Equal(2, run.Results.Count);
    }

    [Fact]
    public async Task Another_host_that_audits_at_the_same_time_ends_this_run()
    {
        feed.Add(world.Time.GetUtcNow(), await world.AddAsync("a", 1));
        world.Time.Advance(Grace);
        feed.OnRead = () => Assert.True(records.TryWriteAsync(new ConsumerRecord { Consumer = Auditor.Name }, Cancellation).IsCompletedSuccessfully);

        Assert.True((await RunAsync(FailingViews.Log())).IsStopped);

        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a")); // Done twice is done once.
    }

    [Fact]
    public async Task A_fault_with_one_consumer_does_not_keep_the_others_from_being_audited_and_is_not_passed_over()
    {
        feed.Add(world.Time.GetUtcNow(), await world.AddAsync("a", 1));
        world.Time.Advance(Grace);
        BadViews views = new(world.Views);

        await Assert.ThrowsAsync<TimeoutException>(() => NewAuditor(views).RunAsync([Bad(), FailingViews.Log()], static _ => { }, Cancellation));
        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));

        AuditRun next = await RunAsync(Bad(), FailingViews.Log());
        Assert.Equal([("bad@1", 1), ("log@1", 0)], next.Results.Select(r => (r.Consumer, r.HealedEvents)));
    }

    [Fact]
    public async Task What_a_consumer_is_only_late_with_is_not_healed()
    {
        Commit commit = await world.AddAsync("a", 1);
        feeds.Set("0", "1", commits: 1, new PendingCommit("purse-a", 1, commit.Metadata.Timestamp));
        world.Time.Advance(Grace);

        Assert.Equal(0, Assert.Single(await AuditAsync([FailingViews.Log()], commit)).HealedEvents);

        Assert.Equal(ConsumerWorld.Events("a", 1), await world.EventsAsync("a"));
    }

    [Fact]
    public async Task A_stray_document_is_not_listed_again()
    {
        Delivery stray = CommitJson.ReadDelivery(System.Text.Json.JsonElement.Parse("""{"id":"x"}"""));

        await NewAuditor().AuditAsync([FailingViews.Log()], [stray], Cancellation);

        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
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

        await NewAuditor(views).AuditAsync([FailingViews.Log()], [Delivery.Of(commit)], Cancellation);

        Assert.Equal((1, 0), (views.Reads, views.Writes));
    }

    [Fact]
    public async Task Nothing_to_audit_is_no_wait()
    {
        Assert.Equal(0, Assert.Single(await AuditAsync([FailingViews.Log()])).HealedEvents);
    }

    /// <summary>Its views can't be reached, with <see cref="BadViews"/>.</summary>
    private static DocumentView<EventLog, PurseEvent> Bad() => new()
    {
        Name = "bad",
        Version = 1,
        Sources = FailingViews.Log().Sources,
        Key = ViewKey<PurseEvent>.Stream,
        Initial = FailingViews.Log().Initial,
        Apply = (log, _) => log,
        Json = PurseViewsJson.Default.EventLog,
    };

    private Auditor NewAuditor(IViewStore? views = null, ConsumerOptions? options = null)
    {
        ConsumerOptions limits = options ?? ConsumerWorld.Options;
        WatchedConsumers watched = new(world.Runner(views: views), world.Parked, new CrashWatch(new InMemoryWorkNotes(), world.Time, limits));
        return new Auditor(watched, feed, records, feeds, world.Time, limits);
    }

    private Task<AuditRun> RunAsync(params IConsumer[] consumers) => RunAsync(ConsumerWorld.Options, consumers);

    private Task<AuditRun> RunAsync(ConsumerOptions options, params IConsumer[] consumers) => NewAuditor(options: options).RunAsync(consumers, static _ => { }, Cancellation);

    private Task<IReadOnlyList<AuditResult>> AuditAsync(IReadOnlyCollection<IConsumer> consumers, params IEnumerable<Commit> commits) =>
        NewAuditor().AuditAsync(consumers, [.. commits.Select(Delivery.Of)], Cancellation);

    /// <summary>One range, in which the test puts items.</summary>
    private sealed class FakeCommitFeed : ICommitFeed
    {
        private readonly List<CommitFeedItem> items = [];

        public Action? OnRead { get; set; }

        public void Add(DateTimeOffset at, Commit commit) => items.Add(new CommitFeedItem(Delivery.Of(commit), at, $"{items.Count + 1}"));

        public Task<IReadOnlyList<CommitFeedRange>> ReadRangesAsync(IReadOnlyDictionary<string, string?> positions, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<CommitFeedRange>>([new CommitFeedRange("all", positions.GetValueOrDefault("all"))]);

        public Task<CommitFeedPage> ReadAsync(CommitFeedRange range, int maxItems, CancellationToken cancellationToken)
        {
            OnRead?.Invoke();
            CommitFeedItem[] page = [.. items.Skip(int.Parse(range.Position ?? "0")).Take(maxItems)];
            return Task.FromResult(new CommitFeedPage(page, IsEnd: page.Length == 0, RequestCharge: 1));
        }
    }

    /// <summary>The views of one consumer can't be reached.</summary>
    private sealed class BadViews(IViewStore inner) : IViewStore
    {
        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            partition.Projection == "bad" ? throw new TimeoutException() : inner.ReadAsync(partition, ids, cancellationToken);

        public Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryWriteAsync(partition, documents, cancellationToken);

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }
}
