using System.Text;

namespace Serverless.EventSourcing.Tests;

/// <summary>A commit that can't be processed is reported with its place, and what is good before it is in the view.</summary>
public sealed class PoisonTests
{
    private static readonly ViewKey<PurseEvent> PerStream = ViewKey<PurseEvent>.Stream;

    public static TheoryData<string> Views => ["document", "entries", "totals"];

    [Theory]
    [MemberData(nameof(Views))]
    public async Task An_event_that_can_t_be_read(string kind)
    {
        ViewWorld world = new([[[Added(1)], [Added(2), new StoredEvent("purse.lost", 1, "{}"u8.ToArray())], [Added(3)]]]);

        PoisonException poison = await ApplyAsync(world, Good(kind));

        Assert.Equal((Purse.Stream("0"), 3L, "command-2"), (poison.Stream, poison.Version, poison.CorrelationId));
        Assert.IsType<EventDecodeException>(poison.InnerException);
        Assert.Equal(1, await SeenAsync(world, kind)); // A commit with an event that can't be read is not touched.
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_function_that_throws(string kind)
    {
        ViewWorld world = new([[[Added(1)], [Added(2)], [Added(13)], [Added(4)]]]);

        PoisonException poison = await ApplyAsync(world, ThrowingAt13(kind));

        Assert.Equal((Purse.Stream("0"), 3L), (poison.Stream, poison.Version));
        Assert.Equal("unlucky", poison.InnerException?.Message);
        Assert.Equal(2, await SeenAsync(world, kind));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task What_failed_once_is_applied_once_when_the_function_is_repaired(string kind)
    {
        ViewWorld world = new([[[Added(1)], [Added(2), Added(13), Added(5)], [Added(4)]]]);
        await ApplyAsync(world, ThrowingAt13(kind));

        await world.Projector().ApplyAsync(Good(kind), [world.Commits[^1]], TestContext.Current.CancellationToken);

        Check(world, kind);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_hole_in_the_store_itself(string kind)
    {
        ViewWorld world = new([[[Added(1)], [Added(2)]]]);
        Commit beyond = world.Commits[1] with { FirstVersion = 9 };

        PoisonException poison = await Assert.ThrowsAsync<PoisonException>(
            () => world.Projector().ApplyAsync(Good(kind), [beyond], TestContext.Current.CancellationToken));

        StreamGapException gap = Assert.IsType<StreamGapException>(poison.InnerException);
        Assert.Equal((3L, 9L), (gap.ExpectedVersion, gap.ActualVersion));
        Assert.Equal(2, await SeenAsync(world, kind));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("seen~purse-0")] // The platform's own.
    public async Task An_id_that_is_none(string id)
    {
        ViewWorld world = new([[[Added(1)]]]);
        TotalsView<EventCount, PurseEvent> view = Totals(PurseViews.Next, _ => id);

        PoisonException poison = await ApplyAsync(world, view);

        Assert.Equal(1, poison.Version);
        Assert.Contains($"'{id}'", poison.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_none()
    {
        ViewWorld world = new([[[Added(1)], [Added(2)]]]);
        DocumentView<EventLog, PurseEvent> view = PurseViews.Document(
            ViewKey<PurseEvent>.NamedBy(e => e.Version == 2 ? new string('k', ViewLimits.MaxKeyBytes + 1) : null));

        Assert.Equal(2, (await ApplyAsync(world, view)).Version);
    }

    [Fact]
    public async Task One_event_that_makes_more_documents_than_a_write_may_have()
    {
        EventCodec<PurseEvent> codec = new EventCodecBuilder<PurseEvent>()
            .Add("purse.added", 1, PurseJson.Default.Added)
            .Retire<Taken>()
            .Retire<Labelled>()
            .Upcast("purse.rained", 1, _ => Enumerable.Range(0, 100).Select(n => new RawEvent("purse.added", 1, new() { ["amount"] = n })))
            .Build();
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate = new()
        {
            Category = "purse",
            Initial = Purse.Definition.Initial,
            Decide = Purse.Decide,
            Evolve = Purse.Evolve,
            Events = codec,
            Commands = Purse.Definition.Commands,
            Describe = Purse.Definition.Describe,
            StateJson = PurseJson.Default.PurseState,
        };
        ViewWorld world = new([[[Added(1)], [new StoredEvent("purse.rained", 1, "{}"u8.ToArray())]]]);

        Assert.Equal(2, (await ApplyAsync(world, Entries(PurseViews.Next, aggregate))).Version);
        Assert.Equal(1, await SeenAsync(world, "entries"));
        Assert.Equal(2, (await ApplyAsync(world, Totals(PurseViews.Next, PurseViews.DocumentOf, aggregate))).Version);
        Assert.Equal(1, await SeenAsync(world, "totals"));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Only_its_own_stream_waits_when_the_others_are_given_without_it(string kind)
    {
        ViewWorld world = new([[[Added(1)], [Added(13)]], [[Added(1)], [Added(2)]]]);
        await ApplyAsync(world, ThrowingAt13(kind));

        await world.Projector().ApplyAsync(ThrowingAt13(kind), world.Streams[1], TestContext.Current.CancellationToken);

        Assert.Equal(1, await SeenAsync(world, kind, "0"));
        Assert.Equal(2, await SeenAsync(world, kind, "1"));
    }

    private static async Task<PoisonException> ApplyAsync(ViewWorld world, IProjection view) =>
        await Assert.ThrowsAsync<PoisonException>(
            () => world.Projector().ApplyAsync(view, world.Commits, TestContext.Current.CancellationToken));

    private static async Task<long> SeenAsync(ViewWorld world, string kind, string stream = "0")
    {
        (ViewPartition partition, string document) = kind switch
        {
            "document" => (new ViewPartition("log", 1, stream), ViewDocument.SingleId),
            "entries" => (new ViewPartition("lines", 1, stream), ViewDocument.SingleId),
            _ => (new ViewPartition("totals", 1, "all"), $"seen~purse-{stream}"),
        };
        ViewRead read = await world.Views.ReadAsync(partition, [document], TestContext.Current.CancellationToken);
        return Assert.Single(read.Documents).Seen[$"purse-{stream}"];
    }

    private static void Check(ViewWorld world, string kind)
    {
        switch (kind)
        {
            case "document":
                world.CheckDocuments(PurseViews.Document(PerStream));
                break;
            case "entries":
                world.CheckEntries(PurseViews.Entries(PerStream));
                break;
            default:
                world.CheckTotals(PurseViews.Totals);
                break;
        }
    }

    private static IProjection Good(string kind) => kind switch
    {
        "document" => PurseViews.Document(PerStream),
        "entries" => PurseViews.Entries(PerStream),
        _ => PurseViews.Totals,
    };

    private static IProjection ThrowingAt13(string kind) => kind switch
    {
        "document" => new DocumentView<EventLog, PurseEvent>
        {
            Name = "log",
            Version = 1,
            Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
            Key = PerStream,
            Initial = () => EventLog.Empty,
            Apply = (log, envelope) => envelope.Event is Added { Amount: 13 } ? throw new InvalidOperationException("unlucky") : log.With(envelope),
            Json = PurseViewsJson.Default.EventLog,
        },
        "entries" => Entries(NextUnlessAt13, PurseViews.Aggregate),
        _ => Totals(NextUnlessAt13, PurseViews.DocumentOf),
    };

    private static EventCount NextUnlessAt13(EventCount count, EventEnvelope<PurseEvent> envelope) =>
        envelope.Event is Added { Amount: 13 } ? throw new InvalidOperationException("unlucky") : PurseViews.Next(count, envelope);

    private static EntriesView<EventCount, EventLine, PurseEvent> Entries(
        Func<EventCount, EventEnvelope<PurseEvent>, EventCount> next, Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate) => new()
        {
            Name = "lines",
            Version = 1,
            Sources = [EventSource<PurseEvent>.Of(aggregate)],
            Key = PerStream,
            Initial = () => new EventCount(0, 0),
            Apply = (count, envelope) => (next(count, envelope), new EventLine(envelope.EventId, count.Count)),
            HeaderJson = PurseViewsJson.Default.EventCount,
            EntryJson = PurseViewsJson.Default.EventLine,
        };

    private static TotalsView<EventCount, PurseEvent> Totals(
        Func<EventCount, EventEnvelope<PurseEvent>, EventCount> next,
        Func<EventEnvelope<PurseEvent>, string?> documentOf,
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection>? aggregate = null) => new()
        {
            Name = "totals",
            Version = 1,
            Sources = [EventSource<PurseEvent>.Of(aggregate ?? PurseViews.Aggregate)],
            DocumentOf = documentOf,
            Initial = () => new EventCount(0, 0),
            Apply = next,
            Json = PurseViewsJson.Default.EventCount,
        };

    private static StoredEvent Added(int amount) => new("purse.added", 1, Encoding.UTF8.GetBytes($$"""{"amount":{{amount}}}"""));
}
