using System.Text;

namespace Serverless.EventSourcing.Tests;

public sealed class ProjectorTests
{
    private static readonly DocumentView<EventLog, PurseEvent> Log = PurseViews.Document(ViewKey<PurseEvent>.Stream);

    [Fact]
    public async Task A_batch_reads_and_writes_each_document_once()
    {
        ViewWorld world = new([[[Added], [Added], [Added]], [[Added], [Added]]]);
        CountingViewStore views = new(world.Views);

        ProjectionResult result = await world.Projector(views, options: Reading).ApplyAsync(Log, world.Commits, TestContext.Current.CancellationToken);

        Assert.Equal((5, 0, 2, 2), (result.Events, result.LostRaces, views.Reads, views.Writes));
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task What_was_delivered_before_is_read_and_not_written()
    {
        ViewWorld world = new([[[Added], [Added], [Added]]]);
        await world.Projector().ApplyAsync(Log, world.Commits, TestContext.Current.CancellationToken);
        CountingViewStore views = new(world.Views);

        ProjectionResult result = await world.Projector(views, options: Reading).ApplyAsync(Log, world.Commits, TestContext.Current.CancellationToken);

        Assert.Equal((0, 1, 0), (result.Events, views.Reads, views.Writes));
    }

    [Fact]
    public async Task Commits_out_of_order_and_twice_in_one_batch_are_put_in_order()
    {
        ViewWorld world = new([[[Added], [Added], [Added]]]);
        Commit[] batch = [world.Commits[2], world.Commits[0], world.Commits[2], world.Commits[1], world.Commits[0]];

        await world.Projector().ApplyAsync(Log, batch, TestContext.Current.CancellationToken);

        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task The_last_commit_alone_brings_everything_before_it()
    {
        ViewWorld world = new([[.. Enumerable.Repeat<StoredEvent[]>([Added, Added], 500)]]);

        ProjectionResult result = await world.Projector().ApplyAsync(Log, [world.Commits[^1]], TestContext.Current.CancellationToken);

        Assert.Equal(1_000, result.Events);
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task Streams_of_other_categories_are_not_its_business()
    {
        ViewWorld world = new([[[Added]]]);
        Commit foreign = world.Commits[0] with { Stream = StreamName.Create("account", "0") };

        ProjectionResult result = await world.Projector().ApplyAsync(Log, [foreign], TestContext.Current.CancellationToken);

        Assert.Equal(ProjectionResult.Nothing, result);
    }

    [Fact]
    public async Task A_lost_race_is_run_again_on_what_the_winner_wrote()
    {
        ViewWorld world = new([[[Added], [Added], [Added]]]);
        CountingViewStore views = new(world.Views);
        views.BeforeWrite = n => n == 1
            ? world.Projector().ApplyAsync(Log, [world.Commits[1]], TestContext.Current.CancellationToken)
            : Task.CompletedTask;

        ProjectionResult result =
            await world.Projector(views, new RecordingTime()).ApplyAsync(Log, world.Commits, TestContext.Current.CancellationToken);

        Assert.Equal((1, 1), (result.Events, result.LostRaces)); // The winner wrote the first two.
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task A_batch_fails_after_too_many_lost_races_and_is_good_for_another_delivery()
    {
        ViewWorld world = new([[.. Enumerable.Repeat<StoredEvent[]>([Added], 10)]]);
        CountingViewStore views = new(world.Views);
        views.BeforeWrite = n => world.Projector().ApplyAsync(Log, [world.Commits[n - 1]], TestContext.Current.CancellationToken);
        RecordingTime time = new();
        ProjectorOptions options = Reading with { MaxLostRaces = 3, MaxBackoff = TimeSpan.FromHours(1) };

        ViewContentionException contention = await Assert.ThrowsAsync<ViewContentionException>(
            () => world.Projector(views, time, options).ApplyAsync(Log, world.Commits, TestContext.Current.CancellationToken));

        Assert.Equal(new ViewPartition("log", 1, "0"), contention.Partition);
        Assert.Equal((4, 3), (views.Writes, time.Waits.Count));
        Assert.All(time.Waits, wait => Assert.InRange(wait, TimeSpan.Zero, options.MaxBackoff));
        world.Heal(Log);
        world.CheckDocuments(Log);
    }

    [Fact]
    public async Task A_stream_that_names_its_key_late_is_applied_from_its_start()
    {
        DocumentView<EventLog, PurseEvent> shared = PurseViews.Document(PurseViews.ByLabel);
        ViewWorld world = new([[[Added], [Added], [Labelled("a")], [Labelled("b")], [Added]]]);
        Projector projector = world.Projector();

        await projector.ApplyAsync(shared, [world.Commits[0]], TestContext.Current.CancellationToken); // Its stream has a key by now.
        await projector.ApplyAsync(shared, [world.Commits[4]], TestContext.Current.CancellationToken);

        world.CheckDocuments(shared); // All under 'a', the first key named.
    }

    [Fact]
    public async Task A_stream_that_names_no_key_feeds_no_view()
    {
        DocumentView<EventLog, PurseEvent> shared = PurseViews.Document(PurseViews.ByLabel);
        ViewWorld world = new([[[Added], [Added]], [[Labelled("a")]]]);

        await world.Projector().ApplyAsync(shared, world.Commits, TestContext.Current.CancellationToken);

        world.CheckDocuments(shared);
    }

    [Fact]
    public async Task Views_of_two_versions_do_not_touch_each_other()
    {
        ViewWorld world = new([[[Added]]]);
        await world.Projector().ApplyAsync(Log, world.Commits, TestContext.Current.CancellationToken);

        ViewPartition next = new(Log.Name, Log.Version + 1, "0");

        Assert.Empty((await world.Views.ReadAsync(next, [ViewDocument.SingleId], TestContext.Current.CancellationToken)).Documents);
        Assert.NotEqual(next.Value, new ViewPartition(Log.Name, Log.Version, "0").Value);
    }

    [Fact]
    public void A_context_has_one_projection_of_a_name() =>
        Assert.Throws<ArgumentException>(() => new BoundedContext().Add(Log).Add(PurseViews.Document(PurseViews.ByLabel)));

    /// <summary>Every document is read before it is written.</summary>
    private static readonly ProjectorOptions Reading = new() { CachedViewBytes = 0 };

    private static readonly StoredEvent Added = new("purse.added", 1, """{"amount":1}"""u8.ToArray());

    private static StoredEvent Labelled(string text) => new("purse.labelled", 1, Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));
}
