using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

/// <summary>What the store does not name as a fault of its own, and what comes back for one stream, parks that stream and no other.</summary>
public sealed class PoisonRuleTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["document", "header", "entry", "totals"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_view_value_that_can_t_be_serialized_parks_its_stream(string kind)
    {
        IProjection view = Averages(kind);
        List<Commit> commits = [await world.AddAsync("b", 4)];
        foreach (int amount in (int[])[1, 2, 3, 13, 5])
        {
            commits.Add(await world.AddAsync("a", amount));
        }

        await world.HandleAsync(view, commits);
        await world.HandleAsync(view, await world.AddAsync("b", 6));

        ParkedStream record = Assert.Single((await world.Parked.ListAsync(view.FullName, 10, continuation: null, Cancellation)).Items);
        Assert.Equal(("purse-a", ParkedStatus.Parked, 4L, 5L, "correlation-a-4"), (record.Stream, record.Status, record.FromVersion, record.ThroughVersion, record.CorrelationId));
        Assert.Equal(typeof(ArgumentException).FullName, record.ErrorType);
        Assert.Contains("TryApplyAsync", record.StackTrace, StringComparison.Ordinal);
        Assert.Equal((3L, 2L), (await SeenAsync(view, "a"), await SeenAsync(view, "b")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_commit_that_a_view_reads_itself_is_found_as_well(string kind)
    {
        IProjection view = Averages(kind);
        foreach (int amount in (int[])[1, 2, 13, 4])
        {
            await world.AddAsync("a", amount);
        }

        await world.HandleAsync(view, await world.AddAsync("a", 5)); // The others were never delivered.

        ParkedStream? record = await world.RecordAsync(view, "a");
        Assert.Equal((ParkedStatus.Parked, 3L, 5L), (record!.Status, record.FromVersion, record.ThroughVersion));
        Assert.Equal(2, await SeenAsync(view, "a"));
    }

    [Fact]
    public async Task A_stored_view_that_today_s_class_can_t_read_parks_the_streams_that_feed_it()
    {
        ViewDocument stored = new()
        {
            Id = ViewDocument.SingleId,
            Kind = ViewKind.View,
            Seen = new Dictionary<string, long> { ["purse-a"] = 1 },
            Data = """{"madeBy":"another class"}"""u8.ToArray(),
        };
        await world.AddAsync("a", 1);
        await world.Views.TryWriteAsync(new ViewPartition("log", 1, "a"), [stored], Cancellation);

        await world.HandleAsync(FailingViews.Log(), await world.AddAsync("a", 2), await world.AddAsync("b", 3));

        Assert.Equal((ParkedStatus.Parked, 2L), ((await world.RecordAsync(FailingViews.Log(), "a"))!.Status, (await world.RecordAsync(FailingViews.Log(), "a"))!.FromVersion));
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
    }

    [Fact]
    public async Task A_gap_in_the_target_of_a_process_parks_the_stream_that_led_to_it()
    {
        AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection> endpoint = new(
            Purse.Definition, world.Store, world.Time, new CommandHandlerOptions());
        ProcessManager<PurseEvent> manager = new()
        {
            Name = "copy",
            Version = 1,
            Start = StartPoint.FromBeginning,
            Steps = ["copied"],
            Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
            React = e => [new ProcessStep("copied", Purse.Stream($"copy-of-{e.Stream.Id}"), new Add(1))],
        };
        ProcessConsumer process = world.Process(manager, endpoint);
        foreach (int amount in (int[])[1, 2, 3])
        {
            await world.AddAsync("copy-of-a", amount);
        }
        world.Store.Deleted.Add(("purse-copy-of-a", 2));

        await world.HandleAsync(process, await world.AddAsync("a", 1), await world.AddAsync("b", 1));

        ParkedStream? record = await world.RecordAsync(process, "a");
        Assert.Equal((ParkedStatus.Parked, typeof(StreamGapException).FullName), (record!.Status, record.ErrorType));
        Assert.Null(await world.RecordAsync(process, "b"));
        Assert.Equal(1, (await world.Store.ReadHeadAsync(Purse.Stream("copy-of-b"), Cancellation)).Version);
    }

    [Fact]
    public async Task A_cancellation_that_the_user_s_function_makes_up_is_poison()
    {
        DocumentView<EventLog, PurseEvent> view = PurseViews.Document(
            ViewKey<PurseEvent>.Stream, (log, e) => e.Event is Added { Amount: 13 } ? throw new OperationCanceledException() : log.With(e));

        await world.HandleAsync(view, await world.AddAsync("a", 13), await world.AddAsync("b", 1));

        Assert.Equal(ParkedStatus.Parked, (await world.RecordAsync(view, "a"))?.Status);
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
    }

    public static TheoryData<Exception> Faults =>
    [
        new TimeoutException(), new HttpRequestException(), new IOException(), new OperationCanceledException(), new ObjectDisposedException("client"),
        new ViewContentionException(new ViewPartition("log", 1, "a"), 1),
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_the_store_is_thrown_and_parks_nothing(Exception fault)
    {
        FaultyViews views = new(world.Views, fault);
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("b", 1)];

        Exception? thrown = await Record.ExceptionAsync(
            () => world.Runner(views: views).HandleAsync(FailingViews.Log(), [.. commits.Select(Delivery.Of)], Cancellation));

        Assert.Same(fault, thrown);
        Assert.Empty((await world.Parked.ListAsync("log@1", 10, continuation: null, Cancellation)).Items);
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b")); // It had nothing to do with the fault.
    }

    [Fact]
    public async Task What_the_store_does_not_call_a_fault_parks_one_stream()
    {
        FaultyViews views = new(world.Views, new InvalidOperationException("400: the document is not accepted"));

        await world.Runner(views: views).HandleAsync(
            FailingViews.Log(), [Delivery.Of(await world.AddAsync("a", 1)), Delivery.Of(await world.AddAsync("b", 1))], Cancellation);

        Assert.Equal(ParkedStatus.Parked, (await world.RecordAsync(FailingViews.Log(), "a"))?.Status);
        Assert.Equal(ConsumerWorld.Events("b", 1), await world.EventsAsync("b"));
    }

    private async Task<long> SeenAsync(IProjection view, string id)
    {
        string key = view.KeyOf(Purse.Stream(id))!;
        ViewRead read = await world.Views.ReadAsync(new ViewPartition(view.Name, view.Version, key), [view.FenceOf(Purse.Stream(id))], Cancellation);
        return Assert.Single(read.Documents).Seen[$"purse-{id}"];
    }

    /// <summary>Views with an average that is 0/0 when 13 is added.</summary>
    private static IProjection Averages(string kind)
    {
        IReadOnlyList<EventSource<PurseEvent>> sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)];
        Average initial = new(0);
        return kind switch
        {
            "document" => new DocumentView<Average, PurseEvent>
            {
                Name = kind,
                Version = 1,
                Sources = sources,
                Key = ViewKey<PurseEvent>.Stream,
                Initial = () => initial,
                Apply = Next,
                Json = AverageJson.Default.Average,
            },
            "totals" => new TotalsView<Average, PurseEvent>
            {
                Name = kind,
                Version = 1,
                Sources = sources,
                DocumentOf = e => e.Stream.Id,
                Initial = () => initial,
                Apply = Next,
                Json = AverageJson.Default.Average,
            },
            _ => new EntriesView<Average, Average, PurseEvent>
            {
                Name = kind,
                Version = 1,
                Sources = sources,
                Key = ViewKey<PurseEvent>.Stream,
                Initial = () => initial,
                Apply = (header, e) => kind == "header" ? (Next(header, e), initial) : (header, Next(header, e)),
                HeaderJson = AverageJson.Default.Average,
                EntryJson = AverageJson.Default.Average,
            },
        };
    }

    private static Average Next(Average average, EventEnvelope<PurseEvent> envelope) =>
        envelope.Event is Added { Amount: 13 } ? new Average(double.NaN) : new Average(average.Value + 1);

    /// <summary>Every call about the view of purse a fails.</summary>
    private sealed class FaultyViews(IViewStore inner, Exception error) : IViewStore
    {
        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            partition.Key == "a" ? throw error : inner.ReadAsync(partition, ids, cancellationToken);

        public Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            partition.Key == "a" ? throw error : inner.TryWriteAsync(partition, documents, cancellationToken);

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }
}

public sealed record Average(double Value);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(Average))]
internal sealed partial class AverageJson : JsonSerializerContext;
