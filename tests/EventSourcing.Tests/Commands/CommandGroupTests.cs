namespace Serverless.EventSourcing.Tests;

/// <summary>Commands of one stream that wait while another one is written: they are decided one after the other and written in one transaction.</summary>
public sealed class CommandGroupTests
{
    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task Those_that_wait_are_written_together_each_as_a_commit_of_its_own()
    {
        PurseInstance purse = new(store);

        CommandOutcome[] outcomes = await TogetherAsync(purse, new Add(5), new Take(2), new Take(3));

        Assert.Equal([2L, 3L, 4L], outcomes.Select(o => o.StreamVersion!.Value)); // The first of all was alone.
        Assert.Equal(["load", "append", "append"], purse.Store.TakeCalls());
        Commit[] commits = await CommitsAsync();
        Assert.Equal(["take", "take"], commits[2..].Select(c => c.Metadata.CommandType));
        Assert.All(Enumerable.Range(1, 3), i => Assert.Equal(commits[i - 1].Hash, commits[i].PreviousHash));
        Assert.All(outcomes, o => Assert.Same(commits.Single(c => c.LastVersion == o.StreamVersion), ((CommandOutcome.Accepted)o).Commit));
    }

    [Fact]
    public async Task Each_is_decided_on_what_those_before_it_will_have_made()
    {
        PurseInstance purse = new(store);

        CommandOutcome[] outcomes = await TogetherAsync(purse, new Add(2), new Take(4), new Take(3), new FillUpTo(0));

        Assert.IsType<CommandOutcome.Accepted>(outcomes[0]);
        Assert.Equal(2, Assert.IsType<CommandOutcome.Rejected>(outcomes[1]).Version); // 3 were there.
        Assert.Equal(3, Assert.IsType<CommandOutcome.Accepted>(outcomes[2]).Version);
        Assert.Null(Assert.IsType<CommandOutcome.Accepted>(outcomes[3]).Commit);
        Assert.Equal(["load", "append", "append", "tail"], purse.Store.TakeCalls()); // One look for both that wrote nothing.
    }

    [Fact]
    public async Task When_a_rival_was_faster_they_are_decided_again()
    {
        PurseInstance purse = new(store);
        PurseInstance rival = new(store);

        CommandOutcome[] outcomes = await TogetherAsync(purse, beforeSecondAppend: () => rival.SendAsync(new Take(1)), new Take(1), new Add(1));

        Assert.IsType<CommandOutcome.Rejected>(outcomes[0]);
        Assert.Equal(3, Assert.IsType<CommandOutcome.Accepted>(outcomes[1]).Version);
        Assert.Equal(["load", "append", "append", "tail", "append"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task One_that_was_done_before_gets_its_outcome_and_the_others_are_decided_again()
    {
        await new PurseInstance(store).SendAsync("known", new Add(7));
        PurseInstance purse = new(store);

        CommandOutcome[] outcomes = await TogetherAsync(
            purse, () => Task.CompletedTask, p => p.SendAsync(new Add(1)), p => p.SendAsync("known", new Add(7)), p => p.SendAsync(new Add(1)));

        Assert.Equal((1L, true), (outcomes[1].StreamVersion, ((CommandOutcome.Accepted)outcomes[1]).WasRepeated));
        Assert.Equal([3L, 4L], [outcomes[0].StreamVersion!.Value, outcomes[2].StreamVersion!.Value]);
    }

    [Fact]
    public async Task The_same_command_twice_is_committed_once()
    {
        PurseInstance purse = new(store);

        CommandOutcome[] outcomes = await TogetherAsync(
            purse, () => Task.CompletedTask, p => p.SendAsync("same", new Add(1)), p => p.SendAsync("same", new Add(1)), p => p.SendAsync("same", new Add(2)), p => p.SendAsync(new Add(4)));

        Assert.Equal([2L, 2L, null, 3L], outcomes.Select(o => o.StreamVersion));
        Assert.True(((CommandOutcome.Accepted)outcomes[1]).WasRepeated);
        Assert.IsType<CommandOutcome.CommandIdReused>(outcomes[2]);
        Assert.Equal(["load", "append", "append", "append"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task An_expected_version_is_compared_with_what_those_before_it_will_have_made()
    {
        PurseInstance purse = new(store);

        CommandOutcome[] outcomes = await TogetherAsync(
            purse, () => Task.CompletedTask, p => p.SendAsync(new Add(1)), p => p.SendAsync(new Add(1), ifMatch: 2), p => p.SendAsync(new Add(1), ifMatch: 2));

        Assert.Equal(3, Assert.IsType<CommandOutcome.Accepted>(outcomes[1]).Version);
        Assert.Equal((2L, 3L), outcomes[2] is CommandOutcome.WrongVersion wrong ? (wrong.Expected, wrong.Actual) : default);
    }

    [Fact]
    public async Task A_command_whose_decision_throws_is_the_only_one_that_fails()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(
            snapshots: null, (command, state) => command is Add { Amount: 13 } ? throw new InvalidOperationException("13") : Purse.Decide(command, state)));

        Task<CommandOutcome>[] all = await StartTogetherAsync(
            purse, () => Task.CompletedTask, p => p.SendAsync(new Add(1)), p => p.SendAsync(new Add(13)), p => p.SendAsync(new Add(1)));

        Assert.Equal((2L, 3L), ((await all[0]).StreamVersion, (await all[2]).StreamVersion));
        Assert.Equal("13", (await Assert.ThrowsAsync<DeciderException>(() => all[1])).InnerException!.Message);
    }

    [Fact]
    public async Task A_fault_of_the_store_is_everybodys_and_each_can_send_again()
    {
        PurseInstance purse = new(store);

        Task<CommandOutcome>[] all = await StartTogetherAsync(
            purse, () => throw new IOException("connection lost"), p => p.SendAsync("a", new Add(1)), p => p.SendAsync("b", new Add(1)));

        foreach (Task<CommandOutcome> one in all)
        {
            await Assert.ThrowsAsync<IOException>(() => one);
        }
        Assert.Equal((2L, 3L), ((await purse.SendAsync("a", new Add(1))).StreamVersion, (await purse.SendAsync("b", new Add(1))).StreamVersion));
    }

    [Fact]
    public async Task The_snapshot_that_falls_due_on_the_way_is_of_the_last_commit()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 3)));

        await TogetherAsync(purse, new Add(1), new Add(1), new Add(1));

        Assert.Equal(4, purse.Store.LastSnapshot!.Version);
        StreamLoad load = await store.LoadAsync(Purse.Stream("1"), new SnapshotSchema(1, EveryEvents: 3), TestContext.Current.CancellationToken);
        Assert.Equal((4L, 0), (load.Snapshot!.Version, load.Commits.Count));
    }

