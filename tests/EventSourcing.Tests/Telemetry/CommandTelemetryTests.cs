using System.Diagnostics;

namespace Serverless.EventSourcing.Tests;

public sealed class CommandTelemetryTests : IDisposable
{
    // No other test has this category, so its measurements are these.
    private readonly string category = $"c{Guid.NewGuid():N}";
    private readonly InMemoryEventStore store = new();
    private readonly Listening listening;
    private int sent;

    public CommandTelemetryTests() => listening = new Listening(category);

    public void Dispose() => listening.Dispose();

    [Fact]
    public async Task A_command_is_a_span_with_its_load_decision_and_append_inside()
    {
        await SendAsync(Handler(), new Add(1));

        Activity command = listening.Spans[^1];
        Assert.Equal($"execute {category}.add", command.DisplayName);
        Assert.Equal(listening.Root.SpanId, command.ParentSpanId);
        Assert.Equal([$"load {category}", $"decide {category}", $"append {category}"], listening.Spans.SkipLast(1).Select(s => s.DisplayName));
        Assert.All(listening.Spans.SkipLast(1), s => Assert.Equal(command.SpanId, s.ParentSpanId));
        Assert.Equal(
            [
                ("serverless.category", category), ("serverless.command.attempts", "1"), ("serverless.command.name", "add"),
                ("serverless.command.outcome", "accepted"), ("serverless.request_charge", "0"), ("serverless.stream", $"{category}-1"),
                ("serverless.stream.version", "1"),
            ],
            command.TagObjects.Select(t => (t.Key, $"{t.Value}")).Order());
        Assert.Same(listening.Root, Activity.Current); // The caller's context is as it was.
    }

    [Fact]
    public async Task A_commit_keeps_the_span_of_its_command()
    {
        CommandOutcome.Accepted accepted = Assert.IsType<CommandOutcome.Accepted>(await SendAsync(Handler(), new Add(1)));

        Assert.Equal(listening.Spans[^1].Id, accepted.Commit!.Metadata.TraceParent);
    }

    [Fact]
    public async Task Commands_are_counted_by_outcome_and_lookups_by_result()
    {
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> handler = Handler();
        await SendAsync(handler, new Add(5));
        await SendAsync(handler, new Take(9));
        await SendAsync(handler, new FillUpTo(1));
        await SendAsync(handler, new Add(1), id: "same");
        await SendAsync(handler, new Add(1), id: "same");
        await SendAsync(handler, new Add(1), ifMatch: 99);

        Assert.Equal(
            [
                "1 {command} add,accepted", "1 {command} take,rejected", "1 {command} fill-up-to,unchanged", "1 {command} add,accepted",
                "1 {command} add,repeated", "1 {command} add,wrong_version",
            ],
            listening.Measured("serverless.commands"));
        Assert.Equal(["s add,accepted", "s take,rejected"], listening.Measured("serverless.command.duration", withValue: false).Take(2));
        Assert.Equal("0 {request_unit} add,accepted", listening.Measured("serverless.command.request_charge").First());
        Assert.Equal(["1 {lookup} miss", "1 {lookup} hit"], listening.Measured("serverless.cache.lookups").Distinct());
        Assert.Equal(6, listening.Values("serverless.cache.lookups").Count);
        Assert.Equal(
            ["serverless.cache.result", "serverless.category", "serverless.command.name", "serverless.command.outcome"], listening.TagNames);
    }

    [Fact]
    public async Task A_lost_race_is_a_conflict_a_retry_and_a_second_window()
    {
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> fast = Handler();
        RecordingStore slowStore = new(store) { BeforeAppend = n => n == 1 ? SendAsync(fast, new Add(1)) : Task.CompletedTask };
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> slow = Handler(slowStore);

        await SendAsync(slow, new Take(0));

        Assert.Equal(["1 {conflict} take"], listening.Measured("serverless.command.conflicts"));
        Assert.Equal(["1 {retry} take"], listening.Measured("serverless.command.retries"));
        Assert.Equal(["s", "s", "s"], listening.Measured("serverless.command.collision_window", withValue: false)); // The fast one's too.
        Assert.All(listening.Values("serverless.command.collision_window"), seconds => Assert.InRange(seconds, 0, 60));
        Activity command = listening.Spans.Single(s => s.DisplayName == $"execute {category}.take");
        Assert.Equal(2, command.GetTagItem("serverless.command.attempts"));
        Assert.Equal(2, listening.Spans.Count(s => s.DisplayName == $"decide {category}" && s.ParentSpanId == command.SpanId));
    }

    [Fact]
    public async Task A_fault_of_the_store_is_told_by_its_class_and_not_by_its_message()
    {
        RecordingStore broken = new(store) { BeforeAppend = _ => throw new TimeoutException("of alice") };

        await Assert.ThrowsAsync<TimeoutException>(() => SendAsync(Handler(broken), new Add(1)));

        Activity command = listening.Spans[^1];
        Assert.Equal((ActivityStatusCode.Error, null), (command.Status, command.StatusDescription));
        Assert.Equal("System.TimeoutException", command.GetTagItem("error.type"));
        Assert.Equal(["1 {command} add,fault"], listening.Measured("serverless.commands"));
        Assert.DoesNotContain(listening.Spans.SelectMany(s => s.TagObjects), t => $"{t.Value}".Contains("alice", StringComparison.Ordinal));
    }

    private CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> Handler(IEventStore? with = null) =>
        new(
            new Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection>
            {
                Category = category,
                Initial = Purse.Definition.Initial,
                Decide = Purse.Decide,
                Evolve = Purse.Evolve,
                Events = Purse.Codec,
                Commands = Purse.Definition.Commands,
                Describe = Purse.Definition.Describe,
                StateJson = Purse.Definition.StateJson,
            },
            with ?? store, TimeProvider.System, new CommandHandlerOptions { FirstBackoff = TimeSpan.Zero });

    private Task<CommandOutcome> SendAsync(
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> handler, PurseCommand command, string? id = null, long? ifMatch = null) =>
        handler.ExecuteAsync(
            StreamName.Create(category, "1"),
            command,
            new CommandContext { CommandId = id ?? $"{sent++}", MayBeRepeated = id is not null, ExpectedVersion = ifMatch, Actor = "test" },
            TestContext.Current.CancellationToken);
}
