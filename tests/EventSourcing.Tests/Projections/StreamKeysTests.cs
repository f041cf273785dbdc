namespace Serverless.EventSourcing.Tests;

/// <summary>A key that an event names is found, or noted as not there, without reading long streams again and again.</summary>
public sealed class StreamKeysTests
{
    private static readonly DocumentView<EventLog, PurseEvent> Shared = PurseViews.Document(PurseViews.ByLabel);
    private static readonly StoredEvent Added = new("purse.added", 1, """{"amount":1}"""u8.ToArray());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_knows_nothing_searches_only_what_is_behind_the_note()
    {
        ViewWorld world = new([[.. Enumerable.Repeat<StoredEvent[]>([Added], 350)]]);
        await world.Projector().ApplyAsync(Shared, [.. world.Commits.Take(330)], Token);
        RecordingStore store = new(world.Store);

        foreach (Commit commit in world.Commits.Skip(340))
        {
            await ApplyAsync(world, store, commit);
        }

        Assert.All(store.ReadFrom, from => Assert.InRange(from, 331, 350)); // Noted up to 330, since the whole batch was one search.
        Assert.Equal(10, store.ReadFrom.Count);
    }

    [Fact]
    public async Task What_follows_what_was_searched_needs_no_read()
    {
        ViewWorld world = new([[.. Enumerable.Repeat<StoredEvent[]>([Added], 50)]]);
        RecordingStore store = new(world.Store);
        Projector projector = new(store, world.Views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());

        foreach (Commit commit in world.Commits)
        {
            await projector.ApplyAsync(Shared, [commit], Token);
            await projector.ApplyAsync(Shared, [commit], Token); // Delivered twice.
        }

        Assert.Empty(store.ReadFrom);
    }

    [Fact]
    public async Task A_key_that_comes_after_a_note_is_found_and_noted()
    {
        StoredEvent label = new("purse.labelled", 1, """{"text":"a"}"""u8.ToArray());
        ViewWorld world = new([[.. Enumerable.Repeat<StoredEvent[]>([Added], 150), [label], .. Enumerable.Repeat<StoredEvent[]>([Added], 150)]]);
        await world.Projector().ApplyAsync(Shared, [.. world.Commits.Take(150)], Token);
        await world.Projector().ApplyAsync(Shared, [world.Commits[200]], Token);
        world.CheckDocuments(Shared, visible: stream => [.. stream.Take(201)]);
        RecordingStore store = new(world.Store);

        await ApplyAsync(world, store, world.Commits[201]);

        Assert.Empty(store.ReadFrom); // The note has the key, and the view has everything before.
    }

    /// <summary>By a host that knows nothing.</summary>
    private static Task<ProjectionResult> ApplyAsync(ViewWorld world, IEventStore store, params Commit[] commits) =>
        new Projector(store, world.Views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions()).ApplyAsync(Shared, commits, Token);
}
