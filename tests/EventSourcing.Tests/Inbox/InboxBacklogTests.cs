namespace Serverless.EventSourcing.Tests;

/// <summary>More commands for one stream than are executed at once.</summary>
public sealed class InboxBacklogTests
{
    private readonly InboxWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_burst_a_slice_is_executed_and_the_rest_is_left_behind_a_backlog()
    {
        await BurstAsync(8);
        await world.AddAsync("d1", new Add(1), purse: "b");

        InboxResult result = await world.Host().HandleAsync(world.Changes(), Cancellation);

        Assert.Equal((4, 1), (result.Settled, result.StreamsLeft));
        Assert.Equal(["c1", "c2", "c3"], await world.CommitsAsync());
        Assert.Equal(InboxStatus.Accepted, (await world.FindAsync("d1", "b")).Status);
        Assert.NotNull(await world.Inbox.ReadBacklogAsync(Purse.Stream("a"), Cancellation));
        Assert.Contains(world.Changes(), c => c.Kind == InboxChangeKind.Backlog); // It comes round.
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    [InlineData(50, 1)]
    public async Task A_backlog_is_drained_in_order_and_then_gone(int commands, int backlogs)
    {
        string[] ids = await BurstAsync(commands);

        Assert.Equal(backlogs, (await world.Host().HandleAsync(world.Changes(), Cancellation)).StreamsLeft);
        await world.RunAsync();

        Assert.Equal(ids, await world.CommitsAsync());
        Assert.Null(await world.Inbox.ReadBacklogAsync(Purse.Stream("a"), Cancellation));
    }

    [Fact]
    public async Task Commands_that_come_later_wait_behind_the_backlog()
    {
        string[] ids = await BurstAsync(5);
        await world.Host().HandleAsync(world.Changes(), Cancellation);
        await world.AddAsync("late", new Add(1));

        // The newest change alone, as a feed would deliver it that is past the others: not it is executed, but those before it.
        await world.Host().HandleAsync([world.Changes()[^1]], Cancellation);

        Assert.Equal(ids, await world.CommitsAsync());
        await world.RunAsync();
        Assert.Equal((string[])[.. ids, "late"], await world.CommitsAsync());
    }

    [Fact]
    public async Task What_arrives_between_two_slices_comes_after_all_that_was_there()
    {
        string[] first = await BurstAsync(7);
        await world.Host().HandleAsync(world.Changes(), Cancellation);
        string[] second = await BurstAsync(7, from: 8);
        await world.RunAsync(batchSize: 4);

        Assert.Equal((string[])[.. first, .. second], await world.CommitsAsync());
    }

    [Fact]
    public async Task Streams_with_a_backlog_take_turns()
    {
        await BurstAsync(30);
        await BurstAsync(30, purse: "b");
        InboxRunner host = world.Host();
        InboxPage page = world.Inbox.ReadFeed("0", int.MaxValue);

        for (; !page.IsEnd; page = world.Inbox.ReadFeed(page.Position, int.MaxValue))
        {
            await host.HandleAsync(page.Changes, Cancellation);
            Assert.Equal((await world.CommitsAsync("a")).Length, (await world.CommitsAsync("b")).Length);
        }

        Assert.Equal((30, 30), ((await world.CommitsAsync("a")).Length, (await world.CommitsAsync("b")).Length));
    }

    [Fact]
    public async Task A_batch_delivered_again_after_its_backlog_was_drained_ends_with_nothing_left()
    {
        string[] ids = await BurstAsync(10);
        IReadOnlyList<InboxChange> batch = world.Changes();
        await world.RunAsync();

        await world.Host().HandleAsync(batch, Cancellation);
        await world.RunAsync();

        Assert.Equal(ids, await world.CommitsAsync());
        Assert.Null(await world.Inbox.ReadBacklogAsync(Purse.Stream("a"), Cancellation));
    }

    [Fact]
    public async Task A_burst_is_executed_while_other_streams_come_and_go()
    {
        await BurstAsync(100);
        InboxRunner host = world.Host();
        int others = 0;
        InboxPage page = world.Inbox.ReadFeed("0", 50);

        for (; !page.IsEnd; page = world.Inbox.ReadFeed(page.Position, 50))
        {
            // What was sent before this batch is done with it or the next one, while the burst goes on.
            await host.HandleAsync(page.Changes, Cancellation);
            if ((await world.CommitsAsync()).Length < 90)
            {
                others++;
                await world.AddAsync($"o{others}", new Add(1), purse: $"other{others}");
                if (others > 3)
                {
                    Assert.Equal(InboxStatus.Accepted, (await world.FindAsync($"o{others - 3}", $"other{others - 3}")).Status);
                }
            }
        }

        Assert.Equal(100, (await world.CommitsAsync()).Length);
        Assert.True(others > 20, $"{others} others");
    }

    private async Task<string[]> BurstAsync(int commands, int from = 1, string purse = "a")
    {
        string[] ids = [.. Enumerable.Range(from, commands).Select(i => $"c{i}")];
        foreach (string id in ids)
        {
            await world.AddAsync(id, new Add(1), purse);
        }
        return ids;
    }
}
