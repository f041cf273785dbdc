using System.Diagnostics;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>How what was done because of a commit leads back to the command behind it.</summary>
public sealed class ConsumerTelemetryTests : IDisposable
{
    private readonly string name = $"log{Guid.NewGuid():N}";
    private readonly Listening listening;

    public ConsumerTelemetryTests() => listening = new Listening($"{name}@1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => listening.Dispose();

    [Fact]
    public async Task A_projection_links_to_the_command_of_every_commit_of_its_batch()
    {
        Commit[] commits = [CommitOf("a", SpanOf(1)), CommitOf("b", SpanOf(2)), CommitOf("a", SpanOf(3), 2)];
        Activity.Current = null; // A feed knows nothing of the requests.

        ProjectionResult result = await ApplyAsync(commits);

        Activity[] writes = [.. listening.Spans];
        Assert.Equal([$"process {name}@1", $"process {name}@1"], writes.Select(w => w.DisplayName)); // One for each document.
        Assert.Equal(
            new[] { SpanOf(1), SpanOf(2), SpanOf(3) }.Order(),
            writes.SelectMany(w => w.Links).Select(l => $"00-{l.Context.TraceId}-{l.Context.SpanId}-01").Order());
        Activity a = writes.Single(w => w.Links.Count() == 2);
        Assert.Equal(ActivityKind.Consumer, a.Kind);
        Assert.NotEqual(listening.Root.TraceId, a.TraceId); // Linked, and not a part of it.
        Assert.Equal(
            [
                ("messaging.batch.message_count", "2"), ("messaging.consumer.group.name", $"{name}@1"), ("messaging.destination.name", "events"),
                ("messaging.operation.name", "process"), ("messaging.operation.type", "process"), ("messaging.system", "change_feed"),
                ("serverless.events", "2"), ("serverless.request_charge", "0"), ("serverless.stream", "purse-a"),
            ],
            a.TagObjects.Select(t => (t.Key, $"{t.Value}")).Order());
        Assert.Equal(3, result.Events);
        Assert.Equal(["0 {request_unit}", "0 {request_unit}"], listening.Measured("serverless.consumer.event_charge"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("no trace")]
    public async Task A_commit_without_a_trace_is_projected_without_a_link(string? traceParent)
    {
        Assert.Equal(1, (await ApplyAsync([CommitOf("a", traceParent)])).Events);

        Assert.Empty(Assert.Single(listening.Spans).Links);
    }

    [Fact]
    public async Task A_span_has_as_many_links_as_an_exporter_keeps_and_no_more()
    {
        Commit[] commits = [.. Enumerable.Range(1, 200).Select(i => CommitOf("a", SpanOf(i), i))];

        await ApplyAsync(commits);

        Assert.Equal(128, Assert.Single(listening.Spans).Links.Count());
    }

    [Fact]
    public async Task A_commit_that_can_not_be_processed_ends_its_span_with_the_class_of_the_error()
    {
        await Assert.ThrowsAsync<PoisonException>(() => ApplyAsync([CommitOf("a", SpanOf(1))], _ => throw new FormatException("of alice")));

        Activity span = Assert.Single(listening.Spans);
        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
        Assert.Equal("System.FormatException", span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task A_step_of_a_process_links_to_the_command_that_led_to_it_and_is_what_its_commit_keeps()
    {
        InMemoryEventStore store = new();
        AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection> purses = new(Purse.Definition, store, TimeProvider.System, new CommandHandlerOptions());
        ProcessManager<PurseEvent> copy = new()
        {
            Name = "copy",
            Version = 1,
            Start = StartPoint.FromBeginning,
            Steps = ["copied"],
            Sources = [EventSource<PurseEvent>.Of(Purse.Definition)],
            React = _ => [new ProcessStep("copied", Purse.Stream("target"), new Add(1))],
        };
        ProcessConsumer process = ConsumerWorld.Process(copy, purses, new InMemoryFenceStore(), TimeProvider.System);
        Activity.Current = null;

        await new Projector(store, new InMemoryViewStore(), new NetworkFaults(), TimeProvider.System, new ProjectorOptions())
            .ApplyAsync(process, [CommitOf("a", SpanOf(1))], Token);

        Activity step = listening.Spans.Single(s => s.DisplayName == "step copy.copied");
        Assert.Equal(SpanOf(1), $"00-{step.Links.Single().Context.TraceId}-{step.Links.Single().Context.SpanId}-01");
        Assert.Equal(("purse-target", "command-1"), (step.GetTagItem("serverless.stream"), step.GetTagItem("messaging.message.conversation_id")));
        Assert.Equal(listening.Spans.Single(s => s.DisplayName == "process copy@1").SpanId, step.ParentSpanId);
    }

    [Fact]
    public async Task A_command_of_the_inbox_links_to_the_request_that_brought_it()
    {
        InboxWorld world = new();
        InboxCommand template = await world.AddAsync("other", new Add(1), purse: "b");
        await world.Inbox.TryAddAsync(template with { Stream = Purse.Stream("a"), CommandId = "one", TraceParent = SpanOf(7) }, Token);

        await world.Host().HandleAsync(world.Changes(), Token);

        Activity execution = listening.Spans.Single(s => s.DisplayName == "process inbox@1" && s.Links.Any());
        Assert.Equal((ActivityKind.Consumer, "commands"), (execution.Kind, execution.GetTagItem("messaging.destination.name")));
        Assert.Equal(SpanOf(7), $"00-{execution.Links.Single().Context.TraceId}-{execution.Links.Single().Context.SpanId}-01");
        Activity executed = listening.Spans.Single(s => s.DisplayName == "execute purse.add" && s.ParentSpanId == execution.SpanId);
        Assert.Equal("accepted", executed.GetTagItem("serverless.command.outcome"));
    }

    private string SpanOf(int request) => $"00-{listening.Root.TraceId}-{request:x16}-01";

    private static Commit CommitOf(string purse, string? traceParent, int version = 1) =>
        History.Of(Purse.Definition, purse).Commit(new Added(1)).Commits[0] is var commit
            ? commit with { FirstVersion = version, Metadata = commit.Metadata with { TraceParent = traceParent } }
            : throw new UnreachableException();

    private Task<ProjectionResult> ApplyAsync(IReadOnlyList<Commit> commits, Func<EventEnvelope<PurseEvent>, EventCount>? apply = null)
    {
        DocumentView<EventCount, PurseEvent> view = new()
        {
            Name = name,
            Version = 1,
            Sources = [EventSource<PurseEvent>.Of(Purse.Definition)],
            Key = ViewKey<PurseEvent>.Stream,
            Initial = () => new EventCount(0, 0),
            Apply = (count, envelope) => apply is null ? count : apply(envelope),
            Json = PurseViewsJson.Default.EventCount,
        };
        return new Projector(new InMemoryEventStore(), new InMemoryViewStore(), new NetworkFaults(), TimeProvider.System, new ProjectorOptions()).ApplyAsync(view, commits, Token);
    }
}
