using PurseDecision = Serverless.EventSourcing.Decision<Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;

namespace Serverless.EventSourcing.Tests;

public sealed class InboxRunnerTests
{
    private readonly InboxWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_of_one_stream_are_executed_in_the_order_in_which_they_were_added()
    {
        await world.AddAsync("c1", new Take(1));
        await world.AddAsync("c2", new Add(5));
        await world.AddAsync("c3", new Take(5));

        InboxResult result = await world.Host().HandleAsync(world.Changes(), Cancellation);

        Assert.Equal((3, 0), (result.Settled, result.StreamsLeft));
        Assert.Equal(["c1 Rejected", "c2 Accepted", "c3 Accepted"], await world.StatusesAsync("c1", "c2", "c3"));
        Assert.Equal(["c2", "c3"], await world.CommitsAsync());
    }

    [Fact]
    public async Task An_outcome_says_what_a_direct_call_would_have()
    {
        await world.AddAsync("c1", new AddOneByOne(3));
        await world.AddAsync("c2", new Take(9));
        await world.AddAsync("c3", new FillUpTo(3));
        await world.RunAsync();

        DateTimeOffset now = world.Time.Start;
        Assert.Equal(
            new InboxOutcome { Status = InboxStatus.Accepted, DecidedAt = now, Version = 3, FirstVersion = 1 }, (await world.FindAsync("c1")).Outcome);
        Assert.Equal(
            new InboxOutcome { Status = InboxStatus.Rejected, DecidedAt = now, Version = 3, Reason = Purse.NotEnough }, (await world.FindAsync("c2")).Outcome);
        Assert.Equal(new InboxOutcome { Status = InboxStatus.Accepted, DecidedAt = now, Version = 3 }, (await world.FindAsync("c3")).Outcome);
    }

    [Fact]
    public async Task The_commit_has_the_sender_and_the_conversation_of_the_command()
    {
        await world.AddAsync("c1", new Add(1));
        await world.RunAsync();

        Commit commit = Assert.Single((await world.Store.LoadAsync(Purse.Stream("a"), null, Cancellation)).Commits);
        Assert.Equal(("c1", "sender", "correlation-c1"), (commit.Metadata.CommandId, commit.Metadata.Actor, commit.Metadata.CorrelationId));
    }

    [Fact]
    public async Task A_batch_that_is_delivered_again_changes_nothing()
    {
        await world.AddAsync("c1", new Add(1));
        await world.AddAsync("c2", new Take(2));
        IReadOnlyList<InboxChange> batch = world.Changes();
        await world.Host().HandleAsync(batch, Cancellation);
        InboxCommand first = await world.FindAsync("c1");
        InboxCommand second = await world.FindAsync("c2");
        await new PurseInstance(world.Store).CommitAsync(new Add(9), "a"); // Now the refused one would be possible.

        InboxResult again = await world.Host().HandleAsync(batch, Cancellation);

        Assert.Equal(0, again.Settled);
        Assert.Equal((first.ETag, second.ETag), ((await world.FindAsync("c1")).ETag, (await world.FindAsync("c2")).ETag));
        Assert.Equal(2, (await world.CommitsAsync()).Length);
    }

    [Fact]
    public async Task A_crash_between_commit_and_outcome_is_made_good_by_the_next_delivery()
    {
        await world.AddAsync("c1", new Add(5));
        await world.AddAsync("c2", new Take(5));
        Interleaving steps = new(_ => 0);
        int calls = 0;
        // Backlog, take, settle: the third call to the inbox never arrives.
        SteppedInboxStore dying = new(world.Inbox, steps, () => ++calls == 3 ? StoreFault.BeforeEffect : StoreFault.None);
        steps.Run([() => Assert.ThrowsAnyAsync<StoreFaultException>(() => world.Host(inbox: dying).HandleAsync(world.Changes(), Cancellation))]);
        Assert.Equal(["c1"], await world.CommitsAsync());
        Assert.Equal(InboxStatus.Pending, (await world.FindAsync("c1")).Status);

        await world.RunAsync();

        Assert.Equal(["c1", "c2"], await world.CommitsAsync());
        Assert.Equal(["c1 Accepted", "c2 Accepted"], await world.StatusesAsync("c1", "c2"));
        Assert.True((await world.FindAsync("c1")).Outcome!.WasRepeated);
    }

    [Fact]
    public async Task A_fault_of_the_store_is_thrown_and_is_no_outcome()
    {
        await world.AddAsync("c1", new Add(1));
        RecordingStore failing = new(world.Store) { BeforeAppend = _ => throw new TimeoutException() };

        await Assert.ThrowsAsync<TimeoutException>(() => world.Host(failing).HandleAsync(world.Changes(), Cancellation));

        Assert.Equal(InboxStatus.Pending, (await world.FindAsync("c1")).Status);
    }

