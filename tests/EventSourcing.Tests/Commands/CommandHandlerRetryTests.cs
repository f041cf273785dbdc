using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class CommandHandlerRetryTests
{
    private static readonly CommandHandlerOptions Patient = new() { FirstBackoff = TimeSpan.FromHours(1), MaxBackoff = TimeSpan.FromHours(1) };

    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task A_command_gives_up_after_the_last_attempt_against_faster_writers()
    {
        RecordingTime time = new();
        PurseInstance slow = new(store, Patient with { MaxAttempts = 4 }, time);
        PurseInstance fast = new(store);
        slow.Store.BeforeAppend = _ => fast.SendAsync(new Add(1));

        CommandOutcome.Contended contended = Assert.IsType<CommandOutcome.Contended>(await slow.SendAsync("client-1", new Take(0)));

        Assert.Equal(4, contended.Attempts);
        Assert.Equal(["load", "append", "tail", "append", "tail", "append", "tail", "append", "tail"], slow.Store.TakeCalls());
        Assert.Equal(3, time.Waits.Count);
        Assert.Equal(4, (await store.ReadHeadAsync(Purse.Stream("1"), TestContext.Current.CancellationToken)).Version); // All of them the fast one's.
    }

    [Fact]
    public async Task After_giving_up_the_same_command_can_be_sent_again()
    {
        PurseInstance slow = new(store, new CommandHandlerOptions { MaxAttempts = 1 }, new RecordingTime());
        PurseInstance fast = new(store);
        slow.Store.BeforeAppend = n => n == 1 ? fast.SendAsync(new Add(1)) : Task.CompletedTask;

        Assert.IsType<CommandOutcome.Contended>(await slow.SendAsync("client-1", new Take(0)));
        Assert.False(Assert.IsType<CommandOutcome.Accepted>(await slow.SendAsync("client-1", new Take(0))).WasRepeated);
    }

    [Fact]
    public async Task A_lost_race_can_turn_the_decision()
    {
        PurseInstance slow = new(store, time: new RecordingTime());
        PurseInstance fast = new(store);
        await slow.SendAsync(new Add(5));
        slow.Store.BeforeAppend = _ => fast.SendAsync(new Take(3));

        CommandOutcome.Rejected rejected = Assert.IsType<CommandOutcome.Rejected>(await slow.SendAsync(new Take(4)));

        Assert.Equal(2, rejected.Version);
    }

    [Fact]
    public async Task Waits_grow_from_the_first_to_the_longest_with_jitter()
    {
        CommandHandlerOptions options = new()
        {
            MaxAttempts = 6,
            FirstBackoff = TimeSpan.FromHours(1), // A wait of less than a millisecond would not be one.
            MaxBackoff = TimeSpan.FromHours(5),
        };
        double[] longest = [1, 2, 4, 5, 5];
        List<double> shares = [];
        for (int run = 0; run < 40; run++)
        {
            RecordingTime time = new();
            PurseInstance slow = new(store, options, time);
            PurseInstance fast = new(store);
            slow.Store.BeforeAppend = _ => fast.SendAsync(new Add(1));

            await slow.SendAsync(new Add(1));

            Assert.Equal(longest.Length, time.Waits.Count);
            shares.AddRange(time.Waits.Zip(longest, (wait, most) => wait.TotalHours / most));
        }

        Assert.All(shares, share => Assert.InRange(share, 0, 1));
        // Of 200 random parts it is as good as impossible that none is in the lowest or the highest fifth.
        Assert.Contains(shares, share => share < 0.2);
        Assert.Contains(shares, share => share > 0.8);
    }

    [Fact]
    public async Task A_wait_ends_when_the_clock_says_so()
    {
        FakeTimeProvider time = new();
        PurseInstance slow = new(store, Patient, time);
        PurseInstance fast = new(store);
        slow.Store.BeforeAppend = n => n == 1 ? fast.SendAsync(new Add(1)) : Task.CompletedTask;

        Task<CommandOutcome> running = slow.SendAsync(new Add(1));
        Assert.False(running.IsCompleted); // The store answers at once: it is the backoff that it waits for.
        time.Advance(Patient.FirstBackoff);

        Assert.Equal(2, Assert.IsType<CommandOutcome.Accepted>(await running).Version);
    }

    [Fact]
    public async Task Cancelling_ends_a_wait_and_lets_the_next_command_in()
    {
        FakeTimeProvider time = new(); // Nobody advances it, so a backoff never ends by itself.
        PurseInstance slow = new(store, Patient, time);
        PurseInstance fast = new(store);
        slow.Store.BeforeAppend = n => n == 1 ? fast.SendAsync(new Add(1)) : Task.CompletedTask;
        using CancellationTokenSource cancellation = new();

        Task<CommandOutcome> running = slow.SendAsync(
            new CommandContext { CommandId = "client-1", Actor = "test" }, new Add(1), cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(2, (await slow.CommitAsync(new Add(1))).LastVersion);
    }
}
