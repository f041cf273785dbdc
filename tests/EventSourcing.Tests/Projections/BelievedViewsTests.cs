using System.Text;

namespace Serverless.EventSourcing.Tests;

/// <summary>What a host remembers of views saves reads, and never decides anything by itself.</summary>
public sealed class BelievedViewsTests
{
    private static readonly DocumentView<EventLog, PurseEvent> Log = PurseViews.Document(ViewKey<PurseEvent>.Stream);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_that_a_host_has_seen_from_its_start_is_never_read()
    {
        ViewWorld world = new([[[Added], [Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        Projector projector = world.Projector(views);

        foreach (Commit commit in world.Commits)
        {
            await projector.ApplyAsync(Log, [commit], Cancellation);
        }

        Assert.Equal((0, 3), (views.Reads, views.Writes));
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task Streams_that_feed_totals_are_read_once()
    {
        ViewWorld world = new([[[Added], [Added], [Added]], [[Added], [Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        Projector projector = world.Projector(views);

        await projector.ApplyAsync(PurseViews.Totals, [world.Commits[0], world.Commits[3]], Cancellation);
        Assert.Equal((2, 1), (views.Reads, views.Writes)); // Markers and totals.
        await projector.ApplyAsync(PurseViews.Totals, [world.Commits[1], world.Commits[4]], Cancellation);
        await projector.ApplyAsync(PurseViews.Totals, [world.Commits[2], world.Commits[5]], Cancellation);

        Assert.Equal((2, 3), (views.Reads, views.Writes));
        world.CheckTotals(PurseViews.Totals);
    }

    [Fact]
    public async Task A_document_that_another_host_has_written_costs_one_refused_write_and_no_wait()
    {
        ViewWorld world = new([[[Added], [Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        RecordingTime time = new();
        Projector first = world.Projector(views, time);
        await first.ApplyAsync(Log, [world.Commits[0]], Cancellation);
        await world.Projector().ApplyAsync(Log, [world.Commits[1]], Cancellation);
        views.Reset();

        ProjectionResult result = await first.ApplyAsync(Log, [world.Commits[2]], Cancellation);

        Assert.Equal((1, 1, 1, 2), (result.Events, result.LostRaces, views.Reads, views.Writes));
        Assert.Empty(time.Waits);
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task A_host_that_repeats_the_past_reads_before_it_writes_after_the_first_refusal()
    {
        ViewWorld world = new([.. Enumerable.Repeat<StoredEvent[][]>([[Added]], 5)]);
        await world.Projector().ApplyAsync(Log, world.Commits, Cancellation);
        CountingViewStore views = new(world.Views);
        Projector started = world.Projector(views, options: new ProjectorOptions { MaxParallelPartitions = 1 });

        ProjectionResult result = await started.ApplyAsync(Log, world.Commits, Cancellation);

        Assert.Equal((0, 5, 1), (result.Events, views.Reads, views.Writes));
    }

    [Fact]
    public async Task What_was_written_before_is_read_before_it_is_left_alone()
    {
        ViewWorld world = new([[[Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        Projector projector = world.Projector(views);
        await projector.ApplyAsync(Log, world.Commits, Cancellation);
        views.Reset();

        ProjectionResult result = await projector.ApplyAsync(Log, world.Commits, Cancellation);

        Assert.Equal((0, 1, 0), (result.Events, views.Reads, views.Writes));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Views_that_were_lost_are_made_anew_even_if_all_was_remembered(IProjection view)
    {
        ViewWorld world = new([[[Added], [Added]], [[Added], [Added]]]);
        CountingViewStore views = new(new InMemoryViewStore());
        Projector projector = world.Projector(views);
        await projector.ApplyAsync(view, world.Commits, Cancellation);
        views.Lose(world.Views);

        ProjectionResult result = await projector.ApplyAsync(view, [world.Commits[1], world.Commits[3]], Cancellation);

        Assert.Equal(4, result.Events);
    }

    [Fact]
    public async Task A_stream_left_alone_beside_one_that_was_written_is_read_too()
    {
        ViewWorld world = new([[[Added], [Added]], [[Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        Projector projector = world.Projector(views);
        await projector.ApplyAsync(PurseViews.Totals, [.. world.Commits.Take(3)], Cancellation);
        views.Reset();

        ProjectionResult result = await projector.ApplyAsync(PurseViews.Totals, [world.Commits[1], world.Commits[3]], Cancellation);

        Assert.Equal((1, 1, 1), (result.Events, views.Reads, views.Writes));
        world.CheckTotals(PurseViews.Totals);
    }

    [Fact]
    public async Task A_commit_is_not_poison_because_of_what_is_only_remembered()
    {
        // It throws on a view that lacks what another host has written meanwhile.
        DocumentView<EventLog, PurseEvent> strict = PurseViews.Document(
            PurseViews.ByLabel,
            (log, envelope) => envelope.Version == 2 && !log.Events.ContainsKey("purse-1") ? throw new InvalidOperationException("too early") : log.With(envelope));
        ViewWorld world = new([[[Labelled("x")], [Added]], [[Labelled("x")]]]);
        Projector first = world.Projector();
        await first.ApplyAsync(strict, [world.Commits[0]], Cancellation);
        await world.Projector().ApplyAsync(strict, [world.Commits[2]], Cancellation);

        ProjectionResult result = await first.ApplyAsync(strict, [world.Commits[1]], Cancellation);

        Assert.Equal(1, result.Events);
        world.CheckDocuments(strict);
    }

    [Fact]
    public async Task A_write_of_unknown_outcome_is_forgotten()
    {
        ViewWorld world = new([[[Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        Projector projector = world.Projector(views);
        await projector.ApplyAsync(Log, [world.Commits[0]], Cancellation);
        views.AfterWrite = () => throw new StoreFaultException(StoreFault.AfterEffect, "write");
        await Assert.ThrowsAsync<StoreFaultException>(() => projector.ApplyAsync(Log, [world.Commits[1]], Cancellation));
        views.AfterWrite = null;
        views.Reset();

        ProjectionResult again = await projector.ApplyAsync(Log, [world.Commits[1]], Cancellation);

        Assert.Equal((0, 1, 0), (again.Events, views.Reads, views.Writes));
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task What_does_not_fit_is_read()
    {
        ViewWorld world = new([[[Added], [Added]], [[Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        Projector projector = world.Projector(views, options: new ProjectorOptions { CachedViewBytes = 1_500 }); // One of the two.
        await projector.ApplyAsync(Log, [world.Commits[0]], Cancellation);
        await projector.ApplyAsync(Log, [world.Commits[2]], Cancellation);

        await projector.ApplyAsync(Log, [world.Commits[3]], Cancellation);
        Assert.Equal(0, views.Reads);
        await projector.ApplyAsync(Log, [world.Commits[1]], Cancellation);

        Assert.Equal(1, views.Reads);
        world.CheckDocuments(Log);
    }

    public static TheoryData<IProjection> Kinds => [Log, PurseViews.Entries(ViewKey<PurseEvent>.Stream), PurseViews.Totals];

    private static readonly StoredEvent Added = new("purse.added", 1, """{"amount":1}"""u8.ToArray());

    private static StoredEvent Labelled(string text) => new("purse.labelled", 1, Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));
}
