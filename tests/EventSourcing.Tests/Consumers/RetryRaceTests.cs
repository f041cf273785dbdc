namespace Serverless.EventSourcing.Tests;

/// <summary>
/// A commit that is acknowledged behind a parked record while that stream is being retried. In every order of all calls to the stores
/// it ends up in the view, or the stream is still parked.
/// </summary>
public sealed class RetryRaceTests
{
    /// <summary>The code that failed still runs on the host that is fed, or is repaired there too.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_commit_that_arrives_during_a_retry(bool isFeedRepaired) => InEachOrder(
        isFeedRepaired,
        retry: (retries, view) => retries.RetryAsync(view, "purse-a", CancellationToken.None),
        expected: [1, 2, 3]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_commit_that_arrives_during_a_discard(bool isFeedRepaired) => InEachOrder(
        isFeedRepaired,
        retry: (retries, view) => retries.DiscardAsync(view, "purse-a", 2, CancellationToken.None),
        expected: [1, 3]);

    /// <summary>The document can't be read by the host that is fed, and can by the one that retries.</summary>
    [Fact]
    public void A_commit_that_arrives_behind_a_document_that_one_host_can_t_read()
    {
        int caughtUp = 0;
        int parked = 0;
        Order.Each(choose =>
        {
            ConsumerWorld world = new();
            Interleaving steps = new(choose);
            Prepare(world);
            SteppedParkedStore records = new(world.Parked, steps);
            SteppedTime time = new(steps);
            Delivery asDelivered = Delivery.Unreadable("purse-a", 2, new CommitFormatException("2", "purse-a", "its format is 99"));

            steps.Run(
            [
                () => world.Retries(parked: records, time: time).RetryAsync(FailingViews.Log(), "purse-a", CancellationToken.None),
                async () =>
                {
                    await steps.StepAsync("append");
                    Commit third = await world.AddAsync("a", 3);
                    await world.Runner(parked: records, time: time)
                        .HandleAsync(FailingViews.Log(), [asDelivered, Delivery.Of(third)], CancellationToken.None);
                },
            ]);

            CheckNothingIsLost(world, steps, [1, 2, 3], ref caughtUp, ref parked);
        });
        Assert.True(caughtUp > 0 && parked > 0, $"{caughtUp} caught up, {parked} parked");
    }

    private static void InEachOrder(
        bool isFeedRepaired, Func<ParkedStreams, IConsumer, Task<RetryOutcome>> retry, int[] expected)
    {
        int caughtUp = 0;
        int parked = 0;
        int runs = Order.Each(choose =>
        {
            ConsumerWorld world = new();
            Interleaving steps = new(choose);
            Prepare(world);
            SteppedViewStore views = new(world.Views, steps, () => StoreFault.None);
            SteppedParkedStore records = new(world.Parked, steps);
            SteppedTime time = new(steps);
            ConsumerOptions once = ConsumerWorld.Options with { MaxAttempts = 1 };

            steps.Run(
            [
                () => retry(world.Retries(views, records, time), FailingViews.Log(expected.Contains(2) ? [] : [13])),
                async () =>
                {
                    await steps.StepAsync("append");
                    Commit third = await world.AddAsync("a", 3);
                    await world.Runner(once, views, records, time)
                        .HandleAsync(FailingViews.Log(isFeedRepaired ? [] : [13]), [Delivery.Of(third)], CancellationToken.None);
                },
            ]);

            // A discard races with code that can process the commit: then it is in after all, and nothing else differs.
            int[] complete = isFeedRepaired && !expected.Contains(2) && EventsOf(world).Count == 3 ? [1, 2, 3] : expected;
            CheckNothingIsLost(world, steps, complete, ref caughtUp, ref parked);
        });
        Assert.True(runs > 20, $"{runs} orders");
        Assert.True(caughtUp > 0, $"{caughtUp} caught up, {parked} parked");
    }

    private static void CheckNothingIsLost(ConsumerWorld world, Interleaving steps, int[] expected, ref int caughtUp, ref int parked)
    {
        ParkedStream? record = world.RecordAsync(FailingViews.Log(), "a").GetAwaiter().GetResult(); // It is in memory.
        string trace = string.Join("\n  ", steps.Trace);
        if (record is { Status: ParkedStatus.Parked })
        {
            parked++;
            Assert.True(record.ThroughVersion == 3, $"Parked through {record.ThroughVersion} after\n  {trace}");
            return;
        }
        caughtUp++;
        Assert.True(record is null, $"A record is left: {record} after\n  {trace}");
        Assert.True(
            EventsOf(world).SequenceEqual(ConsumerWorld.Events("a", expected)), $"The view has {string.Join(", ", EventsOf(world))} after\n  {trace}");
    }

    /// <summary>One good commit, and one at which the stream is parked.</summary>
    private static void Prepare(ConsumerWorld world)
    {
        world.AddAsync("a", 1).GetAwaiter().GetResult(); // It is in memory.
        world.AddAsync("a", 13).GetAwaiter().GetResult();
        world.Runner().HandleAsync(FailingViews.Log(13), [.. ReadAll(world).Select(Delivery.Of)], CancellationToken.None).GetAwaiter().GetResult();
    }

    private static Commit[] ReadAll(ConsumerWorld world) =>
        [.. world.Store.LoadAsync(Purse.Stream("a"), snapshotSchema: null, CancellationToken.None).GetAwaiter().GetResult().Commits];

    private static IReadOnlyList<string> EventsOf(ConsumerWorld world) => world.EventsAsync("a").GetAwaiter().GetResult();
}
