namespace Serverless.EventSourcing.Tests;

/// <summary>Commands of one stream inside one instance: they take turns, in a queue that can be full.</summary>
public sealed class StreamTurnsTests
{
    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task Commands_of_one_stream_are_decided_in_the_order_in_which_they_came()
    {
        PurseInstance purse = new(store);
        Gate gate = new(purse);

        Task<CommandOutcome>[] running = [.. Enumerable.Range(1, 50).Select(n => purse.SendAsync(new Add(n)))];
        gate.Open();

        CommandOutcome[] outcomes = await Task.WhenAll(running);
        Assert.Equal(Enumerable.Range(1, 50).Select(n => (long?)n), outcomes.Select(o => o.StreamVersion));
        Assert.Equal(["load", "append", "append"], purse.Store.TakeCalls()); // The first alone, and those that waited for it together.
    }

    [Fact]
    public async Task A_full_queue_answers_at_once_and_has_room_again_later()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { MaxQueuedPerStream = 2 });
        Gate gate = new(purse);
        Task<CommandOutcome> running = purse.SendAsync(new Add(1));
        Task<CommandOutcome> waiting = purse.SendAsync(new Add(1));

        Task<CommandOutcome> refused = purse.SendAsync(new Add(1));
        Assert.True(refused.IsCompleted);
        Assert.Equal(new CommandOutcome.Busy(Purse.Stream("1"), QueueLimit: 2), await refused);

        gate.Open();
        Assert.Equal([1L, 2L], (await Task.WhenAll(running, waiting)).Select(o => o.StreamVersion!.Value));
        Assert.Equal(3, (await purse.CommitAsync(new Add(1))).LastVersion);
    }

    [Fact]
    public async Task A_queue_is_of_one_stream_only()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { MaxQueuedPerStream = 1 });
        Gate gate = new(purse);
        Task<CommandOutcome> first = purse.SendAsync(new Add(1), stream: "1");

        Task<CommandOutcome> second = purse.SendAsync(new Add(1), stream: "2");
        Assert.False(second.IsCompleted); // It waits at the gate and not in the queue, which would have refused it.

        gate.Open();
        Assert.All(await Task.WhenAll(first, second), o => Assert.IsType<CommandOutcome.Accepted>(o));
    }

    [Fact]
    public async Task Who_stops_waiting_gives_up_the_place_and_nothing_is_done()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { MaxQueuedPerStream = 3 });
        Gate gate = new(purse);
        using CancellationTokenSource cancellation = new();
        Task<CommandOutcome> running = purse.SendAsync(new Add(1));
        Task<CommandOutcome> cancelled = purse.SendAsync(
            new CommandContext { CommandId = "client-1", Actor = "test" }, new Add(1), cancellationToken: cancellation.Token);
        Task<CommandOutcome> last = purse.SendAsync(new Add(1));

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Task<CommandOutcome> another = purse.SendAsync(new Add(1));
        Assert.False(another.IsCompleted);

        gate.Open();
        Assert.Equal([1L, 2L, 3L], (await Task.WhenAll(running, last, another)).Select(o => o.StreamVersion!.Value));
    }

    [Fact]
    public async Task A_command_that_fails_lets_the_next_one_in()
    {
        PurseInstance purse = new(store, new CommandHandlerOptions { MaxQueuedPerStream = 2 });
        Gate gate = new(purse);
        Task<CommandOutcome> failing = purse.SendAsync(new Add(1));
        Task<CommandOutcome> next = purse.SendAsync(new Add(1));

        gate.Fail(new IOException("connection lost"));

        await Assert.ThrowsAsync<IOException>(() => failing);
        Assert.Equal(1, (await next).StreamVersion);
    }

    /// <summary>Holds appends back until it is opened.</summary>
    private sealed class Gate
    {
        private readonly TaskCompletionSource opened = new();

        public Gate(PurseInstance instance) => instance.Store.BeforeAppend = async n =>
        {
            try
            {
                await opened.Task;
            }
            catch when (n > 1)
            {
                // Only the first one fails.
            }
        };

        public void Open() => opened.SetResult();

        public void Fail(Exception error) => opened.SetException(error);
    }
}
