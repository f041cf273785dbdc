using System.Text;
using Microsoft.Extensions.Time.Testing;
using PurseAggregate = Serverless.EventSourcing.Aggregate<
    Serverless.EventSourcing.Tests.PurseCommand, Serverless.EventSourcing.Tests.PurseState,
    Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;
using PurseDecision = Serverless.EventSourcing.Decision<Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;

namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Two registrations of one aggregate over one store: what one decided, the other decides again. A purse got 4, was refused 9, gave 3, was
/// refused 2, and got a label.
/// </summary>
public sealed class PastDecisionTests : IAsyncLifetime
{
    private static readonly StreamName Stream = Purse.Stream("1");

    private readonly InMemoryEventStore store = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private readonly InMemoryRefusedCommandStore refused;
    private readonly RefusedCommandRecorder recorder;

    public PastDecisionTests()
    {
        refused = new InMemoryRefusedCommandStore(time);
        recorder = new RefusedCommandRecorder(refused, new RefusedCommandOptions(), time, (_, fault) => Assert.Fail(fault.ToString()));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        IAggregateEndpoint old = new BoundedContext().Add(Purse.Definition).Bind(store, time, new CommandHandlerOptions(), recorder)["purse"];
        foreach ((string command, string body) in ((string, string)[])[
            ("add-one-by-one", """{"count":4}"""), ("take", """{"amount":9}"""), ("take", """{"amount":3}"""), ("take", """{"amount":2}"""),
            ("label", """{"text":"bread"}""")])
        {
            await old.ExecuteAsync(Stream, command, Encoding.UTF8.GetBytes(body), new CommandContext { CommandId = body, Actor = "test" }, Token);
        }
    }

    public ValueTask DisposeAsync()
    {
        recorder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Decisions_come_in_the_order_of_the_versions_they_were_made_on()
    {
        List<PastDecision> past = await PastAsync(Purse.Definition);

        Assert.Equal([(0, true), (4, false), (4, true), (5, false), (5, true)], past.Select(d => (d.Version, d.Commit is not null)));
        Assert.Equal(past.Select(d => d.Position).Order(StringComparer.Ordinal), past.Select(d => d.Position));
        Assert.All(past, d => Assert.True(d.Commit is null != d.Refused is null));
    }

    [Fact]
    public async Task Under_the_same_rules_every_decision_is_the_same_refusals_too() =>
        Assert.Equal(Enumerable.Repeat(Verdict.Same, 5), (await ReconsiderAsync(Purse.Definition)).Select(r => r.Verdict));

    [Fact]
    public async Task Rules_that_were_loosened_accept_what_was_refused_on_the_state_of_its_time()
    {
        // A debt of 5 is possible now.
        List<Reconsidered> found = await ReconsiderAsync(Purse.With(snapshots: null, (command, state) => command switch
        {
            Take c when c.Amount > state.Total + 5 => PurseDecision.Reject(PurseRejection.NotEnough),
            Take c => PurseDecision.Accept(new Taken(c.Amount)),
            _ => Purse.Decide(command, state),
        }));

        Assert.Equal([Verdict.Same, Verdict.NowAccepted, Verdict.Same, Verdict.NowAccepted, Verdict.Same], found.Select(r => r.Verdict));
        Trial.Accepted then = Assert.IsType<Trial.Accepted>(found[1].Today);
        Assert.Equal((4, """{"total":-5,"label":""}"""), (then.Version, Encoding.UTF8.GetString(then.State.Span)));
        // The first of them would have changed what the later ones met; each is decided on what was.
        Assert.Equal("""{"total":-1,"label":""}""", Encoding.UTF8.GetString(Assert.IsType<Trial.Accepted>(found[3].Today).State.Span));
    }

    [Fact]
    public async Task Rules_that_were_tightened_refuse_what_was_accepted_and_other_rules_make_other_events()
    {
        List<Reconsidered> found = await ReconsiderAsync(Purse.With(snapshots: null, (command, state) => command switch
        {
            AddOneByOne c => PurseDecision.Accept(new Added(c.Count)),
            Take c when state.Total - c.Amount < 2 => PurseDecision.Reject(PurseRejection.NotEnough),
            _ => Purse.Decide(command, state),
        }));

        Assert.Equal([Verdict.OtherEvents, Verdict.Same, Verdict.NowRejected, Verdict.Same, Verdict.Same], found.Select(r => r.Verdict));
        Assert.Equal(new Trial.Rejected(Stream, 4, Purse.NotEnough), found[2].Today);
    }

    [Fact]
    public async Task A_refusal_with_another_reason_is_told_apart_from_one_in_other_words()
    {
        Assert.Equal(
            [Verdict.Same, Verdict.OtherReason, Verdict.Same, Verdict.OtherReason, Verdict.Same],
            (await ReconsiderAsync(Described(new Rejection("too-much", Purse.NotEnough.Message)))).Select(r => r.Verdict));
        Assert.Equal(
            Enumerable.Repeat(Verdict.Same, 5),
            (await ReconsiderAsync(Described(Purse.NotEnough with { Message = "In other words." }))).Select(r => r.Verdict));
    }

    [Fact]
    public async Task A_command_that_is_gone_that_was_not_recorded_or_that_is_not_valid_any_more_can_not_be_decided()
    {
        StreamHead head = await store.ReadHeadAsync(Stream, Token);
        foreach ((string type, string data) in ((string, string)[])[("bury", """{"deep":1}"""), ("add", ""), ("add", """{"amount":0}""")])
        {
            CommitMetadata metadata = Metadata($"{type}-{data.Length}", type, data);
            await refused.TryRecordAsync(
                new RefusedCommand { Stream = Stream, Version = head.Version, Metadata = metadata, Reason = Purse.NotEnough }, TimeSpan.FromDays(1), Token);
            Commit commit = Testing.History.Of(Purse.Definition, "1").Commit(new Added(1)).Commits[0] with { FirstVersion = head.Version + 1, Metadata = metadata };
            head = Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, commit, Token)).Head;
        }

