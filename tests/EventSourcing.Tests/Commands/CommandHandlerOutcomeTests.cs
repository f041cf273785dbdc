using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class CommandHandlerOutcomeTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task A_commit_records_who_asked_what_when_and_why()
    {
        PurseInstance purse = new(store, time: new FakeTimeProvider(Now));
        CommandContext context = new()
        {
            CommandId = "client-1",
            Actor = "alice",
            CorrelationId = "conversation",
            CausationId = "message",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        Commit commit = Assert.IsType<Commit>(Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync(context, new Add(5))).Commit);

        Assert.Equal((Purse.Stream("1"), 1L, 1L), (commit.Stream, commit.FirstVersion, commit.LastVersion));
        Assert.Equal(("purse.added", 1), (commit.Events[0].Type, commit.Events[0].SchemaVersion));
        Assert.Equal("""{"amount":5}""", Encoding.UTF8.GetString(commit.Metadata.CommandData.Span));
        Assert.Equal(
            new CommitMetadata
            {
                CommandId = "client-1",
                CommandType = "add",
                CommandData = commit.Metadata.CommandData,
                PolicyVersion = "1",
                Actor = "alice",
                CorrelationId = "conversation",
                CausationId = "message",
                TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                Timestamp = Now,
            },
            commit.Metadata);
    }

    [Fact]
    public async Task A_command_that_starts_a_conversation_gives_it_its_own_id()
    {
        CommandOutcome.Accepted accepted = Assert.IsType<CommandOutcome.Accepted>(await new PurseInstance(store).SendAsync("client-1", new Add(5)));

        Assert.Equal(("client-1", null), (accepted.Commit!.Metadata.CorrelationId, accepted.Commit.Metadata.CausationId));
    }

    [Fact]
    public async Task A_rejection_has_its_reason_and_the_version_it_speaks_of()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync(new Add(1));

        CommandOutcome.Rejected rejected = Assert.IsType<CommandOutcome.Rejected>(await purse.SendAsync(new Take(2)));

        Assert.Equal((Purse.NotEnough, 1L, (long?)1), (rejected.Reason, rejected.Version, rejected.StreamVersion));
    }

    [Fact]
    public async Task Nothing_to_do_is_accepted_without_a_commit()
    {
        CommandOutcome.Accepted accepted = Assert.IsType<CommandOutcome.Accepted>(await new PurseInstance(store).SendAsync(new FillUpTo(0)));

        Assert.Equal((0L, null, false), (accepted.Version, accepted.Commit, accepted.WasRepeated));
    }

    [Fact]
    public async Task A_repeated_command_gets_its_first_outcome_however_far_the_stream_has_come()
    {
        PurseInstance purse = new(store, time: new FakeTimeProvider(Now));
        CommandOutcome.Accepted first = Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync("client-1", new Take(0)));
        for (int i = 0; i < 30; i++)
        {
            await purse.SendAsync(new Add(1));
        }

        foreach (PurseInstance instance in new[] { purse, new PurseInstance(store) })
        {
            CommandOutcome.Accepted again = Assert.IsType<CommandOutcome.Accepted>(await instance.SendAsync("client-1", new Take(0), ifMatch: 0));
            Assert.Equal((1L, true), (again.Version, again.WasRepeated));
            Assert.Same(first.Commit, again.Commit);
        }
    }

    [Fact]
    public async Task A_repeated_command_that_the_rules_would_now_refuse_still_gets_its_first_outcome()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync(new Add(1));
        await purse.SendAsync("client-1", new Take(1));

        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync("client-1", new Take(1))).WasRepeated);
        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await new PurseInstance(store).SendAsync("client-1", new Take(1))).WasRepeated);
    }

    [Fact]
    public async Task A_repeated_command_that_now_does_nothing_still_gets_its_first_outcome()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync("client-1", new FillUpTo(3));

        CommandOutcome.Accepted again = Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync("client-1", new FillUpTo(3)));

        Assert.Equal((true, 1L), (again.WasRepeated, again.Commit?.LastVersion));
    }

    [Fact]
    public async Task The_same_id_in_another_stream_is_another_command()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync("client-1", new Add(1), stream: "1");

        Assert.False(Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync("client-1", new Add(1), stream: "2")).WasRepeated);
    }

    [Fact]
    public async Task The_same_id_for_another_command_is_the_client_s_mistake()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync("client-1", new Add(1));

        foreach (PurseCommand other in new PurseCommand[] { new Add(2), new Take(1), new FillUpTo(1), new Take(99) })
        {
            CommandOutcome.CommandIdReused reused = Assert.IsType<CommandOutcome.CommandIdReused>(await purse.SendAsync("client-1", other));
            Assert.Equal(("client-1", "add"), (reused.CommandId, reused.FirstCommandType));
        }
    }

    [Fact]
    public async Task If_match_lets_a_command_pass_at_its_version_only()
    {
        PurseInstance purse = new(store);
        Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync(new Add(1), ifMatch: 0));
        Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync(new Add(1), ifMatch: 1));

        foreach (long expected in new long[] { 0, 1, 3 })
        {
            CommandOutcome.WrongVersion wrong = Assert.IsType<CommandOutcome.WrongVersion>(await purse.SendAsync(new Add(1), ifMatch: expected));
            Assert.Equal((expected, 2L, (long?)2), (wrong.Expected, wrong.Actual, wrong.StreamVersion));
        }
    }

    [Fact]
    public async Task If_match_on_a_stale_cache_is_checked_against_the_stream()
    {
        PurseInstance stale = new(store);
        await stale.SendAsync(new Add(1));
        await new PurseInstance(store).SendAsync(new Add(1));

        Assert.Equal(2, Assert.IsType<CommandOutcome.WrongVersion>(await stale.SendAsync(new Add(1), ifMatch: 1)).Actual);

        await new PurseInstance(store).SendAsync(new Add(1));
        Assert.Equal(4, Assert.IsType<CommandOutcome.Accepted>(await stale.SendAsync(new Add(1), ifMatch: 3)).Version);
    }

    [Fact]
    public async Task More_events_than_a_commit_may_have_are_too_large()
    {
        PurseInstance purse = new(store);

        Assert.Equal(1_000, (await purse.CommitAsync(new AddOneByOne(Limits.MaxEventsPerCommit))).LastVersion);
        CommandOutcome.TooLarge tooLarge =
            Assert.IsType<CommandOutcome.TooLarge>(await purse.SendAsync(new AddOneByOne(Limits.MaxEventsPerCommit + 1)));

        Assert.Contains("1001 events", tooLarge.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_bytes_than_an_item_may_have_are_too_large_and_nothing_is_written()
    {
        PurseInstance purse = new(store);

        Assert.IsType<CommandOutcome.TooLarge>(await purse.SendAsync(new Label(new string('x', Limits.MaxCommitBytes))));

        Assert.Equal(0, (await store.ReadHeadAsync(Purse.Stream("1"), TestContext.Current.CancellationToken)).Version);
    }

    [Fact]
    public async Task Too_large_is_never_said_of_a_command_that_was_done_before()
    {
        // On an empty purse this command is small, on any other it does not fit.
        string huge = new('x', Limits.MaxCommitBytes);
        var aggregate = Purse.With(snapshots: null, decide: (command, state) => command is FillUpTo
            ? Decision<PurseEvent, PurseRejection>.Accept(state.Total == 0 ? new Added(1) : new Labelled(huge))
            : Purse.Decide(command, state));
        PurseInstance purse = new(store, aggregate: aggregate);
        await purse.SendAsync("client-1", new FillUpTo(1));

        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync("client-1", new FillUpTo(1))).WasRepeated);

        PurseInstance cold = new(store, aggregate: aggregate);
        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await cold.SendAsync("client-1", new FillUpTo(1))).WasRepeated);
    }

    [Fact]
    public async Task Too_large_is_never_said_of_a_state_that_is_over()
    {
        string huge = new('x', Limits.MaxCommitBytes);
        var aggregate = Purse.With(snapshots: null, decide: (command, state) => command is FillUpTo && state.Total == 1
            ? Decision<PurseEvent, PurseRejection>.Accept(new Labelled(huge))
            : Purse.Decide(command, state));
        PurseInstance stale = new(store, aggregate: aggregate);
        await stale.SendAsync(new Add(1));
        await new PurseInstance(store).SendAsync(new Add(1));

        Assert.Equal(3, Assert.IsType<CommandOutcome.Accepted>(await stale.SendAsync(new FillUpTo(5))).Version);
    }

    [Fact]
    public async Task A_stream_of_another_category_is_the_caller_s_bug()
    {
        CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> handler =
            new(Purse.Definition, store, TimeProvider.System, new CommandHandlerOptions());

        await Assert.ThrowsAsync<ArgumentException>(() => handler.ExecuteAsync(
            StreamName.Create("account", "1"), new Add(1), new CommandContext { CommandId = "1", Actor = "test" }, TestContext.Current.CancellationToken));
    }
}