    [Fact]
    public async Task A_cancelled_execution_is_no_outcome()
    {
        await world.AddAsync("c1", new Add(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => world.Host().HandleAsync(world.Changes(), new CancellationToken(canceled: true)));

        Assert.Equal(InboxStatus.Pending, (await world.FindAsync("c1")).Status);
    }

    [Fact]
    public async Task A_command_whose_code_throws_has_failed_after_some_attempts_and_the_next_one_goes_on()
    {
        int attempts = 0;
        await world.AddAsync("c1", new Add(13));
        await world.AddAsync("c2", new Add(1));
        InboxRunner host = world.Host(purse: Purse.With(snapshots: null, Unlucky));

        InboxResult result = await host.HandleAsync(world.Changes(), Cancellation);
        await world.RunAsync(host);

        InboxFailure failure = Assert.Single(result.Failures);
        Assert.Equal(("c1", "correlation-c1", Purse.Stream("a")), (failure.CommandId, failure.CorrelationId, failure.Stream));
        Assert.IsType<InvalidOperationException>(Assert.IsType<DeciderException>(failure.Error).InnerException);
        Assert.Equal(InboxWorld.Options.MaxAttempts, attempts);
        Assert.Equal(["c1 Failed", "c2 Accepted"], await world.StatusesAsync("c1", "c2"));
        Rejection reason = (await world.FindAsync("c1")).Outcome!.Reason!;
        Assert.Equal(InboxExecutor.FailedCode, reason.Code);
        Assert.DoesNotContain("secret", reason.Message, StringComparison.Ordinal);

        PurseDecision Unlucky(PurseCommand command, PurseState state)
        {
            if (command is Add { Amount: 13 })
            {
                attempts++;
                throw new InvalidOperationException("secret");
            }
            return Purse.Decide(command, state);
        }
    }

    [Fact]
    public async Task A_forged_command_is_never_decided_and_fails_visibly_while_its_stream_and_others_go_on()
    {
        InboxCommand template = await world.AddAsync("c1", new Add(1));
        await world.Inbox.TryAddAsync(template with { CommandId = "forged", Actor = "user:aad:the-boss", IsForged = true }, Cancellation);
        await world.AddAsync("c2", new Add(1));
        await world.AddAsync("c3", new Add(1), purse: "b");

        InboxResult result = await world.Host().HandleAsync(world.Changes(), Cancellation);
        await world.RunAsync();

        InboxFailure failure = Assert.Single(result.Failures);
        Assert.IsType<ForgedCommandException>(failure.Error);
        Assert.Equal(["c1 Accepted", "forged Failed", "c2 Accepted"], await world.StatusesAsync("c1", "forged", "c2"));
        Assert.Equal(InboxOutcome.ForgedCode, (await world.FindAsync("forged")).Outcome!.Reason!.Code);
        Assert.Equal(["c1", "c2"], await world.CommitsAsync());
        Assert.Equal(["c3"], await world.CommitsAsync("b"));
    }

    [Fact]
    public async Task A_command_that_fails_once_is_done_at_the_next_attempt()
    {
        int attempts = 0;
        await world.AddAsync("c1", new Add(1));
        InboxRunner host = world.Host(purse: Purse.With(
            snapshots: null, (command, state) => ++attempts == 1 ? throw new InvalidOperationException("once") : Purse.Decide(command, state)));

        InboxResult result = await host.HandleAsync(world.Changes(), Cancellation);

        Assert.Empty(result.Failures);
        Assert.Equal(["c1 Accepted"], await world.StatusesAsync("c1"));
    }

    [Theory]
    [InlineData(InboxStatus.Accepted)] // It had nothing to do.
    [InlineData(InboxStatus.Rejected)]
    public async Task A_commit_replaces_what_an_overtaken_host_recorded_meanwhile(InboxStatus recorded)
    {
        await world.AddAsync("c1", new Add(1));
        InboxCommand item = await world.FindAsync("c1");
        InboxRunner host = world.Host(purse: Purse.With(snapshots: null, (command, state) =>
        {
            InboxOutcome other = new() { Status = recorded, DecidedAt = world.Time.GetUtcNow(), Version = 0 };
            Assert.True(world.Inbox.TrySettleAsync(item, other, TimeSpan.FromDays(1), Cancellation).IsCompletedSuccessfully);
            return Purse.Decide(command, state);
        }));

        await host.HandleAsync(world.Changes(), Cancellation);

        InboxOutcome outcome = (await world.FindAsync("c1")).Outcome!;
        Assert.Equal((InboxStatus.Accepted, 1), (outcome.Status, outcome.FirstVersion));
    }

    [Fact]
    public async Task Of_a_stream_that_fails_one_command_goes_per_batch()
    {
        foreach (int i in Enumerable.Range(1, 3))
        {
            await world.AddAsync($"c{i}", new Add(i));
        }
        InboxRunner host = world.Host(purse: Purse.With(snapshots: null, (_, _) => throw new InvalidOperationException("always")));

        InboxResult first = await host.HandleAsync(world.Changes(), Cancellation);
        Assert.Equal((1, 1), (first.Settled, first.StreamsLeft));
        await world.RunAsync(host);

        Assert.Equal(["c1 Failed", "c2 Failed", "c3 Failed"], await world.StatusesAsync("c1", "c2", "c3"));
    }

    [Fact]
    public async Task A_contended_stream_is_left_for_later_and_others_are_not_held_up()
    {
        await world.AddAsync("c1", new Add(1));
        await world.AddAsync("d1", new Add(1), purse: "b");
        PurseInstance rival = new(world.Store);
        RecordingStore contended = new(world.Store) { BeforeAppend = _ => rival.CommitAsync(new Add(1), "a") };
        InboxRunner host = world.Host(contended, handling: new CommandHandlerOptions { MaxAttempts = 1 });

        InboxResult result = await host.HandleAsync(world.Changes(), Cancellation);

        Assert.Equal((1, 1), (result.Settled, result.StreamsLeft));
        Assert.Equal(InboxStatus.Pending, (await world.FindAsync("c1")).Status);
        Assert.Equal(InboxStatus.Accepted, (await world.FindAsync("d1", "b")).Status);
        await world.RunAsync();
        Assert.Equal(InboxStatus.Accepted, (await world.FindAsync("c1")).Status);
        Assert.Null(await world.Inbox.ReadBacklogAsync(Purse.Stream("a"), Cancellation));
    }

    [Theory]
    [InlineData(1L, InboxStatus.Accepted)]
    [InlineData(0L, InboxStatus.Rejected)]
    public async Task An_expected_version_is_compared_when_the_command_is_decided(long expected, InboxStatus status)
    {
        await world.AddAsync("c1", new Add(1));
        await world.AddAsync("c2", new Add(1), expectedVersion: expected);
        await world.RunAsync();

        Assert.Equal(status, (await world.FindAsync("c2")).Status);
    }

    [Fact]
    public async Task What_today_s_code_does_not_know_any_more_is_rejected()
    {
        await world.Inbox.TryAddAsync((await world.AddAsync("c1", new Add(1))) with { CommandId = "c2", CommandType = "remove" }, Cancellation);
        await world.Inbox.TryAddAsync((await world.FindAsync("c1")) with { CommandId = "c3", CommandData = "{}"u8.ToArray() }, Cancellation);
        StreamName gone = StreamName.Create("wallet", "a");
        await world.Inbox.TryAddAsync((await world.FindAsync("c1")) with { Stream = gone }, Cancellation);
        await world.RunAsync();

        Assert.Equal(["c1 Accepted", "c2 Rejected", "c3 Rejected"], await world.StatusesAsync("c1", "c2", "c3"));
        Assert.Equal(InboxStatus.Rejected, (await world.Inbox.ReadAsync(gone, "c1", Cancellation))!.Status);
    }

    [Fact]
    public async Task A_command_that_was_delivered_but_can_not_be_read_yet_is_delivered_again()
    {
        await world.AddAsync("c1", new Add(1));
        InboxChange change = Assert.Single(world.Changes());
        InboxChange unseen = change with { Id = "c2" };

        await Assert.ThrowsAsync<InboxCommandUnseenException>(() => world.Host().HandleAsync([unseen], Cancellation));

        // A week later it can only be an outcome that has expired.
        world.Time.Advance(InboxWorld.Options.KeepOutcomes);
        Assert.Equal(0, (await world.Host().HandleAsync([unseen], Cancellation)).Settled);
    }

    [Fact]
    public async Task The_echo_of_an_outcome_costs_nothing()
    {
        await world.AddAsync("c1", new Add(1));
        await world.Host().HandleAsync(world.Changes(), Cancellation);
        Interleaving steps = new(_ => 0);

        steps.Run([() => world.Host(inbox: new SteppedInboxStore(world.Inbox, steps, () => StoreFault.None)).HandleAsync(world.Changes(), Cancellation)]);

        Assert.Empty(steps.Trace);
    }

    [Fact]
    public async Task A_command_costs_four_calls_and_a_load()
    {
        await world.AddAsync("c1", new Add(1));
        await world.AddAsync("c2", new Add(1));
        Interleaving steps = new(_ => 0);
        SteppedStore store = new(world.Store, steps, () => StoreFault.None);
        SteppedInboxStore inbox = new(world.Inbox, steps, () => StoreFault.None);

        steps.Run([() => world.Host(store, inbox).HandleAsync(world.Changes(), Cancellation)]);

        Assert.Equal(
            [
                "read backlog",
                "load purse-a", "take c1", "append purse-a after 0 c1", "settle c1 Accepted",
                "take c2", "append purse-a after 1 c2", "settle c2 Accepted",
            ],
            steps.Trace);
    }
}
