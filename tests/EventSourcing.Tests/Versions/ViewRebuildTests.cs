using System.Globalization;

namespace Serverless.EventSourcing.Tests;

public sealed class ViewRebuildTests
{
    private static readonly StoredEvent Added = new("purse.added", 1, """{"amount":1}"""u8.ToArray());
    private static readonly StoredEvent Labelled = new("purse.labelled", 1, """{"text":"mine"}"""u8.ToArray());

    /// <summary>Two streams under one label, one of them with more events than one write has documents; and one without a label.</summary>
    private readonly ViewWorld world = new(
    [
        [[Labelled, Added], [Added], [Added]],
        [[Labelled], .. Enumerable.Repeat<StoredEvent[]>([Added], 130)],
        [[Added]],
    ]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Damaged_missing_and_foreign_documents_are_mended(bool byLabel)
    {
        EntriesView<EventCount, EventLine, PurseEvent> view = PurseViews.Entries(byLabel ? PurseViews.ByLabel : ViewKey<PurseEvent>.Stream);
        world.Heal(view);
        ViewPartition partition = new(view.Name, view.Version, byLabel ? "mine" : "1");
        ViewRead read = await world.Views.ReadAsync(partition, ["view", Line(1), Line(2), Line(3)], TestContext.Current.CancellationToken);
        ViewDocument[] before = [.. read.Documents.OrderBy(d => d.Id, StringComparer.Ordinal)];
        await world.Views.TryDeleteAsync(partition, [before[0]], TestContext.Current.CancellationToken);
        await world.Views.TryWriteAsync(
            partition,
            [
                before[1] with { Data = """{"eventId":"purse-9/1","amount":9}"""u8.ToArray() },
                before[3] with { Data = """{"entries":7,"header":{"count":1,"sum":1}}"""u8.ToArray() },
                new ViewDocument { Id = Line(900), Kind = ViewKind.Entry, Data = before[2].Data },
            ],
            TestContext.Current.CancellationToken);
        Assert.ThrowsAny<Exception>(() => world.CheckEntries(view));

        RebuildResult result = await RebuildAsync(view, world.Streams[1][0].Stream);

        world.CheckEntries(view);
        Assert.Equal((partition.Key, byLabel ? 2 : 1, 1), (result.Key, result.Streams, result.Deleted));
        RebuildResult again = await RebuildAsync(view, world.Streams[1][0].Stream);
        Assert.Equal((result.Documents, 0, 0), (again.Documents, again.Changed, again.Deleted));
    }

    [Fact]
    public async Task A_key_without_a_document_is_fed_from_the_beginning()
    {
        DocumentView<EventLog, PurseEvent> view = PurseViews.Document(ViewKey<PurseEvent>.Stream);

        foreach (Commit[] stream in world.Streams)
        {
            RebuildResult result = await RebuildAsync(view, stream[0].Stream);
            Assert.Equal((1, 1), (result.Streams, result.Changed));
        }

        world.CheckDocuments(view);
    }

    [Fact]
    public async Task A_list_whose_header_is_gone_parks_its_stream_until_it_is_rebuilt()
    {
        ConsumerWorld own = new();
        EntriesView<EventCount, EventLine, PurseEvent> view = PurseViews.Entries(ViewKey<PurseEvent>.Stream);
        Commit[] commits = [await own.AddAsync("a", 1), await own.AddAsync("a", 2)];
        await own.HandleAsync(view, commits);
        ViewPartition partition = new(view.Name, view.Version, "a");
        await own.Views.TryDeleteAsync(
            partition, (await own.Views.ReadAsync(partition, ["view"], TestContext.Current.CancellationToken)).Documents, TestContext.Current.CancellationToken);

        await own.HandleAsync(view, await own.AddAsync("a", 3), await own.AddAsync("b", 1));

        Assert.Contains("has entries but no header", (await own.RecordAsync(view, "a"))?.Error, StringComparison.Ordinal);
        Assert.Null(await own.RecordAsync(view, "b"));
        Projector projector = new(own.Store, own.Views, new NetworkFaults(), own.Time, new ProjectorOptions());
        RebuildResult result = await new ViewRebuild(projector, own.Store, own.Views, own.Time, new ProjectorOptions())
            .RunAsync(view, Purse.Stream("a"), TestContext.Current.CancellationToken);
        Assert.Equal(("a", 1, 2), (result.Key, result.Changed, result.Deleted));
        Assert.Equal(3, Assert.Single((await own.Views.ReadAsync(partition, ["view"], TestContext.Current.CancellationToken)).Documents).Seen["purse-a"]);
    }

    [Fact]
    public async Task What_is_applied_meanwhile_is_not_lost()
    {
        DocumentView<EventLog, PurseEvent> view = PurseViews.Document(ViewKey<PurseEvent>.Stream);
        Commit[] stream = world.Streams[1];
        await world.Projector().ApplyAsync(view, stream[..5], TestContext.Current.CancellationToken);
        await DamageAsync(view, "1");
        // The feed goes on in the moment before the rebuild writes.
        InterruptedViews views = new(world.Views, () => world.Projector().ApplyAsync(view, stream[5..], TestContext.Current.CancellationToken));

        await RebuildAsync(view, stream[0].Stream, views);

        world.Heal(view);
        world.CheckDocuments(view);
    }

    [Fact]
    public async Task A_commit_that_can_not_be_processed_leaves_everything_as_it_was()
    {
        DocumentView<EventLog, PurseEvent> good = PurseViews.Document(ViewKey<PurseEvent>.Stream);
        world.Heal(good);
        DocumentView<EventLog, PurseEvent> bad = new()
        {
            Name = good.Name,
            Version = good.Version,
            Sources = good.Sources,
            Key = good.Key,
            Initial = good.Initial,
            Apply = (_, e) => e.Version == 7 ? throw new InvalidOperationException("no") : good.Initial(),
            Json = good.Json,
        };

        PoisonException poison = await Assert.ThrowsAsync<PoisonException>(() => RebuildAsync(bad, world.Streams[1][0].Stream));

        Assert.Equal(7, poison.Version);
        world.CheckDocuments(good);
    }

    [Fact]
    public async Task A_stream_that_is_not_there_or_names_no_key_feeds_nothing()
    {
        DocumentView<EventLog, PurseEvent> view = PurseViews.Document(PurseViews.ByLabel);

        Assert.Equal("", (await RebuildAsync(view, StreamName.Create("purse", "77"))).Key);
        Assert.Equal("", (await RebuildAsync(view, world.Streams[2][0].Stream)).Key);
    }

    [Fact]
    public async Task Totals_can_not_be_rebuilt_for_one_stream() =>
        Assert.Contains(
            "Raise its version",
            (await Assert.ThrowsAsync<VersionChangeException>(() => RebuildAsync(PurseViews.Totals, world.Streams[0][0].Stream))).Message,
            StringComparison.Ordinal);

    private Task<RebuildResult> RebuildAsync(IProjection view, StreamName stream, IViewStore? views = null)
    {
        Projector projector = world.Projector(views);
        ViewRebuild rebuild = new(projector, world.Store, views ?? world.Views, TimeProvider.System, new ProjectorOptions());
        return rebuild.RunAsync(view, stream, TestContext.Current.CancellationToken);
    }

    private async Task DamageAsync(DocumentView<EventLog, PurseEvent> view, string key)
    {
        ViewPartition partition = new(view.Name, view.Version, key);
        ViewRead read = await world.Views.ReadAsync(partition, ["view"], TestContext.Current.CancellationToken);
        await world.Views.TryWriteAsync(
            partition, [read.Documents[0] with { Data = """{"events":{}}"""u8.ToArray() }], TestContext.Current.CancellationToken);
    }

    private static string Line(int number) => number.ToString("D10", CultureInfo.InvariantCulture);

    private sealed class InterruptedViews(IViewStore inner, Func<Task> interruption) : IViewStore
    {
        private bool isInterrupted;

        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            inner.ReadAsync(partition, ids, cancellationToken);

        public async Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
        {
            if (!isInterrupted)
            {
                isInterrupted = true;
                await interruption();
            }
            return await inner.TryWriteAsync(partition, documents, cancellationToken);
        }

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }
}
