namespace Serverless.EventSourcing.Tests;

/// <summary>How often the store is asked: what a command costs.</summary>
public sealed class CommandHandlerRequestTests
{
    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task A_cold_command_loads_and_appends_and_a_warm_one_only_appends()
    {
        PurseInstance purse = new(store);

        await purse.SendAsync(new Add(1));
        Assert.Equal(["load", "append"], purse.Store.TakeCalls());

        await purse.SendAsync(new Add(1));
        await purse.SendAsync("client-1", new Take(2));
        Assert.Equal(["append", "append"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task States_are_kept_by_their_bytes_not_by_their_number()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { CachedStateBytes = 100_000 });
        await purse.SendAsync(new Label("small"), stream: "small");
        await purse.SendAsync(new Label(new string('x', 40_000)), stream: "large");
        purse.Store.TakeCalls();

        await purse.SendAsync(new Add(1), stream: "small");
        Assert.Equal(["append"], purse.Store.TakeCalls());

        await purse.SendAsync(new Add(1), stream: "large");
        Assert.Equal(["load", "append"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task Without_a_cache_every_command_loads()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { CachedStateBytes = 0 });

        await purse.SendAsync(new Add(1));
        await purse.SendAsync(new Add(1));

        Assert.Equal(["load", "append", "load", "append"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task A_stream_that_was_not_used_for_long_is_forgotten()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { CachedStateBytes = 6_000 });
        await purse.SendAsync(new Add(1), stream: "first");
        for (int i = 0; i < 50; i++)
        {
            await purse.SendAsync(new Add(1), stream: $"{i}");
        }
        purse.Store.TakeCalls();

        await purse.SendAsync(new Take(1), stream: "first");
        Assert.Equal(["load", "append"], purse.Store.TakeCalls());

        await purse.SendAsync(new Take(1), stream: "49");
        Assert.Equal(["append"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task A_rejection_on_a_state_just_loaded_reads_the_tail_too_since_a_load_may_be_stale()
    {
        PurseInstance purse = new(store);

        Assert.IsType<CommandOutcome.Rejected>(await purse.SendAsync(new Take(1)));

        Assert.Equal(["load", "tail"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task A_rejection_of_a_command_that_may_have_been_done_before_looks_for_its_first_outcome()
    {
        PurseInstance purse = new(store);

        Assert.IsType<CommandOutcome.Rejected>(await purse.SendAsync("client-1", new Take(1)));

        Assert.Equal(["load", "tail"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task A_rejection_or_nothing_to_do_on_cached_state_reads_the_tail_first()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync(new Add(1));
        purse.Store.TakeCalls();

        Assert.IsType<CommandOutcome.Rejected>(await purse.SendAsync(new Take(2)));
        Assert.Equal(["tail"], purse.Store.TakeCalls());

        Assert.Null(Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync(new FillUpTo(1))).Commit);
        Assert.Equal(["tail"], purse.Store.TakeCalls());

        Assert.IsType<CommandOutcome.WrongVersion>(await purse.SendAsync(new Add(1), ifMatch: 0));
        Assert.Equal(["tail"], purse.Store.TakeCalls());
    }

    [Fact]
    public async Task A_stale_cache_is_found_out_by_the_append()
    {
        PurseInstance stale = new(store);
        await stale.SendAsync(new Add(1));
        await new PurseInstance(store).SendAsync(new Add(1));
        stale.Store.TakeCalls();

        CommandOutcome.Accepted accepted = Assert.IsType<CommandOutcome.Accepted>(await stale.SendAsync(new Add(1)));

        Assert.Equal(3, accepted.Version);
        Assert.Equal(["append", "tail", "append"], stale.Store.TakeCalls());
    }

    [Fact]
    public async Task What_a_stale_state_would_refuse_is_decided_on_the_new_one()
    {
        PurseInstance stale = new(store);
        await stale.SendAsync(new Add(1));
        await new PurseInstance(store).SendAsync(new Add(1));
        stale.Store.TakeCalls();

        Assert.Equal(3, Assert.IsType<CommandOutcome.Accepted>(await stale.SendAsync(new Take(2))).Version);

        Assert.Equal(["tail", "append"], stale.Store.TakeCalls());
    }

    [Fact]
    public async Task A_repeated_command_costs_a_refused_append_and_a_look()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync("client-1", new Add(1));
        purse.Store.TakeCalls();

        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await purse.SendAsync("client-1", new Add(1))).WasRepeated);
        Assert.Equal(["append", "tail"], purse.Store.TakeCalls());

        PurseInstance cold = new(store);
        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await cold.SendAsync("client-1", new Add(1))).WasRepeated);
        Assert.Equal(["load", "append", "tail"], cold.Store.TakeCalls());
    }

    [Fact]
    public async Task A_look_at_the_tail_warms_the_cache()
    {
        PurseInstance purse = new(store);
        await purse.SendAsync("client-1", new Take(1));
        purse.Store.TakeCalls();

        await purse.SendAsync(new Add(1));

        Assert.Equal(["append"], purse.Store.TakeCalls());
    }
}