    [Fact]
    public async Task More_than_one_transaction_takes_are_written_in_several()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { MaxQueuedPerStream = 300 });

        CommandOutcome[] outcomes = await TogetherAsync(purse, [.. Enumerable.Repeat(new Add(1), 250)]);

        Assert.Equal(Enumerable.Range(2, 250).Select(n => (long?)n), outcomes.Select(o => o.StreamVersion));
        Assert.Equal(["load", "append", "append", "append", "append"], purse.Store.TakeCalls()); // 1, 99, 99, 52.
    }

    [Fact]
    public async Task Who_leads_and_gives_up_does_not_take_the_others_with_it()
    {
        PurseInstance purse = new(store);
        using CancellationTokenSource cancellation = new();

        Task<CommandOutcome>[] all = await StartTogetherAsync(
            purse,
            cancellation.CancelAsync,
            p => p.SendAsync(new CommandContext { CommandId = "leads", Actor = "test" }, new Add(1), cancellationToken: cancellation.Token),
            p => p.SendAsync(new Add(1)));

        Assert.Equal(3, (await all[1]).StreamVersion);
    }

    private Task<CommandOutcome[]> TogetherAsync(PurseInstance purse, params PurseCommand[] commands) =>
        TogetherAsync(purse, () => Task.CompletedTask, commands);

    private Task<CommandOutcome[]> TogetherAsync(PurseInstance purse, Func<Task> beforeSecondAppend, params PurseCommand[] commands) =>
        TogetherAsync(purse, beforeSecondAppend, [.. commands.Select<PurseCommand, Func<PurseInstance, Task<CommandOutcome>>>(c => p => p.SendAsync(c))]);

    private async Task<CommandOutcome[]> TogetherAsync(
        PurseInstance purse, Func<Task> beforeSecondAppend, params Func<PurseInstance, Task<CommandOutcome>>[] sends) =>
        await Task.WhenAll(await StartTogetherAsync(purse, beforeSecondAppend, sends));

    /// <summary>Holds the append of a first command, which adds 1, until the others wait.</summary>
    private static async Task<Task<CommandOutcome>[]> StartTogetherAsync(
        PurseInstance purse, Func<Task> beforeSecondAppend, params Func<PurseInstance, Task<CommandOutcome>>[] sends)
    {
        TaskCompletionSource gate = new();
        purse.Store.BeforeAppend = n => n switch
        {
            1 => gate.Task,
            2 => beforeSecondAppend(),
            _ => Task.CompletedTask,
        };
        Task<CommandOutcome> first = purse.SendAsync(new Add(1));
        Task<CommandOutcome>[] waiting = [.. sends.Select(send => send(purse))];
        gate.SetResult();
        await first;
        return waiting;
    }

    private async Task<Commit[]> CommitsAsync() =>
        [.. (await store.ReadTailAsync(StreamHead.StartOf(Purse.Stream("1")), [], TestContext.Current.CancellationToken)).Commits];
}
