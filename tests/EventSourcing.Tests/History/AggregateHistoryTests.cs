using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>A purse: 4 put in one by one at nine, 3 taken at ten, labelled at eleven.</summary>
public sealed class AggregateHistoryTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private static readonly StreamName Stream = Purse.Stream("1");

    private readonly InMemoryEventStore store = new();
    private readonly FakeTimeProvider time = new(Nine);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PurseInstance purse = new(store, time: time, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 2)));
        await purse.CommitAsync(new AddOneByOne(4));
        time.Advance(TimeSpan.FromHours(1));
        await purse.CommitAsync(new Take(3));
        time.Advance(TimeSpan.FromHours(1));
        await purse.CommitAsync(new Label("bread"));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(0, 0, """{"total":0,"label":""}""")]
    [InlineData(2, 2, """{"total":2,"label":""}""")] // In the middle of a commit.
    [InlineData(5, 5, """{"total":1,"label":""}""")]
    [InlineData(6, 6, """{"total":1,"label":"bread"}""")]
    [InlineData(99, 6, """{"total":1,"label":"bread"}""")]
    public async Task The_state_after_so_many_events(long version, long reached, string state) =>
        Assert.Equal((reached, state), await StateAsync(StreamPoint.At(version)));

    [Theory]
    [InlineData(-1, 0, """{"total":0,"label":""}""")]
    [InlineData(0, 4, """{"total":4,"label":""}""")]
    [InlineData(59, 4, """{"total":4,"label":""}""")]
    [InlineData(60, 5, """{"total":1,"label":""}""")]
    [InlineData(1_000, 6, """{"total":1,"label":"bread"}""")]
    public async Task The_state_at_an_instant(int minutesAfterNine, long reached, string state) =>
        Assert.Equal((reached, state), await StateAsync(StreamPoint.At(Nine.AddMinutes(minutesAfterNine))));

    [Fact]
    public async Task The_end_is_the_state_that_decisions_are_made_on() =>
        Assert.Equal((6, """{"total":1,"label":"bread"}"""), await StateAsync(StreamPoint.End));

    [Fact]
    public async Task Every_event_is_explained_by_what_it_changed()
    {
        List<string> told = [];
        await foreach (ExplainedEvent e in Of(Purse.Definition).ExplainAsync(Stream, fromVersion: 4, Token))
        {
            told.Add($"{e.Version} {e.Commit.Metadata.CommandType} {e.Stored.Type} {Text(e.Before)} {Text(e.After)} "
                + string.Join(", ", e.Changes.Select(c => $"{c.Path}: {Text(c.Before!.Value)} > {Text(c.After!.Value)}")));
        }

        Assert.Equal(
            [
                """4 add-one-by-one purse.added {"total":3,"label":""} {"total":4,"label":""} $.total: 3 > 4""",
                """5 take purse.taken {"total":4,"label":""} {"total":1,"label":""} $.total: 4 > 1""",
                """6 label purse.labelled {"total":1,"label":""} {"total":1,"label":"bread"} $.label: "" > "bread" """.TrimEnd(),
            ],
            told);
    }

    [Fact]
    public async Task A_command_is_tried_on_the_state_of_a_point_and_nothing_is_written()
    {
        Trial.Accepted then = Assert.IsType<Trial.Accepted>(await TryAsync(StreamPoint.At(4), "take", """{"amount":2}"""));
        Trial.Rejected now = Assert.IsType<Trial.Rejected>(await TryAsync(StreamPoint.End, "take", """{"amount":2}"""));
        Trial.Accepted nothing = Assert.IsType<Trial.Accepted>(await TryAsync(StreamPoint.End, "fill-up-to", """{"total":1}"""));

        Assert.Equal((4, "purse.taken", """{"amount":2}"""), (then.Version, then.Events.Single().Type, Text(then.Events.Single().Data)));
        Assert.Equal("""{"total":2,"label":""}""", Text(then.State));
        Assert.Equal((6, Purse.NotEnough), (now.Version, now.Reason));
        Assert.Empty(nothing.Events);
        Assert.Equal(6, (await store.ReadHeadAsync(Stream, Token)).Version);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_or_does_not_bind_is_named()
    {
        Assert.Equal(new Trial.Unknown(Stream, 6, "give"), await TryAsync(StreamPoint.End, "give", "{}"));
        Trial.Invalid invalid = Assert.IsType<Trial.Invalid>(await TryAsync(StreamPoint.End, "add", """{"amount":0}"""));
        Assert.Equal(new ValidationError("$.amount", "An amount is at least 1."), Assert.Single(invalid.Errors));
    }

    [Fact]
    public async Task Rules_that_throw_or_make_too_much_are_a_trial_that_failed()
    {
        IAggregateHistory broken = Of(Purse.With(snapshots: null, (_, _) => throw new InvalidOperationException("No rule.")));

        Trial thrown = await broken.TryAsync(Stream, StreamPoint.End, "add", """{"amount":1}"""u8.ToArray(), Token);
        Trial many = await TryAsync(StreamPoint.End, "add-one-by-one", """{"count":1001}""");
        Trial large = await TryAsync(StreamPoint.End, "label", $$"""{"text":"{{new string('x', Limits.MaxCommitBytes)}}"}""");

        Assert.Equal(new Trial.Failed(Stream, 6, "The code of 'purse' failed: InvalidOperationException: No rule."), thrown);
        Assert.Equal(new Trial.Failed(Stream, 6, "It made 1001 events; 1000 are the limit."), many);
        Assert.Equal(new Trial.Failed(Stream, 6, "Its events have 2080779 bytes; a commit has 2080768 at most."), large);
    }

    private async Task<(long Version, string State)> StateAsync(StreamPoint point)
    {
        StateDocument state = await Of(Purse.Definition).ReadStateAsync(Stream, point, Token);
        return (state.Version, Text(state.State));
    }

    private Task<Trial> TryAsync(StreamPoint point, string command, string body) =>
        Of(Purse.Definition).TryAsync(Stream, point, command, Encoding.UTF8.GetBytes(body), Token);

    private IAggregateHistory Of(Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate, IEventStore? from = null) =>
        new BoundedContext().Add(aggregate).Bind(from ?? store, time, new CommandHandlerOptions())["purse"].History;

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);
}