        List<Reconsidered> found = (await ReconsiderAsync(Purse.Definition))[5..];

        Assert.Equal(6, found.Count);
        Assert.All(found, r => Assert.Equal(Verdict.Undecidable, r.Verdict));
        Assert.Equal(
            [typeof(Trial.Unknown), typeof(Trial.Unknown), typeof(Trial.Unknown), typeof(Trial.Unknown), typeof(Trial.Invalid), typeof(Trial.Invalid)],
            found.Select(r => r.Today.GetType()));
    }

    [Theory]
    [InlineData(2)] // Inside a commit.
    [InlineData(99)] // Beyond the end.
    public async Task A_refusal_on_a_version_that_no_commit_ends_at_can_not_be_decided(long version)
    {
        await refused.TryRecordAsync(
            new RefusedCommand { Stream = Stream, Version = version, Metadata = Metadata("1", "take", """{"amount":1}"""), Reason = Purse.NotEnough },
            TimeSpan.FromDays(1), Token);

        Reconsidered found = Assert.Single(await ReconsiderAsync(Purse.Definition), r => r.Verdict != Verdict.Same);

        Assert.Equal((Verdict.Undecidable, version), (found.Verdict, found.Past.Version));
        Assert.Equal(new Trial.Failed(Stream, version, $"purse-1 has no commit that ends at version {version}."), found.Today);
    }

    [Fact]
    public async Task Rules_that_throw_are_a_finding_and_no_end()
    {
        List<Reconsidered> found = await ReconsiderAsync(Purse.With(snapshots: null, (command, state) =>
            command is Take ? throw new InvalidOperationException("No rule.") : Purse.Decide(command, state)));

        Assert.Equal([Verdict.Same, Verdict.Undecidable, Verdict.Undecidable, Verdict.Undecidable, Verdict.Same], found.Select(r => r.Verdict));
        Assert.Equal("The code of 'purse' failed: InvalidOperationException: No rule.", Assert.IsType<Trial.Failed>(found[1].Today).Detail);
    }

    private PurseAggregate Described(Rejection reason)
    {
        PurseAggregate same = Purse.Definition;
        return new PurseAggregate
        {
            Category = same.Category,
            Initial = same.Initial,
            Decide = same.Decide,
            Evolve = same.Evolve,
            Events = same.Events,
            Commands = same.Commands,
            StateJson = same.StateJson,
            Describe = _ => reason,
        };
    }

    private CommitMetadata Metadata(string id, string type, string data) => new()
    {
        CommandId = id,
        CommandType = type,
        CommandData = Encoding.UTF8.GetBytes(data),
        PolicyVersion = "1",
        Actor = "test",
        CorrelationId = id,
        Timestamp = time.GetUtcNow(),
    };

    private async Task<List<Reconsidered>> ReconsiderAsync(PurseAggregate aggregate) => [.. (await PastAsync(aggregate)).Select(d => d.Reconsider())];

    private async Task<List<PastDecision>> PastAsync(PurseAggregate aggregate) =>
        await new BoundedContext().Add(aggregate).Bind(store, time, new CommandHandlerOptions())["purse"].History
            .ReadDecisionsAsync(Stream, refused.ReadAsync(Stream, null, Token), Token).ToListAsync(Token);
}
