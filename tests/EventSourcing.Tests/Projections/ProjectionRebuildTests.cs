using System.Text;
using CsCheck;

namespace Serverless.EventSourcing.Tests;

/// <summary>A rebuild does what the feed would do, with fewer writes, whoever else writes meanwhile.</summary>
public sealed class ProjectionRebuildTests
{
    private static readonly DocumentView<EventLog, PurseEvent> Log = PurseViews.Document(ViewKey<PurseEvent>.Stream);

    private readonly InMemoryParkedStore parked = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_document_is_written_once_and_never_read_however_many_pages_touch_it()
    {
        ViewWorld world = new([.. Enumerable.Repeat<StoredEvent[][]>([[Added], [Added, Added], [Added]], 10)]);
        CountingViewStore views = new(world.Views);

        RebuildProgress end = await Rebuild(world, views, new RebuildOptions { PageSize = 3 }).RunAsync(Log, null, null, Cancellation);

        Assert.Equal(new RebuildProgress(30, 40, 10, 0, 0, null), end);
        Assert.Equal((0, 10), (views.Reads, views.Writes));
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task What_is_built_already_is_not_written_again()
    {
        ViewWorld world = new([[[Added], [Added]], [[Added]]]);
        await world.Projector().ApplyAsync(PurseViews.Totals, world.Commits, Cancellation);
        CountingViewStore views = new(world.Views);

        RebuildProgress end = await Rebuild(world, views).RunAsync(PurseViews.Totals, null, null, Cancellation);

        Assert.Equal((3, 0, 0), (end.Commits, end.Events, views.Writes));
        world.CheckTotals(PurseViews.Totals);
    }

    [Fact]
    public async Task Run_again_it_reads_each_document_and_is_not_refused_to_create_it()
    {
        ViewWorld world = new([[[Added], [Added]], [[Added]]]);
        await Rebuild(world, world.Views).RunAsync(Log, null, null, Cancellation);
        CountingViewStore views = new(world.Views);

        RebuildProgress end = await Rebuild(world, views).RunAsync(Log, null, null, Cancellation);

        Assert.Equal(new RebuildProgress(3, 0, 0, 0, 0, null), end);
        Assert.Equal((2, 0), (views.Reads, views.Writes));
    }

    [Fact]
    public async Task Progress_is_told_after_each_page_and_names_a_place_to_go_on_only_once_all_before_it_is_written()
    {
        ViewWorld world = new([.. Enumerable.Repeat<StoredEvent[][]>([[Added]], 3)]);
        List<RebuildProgress> told = [];

        await Rebuild(world, world.Views, new RebuildOptions { PageSize = 1 }).RunAsync(Log, null, new Reporter(told.Add), Cancellation);

        Assert.Equal([1, 2, 3], told.Select(p => p.Commits));
        Assert.Equal([0, 0, 3], told.Select(p => p.Documents));
        Assert.All(told, p => Assert.Null(p.Continuation));
    }

    [Fact]
    public async Task A_store_that_tells_no_tags_gets_every_document()
    {
        ViewWorld world = new([.. Enumerable.Repeat<StoredEvent[][]>([[Added]], ViewLimits.MaxDocumentsPerWrite + 20)]);

        RebuildProgress end = await Rebuild(world, new WithoutTags(world.Views), new RebuildOptions { PageSize = 10 }).RunAsync(PurseViews.Totals, null, null, Cancellation);

        Assert.Equal(world.Commits.Count, end.Events);
        world.CheckTotals(PurseViews.Totals);
    }

    [Fact]
    public async Task A_document_that_a_feed_writes_first_is_made_by_the_feeds_way()
    {
        ViewWorld world = new([[[Added], [Added], [Added]], [[Added]]]);
        CountingViewStore views = new(world.Views)
        {
            BeforeWrite = n => n == 1 ? world.Projector().ApplyAsync(Log, [world.Commits[1]], Cancellation) : Task.CompletedTask,
        };

        RebuildProgress end = await Rebuild(world, views, new RebuildOptions { MaxParallelWrites = 1 }).RunAsync(Log, null, null, Cancellation);

        Assert.Equal((1, 2), (end.LostRaces, end.Events)); // The feed brought two of the four.
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task A_rebuild_that_was_stopped_goes_on_where_its_views_stand()
    {
        ViewWorld world = new([.. Enumerable.Repeat<StoredEvent[][]>([[Added], [Added]], 10)]);
        RebuildOptions options = new() { PageSize = 4, MaxBufferedBytes = 1 };
        using CancellationTokenSource stop = new();
        RebuildProgress? reached = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Rebuild(world, world.Views, options).RunAsync(
            Log, null, new Reporter(p => { reached = p; stop.Cancel(); }), stop.Token));
        Assert.Equal(4, reached!.Commits);
        CountingViewStore views = new(world.Views);

        RebuildProgress end = await Rebuild(world, views, options).RunAsync(Log, reached.Continuation, null, Cancellation);

        Assert.Equal((16, 16), (end.Commits, end.Events));
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_processed_is_parked_and_the_others_are_built()
    {
        DocumentView<EventLog, PurseEvent> failing = PurseViews.Document(
            ViewKey<PurseEvent>.Stream, (log, e) => e.Event is Taken ? throw new InvalidOperationException("unlucky") : log.With(e));
        ViewWorld world = new([[[Added], [Taken], [Added]], [[Added], [Added]]]);

        await Rebuild(world, world.Views).RunAsync(failing, null, null, Cancellation);

        ParkedStream? record = await parked.ReadAsync("log@1", "purse-0", Cancellation);
        Assert.Equal((ParkedStatus.Parked, 2, 3), (record!.Status, record.FromVersion, record.ThroughVersion));
        world.CheckDocuments(failing, stream => stream[0].Stream.Id == "0" ? stream[..1] : stream);
    }

    [Fact]
    public async Task A_fault_of_the_store_ends_it_and_the_next_run_repairs_what_was_left()
    {
        ViewWorld world = new([.. Enumerable.Repeat<StoredEvent[][]>([[Added], [Added]], 5)]);
        CountingViewStore views = new(world.Views) { BeforeWrite = n => n == 3 ? throw new StoreFaultException(StoreFault.BeforeEffect, "write") : Task.CompletedTask };
        await Assert.ThrowsAsync<StoreFaultException>(() => Rebuild(world, views).RunAsync(Log, null, null, Cancellation));

        await Rebuild(world, world.Views).RunAsync(Log, null, null, Cancellation);

        world.CheckDocuments(Log);
    }

    [Fact]
    public void Any_view_of_any_streams_with_a_feed_at_work_meanwhile() => SmallCases.Check(
        Cases,
        run =>
        {
            ViewWorld world = new(run.Streams);
            IProjection[] kinds = [Log, PurseViews.Entries(PurseViews.ByLabel), PurseViews.Totals];
            IProjection view = kinds[run.View];
            int calls = 0;
            int byFeed = 0;
            CountingViewStore views = new(world.Views);
            views.BeforeWrite = async n =>
            {
                if (calls++ < run.Feed.Length && run.Feed[calls - 1] is { Length: > 0 } batch)
                {
                    ProjectionResult fed = await world.Projector().ApplyAsync(view, [.. batch.Select(c => world.Commits[c % world.Commits.Count])], CancellationToken.None);
                    Interlocked.Add(ref byFeed, fed.Events); // Partitions go side by side.
                }
            };
            RebuildOptions options = new() { PageSize = run.PageSize, MaxBufferedBytes = run.MaxBufferedBytes, MaxParallelWrites = 1 };
            // Everything is in memory, and nothing waits.
            RebuildProgress end = Task.Run(() => Rebuild(world, views, options).RunAsync(view, null, null, CancellationToken.None)).GetAwaiter().GetResult();

            Assert.Equal(world.Commits.Count, end.Commits);
            ViewWorld fedOnly = new(run.Streams);
            int all = fedOnly.Projector().ApplyAsync(view, fedOnly.Commits, CancellationToken.None).GetAwaiter().GetResult().Events;
            Assert.Equal(all, byFeed + end.Events); // Each event is stored by one of them.
            switch (view)
            {
                case DocumentView<EventLog, PurseEvent> documents:
                    world.CheckDocuments(documents);
                    break;
                case EntriesView<EventCount, EventLine, PurseEvent> entries:
                    world.CheckEntries(entries);
                    break;
                case TotalsView<EventCount, PurseEvent> totals:
                    world.CheckTotals(totals);
                    break;
                default:
                    throw new InvalidOperationException($"No check for {view.Name}.");
            }
        },
        300);

    private sealed record Run(IReadOnlyList<IReadOnlyList<IReadOnlyList<StoredEvent>>> Streams, int View, int[][] Feed, int PageSize, long MaxBufferedBytes);

    private static readonly Gen<Run> Cases = Gen.Select(
        Gen.OneOf(
            Gen.Int[1, 4].Select(Times),
            Gen.OneOf("a", "b").Select<string, StoredEvent[]>(label => [Labelled(label)]),
            Gen.Int[90, 210].Select(Times)).Array[1, 6].Array[1, 6],
        Gen.Int[0, 2],
        Gen.Int[0, 29].Array[0, 3].Array[0, 6],
        Gen.Int[1, 7],
        Gen.OneOf(1L, 5_000L, 1_000_000L),
        (streams, view, feed, pageSize, bytes) => new Run(streams, view, feed, pageSize, bytes));

    private ProjectionRebuild Rebuild(ViewWorld world, IViewStore views, RebuildOptions? options = null) => new(
        (ICommitLog)world.Store, world.Store, views, parked, new NetworkFaults(), new ConsumerMonitor(TimeProvider.System), new RecordingTime(), options ?? new RebuildOptions());

    private static readonly StoredEvent Added = new("purse.added", 1, """{"amount":1}"""u8.ToArray());

    private static readonly StoredEvent Taken = new("purse.taken", 1, """{"amount":1}"""u8.ToArray());

    private static StoredEvent[] Times(int count) => [.. Enumerable.Repeat(Added, count)];

    private static StoredEvent Labelled(string text) => new("purse.labelled", 1, Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));

    private sealed class WithoutTags(IViewStore inner) : IViewStore
    {
        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            inner.ReadAsync(partition, ids, cancellationToken);

        public async Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            (await inner.TryWriteAsync(partition, documents, cancellationToken)) with { ETags = [] };

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }

    private sealed class Reporter(Action<RebuildProgress> report) : IProgress<RebuildProgress>
    {
        public void Report(RebuildProgress value) => report(value);
    }
}
