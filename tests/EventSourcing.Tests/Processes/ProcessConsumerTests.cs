namespace Serverless.EventSourcing.Tests;

/// <summary>A process manager's steps are sent once, whatever is repeated, and nothing it can't do is passed over.</summary>
public sealed class ProcessConsumerTests
{
    private readonly ConsumerWorld world = new();
    private readonly RecordingEndpoint endpoint;

    public ProcessConsumerTests() => endpoint = new RecordingEndpoint(
        new AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection>(Purse.Definition, world.Store, world.Time, new CommandHandlerOptions()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_carries_what_led_to_it()
    {
        await world.HandleAsync(Process(), await world.AddAsync("a", 1, 2));

        IReadOnlyList<Commit> target = await CommitsAsync("target");
        Assert.Equal(["~process/copy/purse-a/1/copied", "~process/copy/purse-a/2/copied"], target.Select(c => c.Metadata.CommandId));
        Assert.All(target, c => Assert.Equal(("process:copy", "correlation-a-1"), (c.Metadata.Actor, c.Metadata.CorrelationId)));
        Assert.Equal(["purse-a/1", "purse-a/2"], target.Select(c => c.Metadata.CausationId));
        Assert.Equal(["add", "add"], target.Select(c => c.Metadata.CommandType));
    }

    [Fact]
    public async Task Steps_of_one_event_are_sent_in_order()
    {
        await world.HandleAsync(Process(e => [Step("first", new Add(1)), Step("second", new Take(1))]), await world.AddAsync("a", 5));

        Assert.Equal(["~process/copy/purse-a/1/first", "~process/copy/purse-a/1/second"], endpoint.Sent);
    }

    [Fact]
    public async Task A_replay_sends_nothing_again()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("a", 2)];
        await world.HandleAsync(Process(), commits);

        ProjectionResult again = await world.HandleAsync(Process(), commits);

        Assert.Equal((0, 2), (again.Events, endpoint.Sent.Count));
    }

    [Fact]
    public async Task What_was_sent_is_read_before_anything_is_sent()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("a", 2)];
        List<string> calls = [];
        ProcessConsumer process = world.Process(Manager(Copy), endpoint, SteppedFenceStore.Noting(world.Fences, calls));

        await world.HandleAsync(process, commits[0]);
        await world.HandleAsync(process, commits[1]);

        Assert.Equal(
            ["read starts", "write starts", "read fence purse-a", "write fence purse-a 1", "read fence purse-a", "write fence purse-a 2"], calls);
    }

    [Theory]
    [InlineData(false)] // The fence was not written.
    [InlineData(true)] // It was, and the answer was lost.
    public async Task A_crash_between_a_step_and_the_fence_commits_nothing_twice(bool isAfterEffect)
    {
        Commit commit = await world.AddAsync("a", 7);
        Interleaving steps = new(_ => 0);
        int calls = 0;
        await world.HandleAsync(Process(), await world.AddAsync("other", 1)); // It has its start point.
        endpoint.Forget();
        SteppedFenceStore dying = SteppedFenceStore.Over(
            world.Fences, steps, () => ++calls < 3 ? StoreFault.None : isAfterEffect ? StoreFault.AfterEffect : StoreFault.BeforeEffect);
        ProcessConsumer process = world.Process(Manager(Copy), endpoint, dying);

        steps.Run([() => Assert.ThrowsAsync<StoreFaultException>(
            () => world.Runner().HandleAsync(process, [Delivery.Of(commit)], CancellationToken.None))]);
        Assert.Equal(2, (await CommitsAsync("target")).Count);
        await world.HandleAsync(Process(), commit);

        Assert.Equal(isAfterEffect ? 1 : 2, endpoint.Sent.Count);
        Assert.Single(endpoint.Sent.Distinct());
        Assert.Equal(2, (await CommitsAsync("target")).Count);
        Assert.Null(await world.RecordAsync(Process(), "a"));
    }

    [Fact]
    public void Two_hosts_with_the_same_batch_send_each_step_into_one_commit()
    {
        int orders = Order.Each(choose =>
        {
            ConsumerWorld own = new();
            Interleaving steps = new(choose);
            SteppedFenceStore fences = SteppedFenceStore.Over(own.Fences, steps, () => StoreFault.None);
            SteppedTime time = new(steps);
            Commit commit = own.AddAsync("a", 1, 2).GetAwaiter().GetResult(); // It is in memory.
            AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection> purses = new(Purse.Definition, own.Store, time, new CommandHandlerOptions());
            ProcessManager<PurseEvent> copy = Manager(Copy);
            ProcessStarts starts = new(new BoundedContext().Add(copy), own.Fences, time);
            Dictionary<string, IAggregateEndpoint> aggregates = new() { ["purse"] = purses };
            Func<Task> host = () => own.Runner(time: time)
                .HandleAsync(new ProcessConsumer(copy, aggregates, fences, starts), [Delivery.Of(commit)], CancellationToken.None);

            steps.Run([host, host]);

            IReadOnlyList<Commit> target = own.Store.LoadAsync(Purse.Stream("target"), null, CancellationToken.None).GetAwaiter().GetResult().Commits;
            Assert.Equal(["~process/copy/purse-a/1/copied", "~process/copy/purse-a/2/copied"], target.Select(c => c.Metadata.CommandId));
        });
        Assert.True(orders > 1, $"{orders} orders");
    }

    [Fact]
    public async Task A_step_that_is_refused_parks_its_stream_and_what_came_before_is_not_sent_again()
    {
        Commit[] commits = [await world.AddAsync("a", 1), await world.AddAsync("a", 100), await world.AddAsync("b", 2)];
        ProcessConsumer process = Process(e => [Step("copied", AmountOf(e) == 100 ? new Take(100) : new Add(AmountOf(e)))]);

        await world.HandleAsync(process, commits);

        ParkedStream? record = await world.RecordAsync(process, "a");
        Assert.Equal((ParkedStatus.Parked, 2L, "correlation-a-2"), (record!.Status, record.FromVersion, record.CorrelationId));
        Assert.Contains("the step 'copied' was refused by purse-target: not-enough", record.Error, StringComparison.Ordinal);
        Assert.Equal(1, endpoint.Sent.Count(id => id == "~process/copy/purse-a/1/copied"));
        Assert.Contains("~process/copy/purse-b/1/copied", endpoint.Sent);
    }

    [Fact]
    public async Task A_step_that_is_refused_in_every_attempt_is_one_record()
    {
        InMemoryRefusedCommandStore refused = new(world.Time);
        using RefusedCommandRecorder recorder = new(refused, new RefusedCommandOptions(), world.Time, (_, fault) => Assert.Fail(fault.ToString()));
        ProcessConsumer process = world.Process(
            Manager(_ => [Step("taken", new Take(3))]),
            new AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection>(
                Purse.Definition, world.Store, world.Time, new CommandHandlerOptions(), recorder));

        await world.HandleAsync(process, await world.AddAsync("a", 1));

        RefusedCommand record = Assert.Single(await refused.ReadAsync(Purse.Stream("target"), null, Cancellation).ToListAsync(Cancellation));
        Assert.Equal(
            ("~process/copy/purse-a/1/taken", "process:copy", "purse-a/1", "correlation-a-1"),
            (record.Metadata.CommandId, record.Metadata.Actor, record.Metadata.CausationId, record.Metadata.CorrelationId));
    }

    [Fact]
    public async Task A_parked_process_goes_on_when_the_target_takes_the_step()
    {
        ProcessConsumer process = Process(_ => [Step("taken", new Take(3))]);
        await world.HandleAsync(process, await world.AddAsync("a", 1), await world.AddAsync("a", 2));
        await world.AddAsync("target", 10);

        RetryOutcome outcome = await world.Retries().RetryAsync(process, "purse-a", Cancellation);

        Assert.Equal(2, Assert.IsType<RetryOutcome.CaughtUp>(outcome).Events);
        Assert.Equal(["target-1", "~process/copy/purse-a/1/taken", "~process/copy/purse-a/2/taken"], (await CommitsAsync("target")).Select(c => c.Metadata.CommandId));
    }

    [Fact]
    public async Task A_reaction_that_throws_parks_its_stream()
    {
        ProcessConsumer process = Process(_ => throw new InvalidOperationException("unlucky"));

        await world.HandleAsync(process, await world.AddAsync("a", 1));

        Assert.Equal("InvalidOperationException: unlucky", (await world.RecordAsync(process, "a"))?.Error);
    }

    [Theory]
    [InlineData("never-declared", "'copy' sends the step 'never-declared', which is not among its Steps: copied, first, second, taken.")]
    [InlineData("copied", "'copy' sends two steps 'copied' to purse-target because of one event")]
    public async Task Steps_that_could_not_be_told_apart_park_the_stream_and_send_nothing(string second, string error)
    {
        ProcessConsumer process = Process(_ => [Step("copied", new Add(1)), Step(second, new Add(2))]);

        await world.HandleAsync(process, await world.AddAsync("a", 1));

        Assert.Contains(error, (await world.RecordAsync(process, "a"))?.Error, StringComparison.Ordinal);
        Assert.Empty(endpoint.Sent);
    }

    [Fact]
    public async Task Steps_of_one_name_may_go_to_several_targets()
    {
        await world.HandleAsync(
            Process(_ => [Step("copied", new Add(1)), new ProcessStep("copied", Purse.Stream("second"), new Add(1))]), await world.AddAsync("a", 1));

        Assert.Equal((1, 1), ((await CommitsAsync("target")).Count, (await CommitsAsync("second")).Count));
    }

    [Fact]
    public async Task Commits_that_lead_to_nothing_cost_no_call_on_a_host_that_has_handled_the_one_before()
    {
        List<string> calls = [];
        ProcessConsumer process = world.Process(Manager(_ => []), endpoint, SteppedFenceStore.Noting(world.Fences, calls));

        await world.HandleAsync(process, await world.AddAsync("a", 1));
        await world.HandleAsync(process, await world.AddAsync("a", 2));
        await world.HandleAsync(process, await world.AddAsync("a", 3));

        Assert.Equal(["read starts", "write starts", "read fence purse-a"], calls);
    }

    [Fact]
    public async Task A_step_after_commits_that_led_to_nothing_is_sent_by_any_host_and_once()
    {
        Commit[] quiet = [await world.AddAsync("a", 1), await world.AddAsync("a", 2)];
        ProcessConsumer process = Process(e => AmountOf(e) == 9 ? [Step("copied", new Add(9))] : []);
        await world.HandleAsync(process, quiet);
        Commit loud = await world.AddAsync("a", 9);

        await world.HandleAsync(Process(e => AmountOf(e) == 9 ? [Step("copied", new Add(9))] : []), loud); // Another host, which reads the gap.
        ProjectionResult known = await world.HandleAsync(process, loud);

        Assert.Equal(["~process/copy/purse-a/3/copied"], endpoint.Sent);
        Assert.Equal(0, known.Events);
    }

    [Fact]
    public async Task What_is_discarded_stays_behind_though_it_led_to_nothing()
    {
        ProcessConsumer process = Process(e => AmountOf(e) == 13 ? throw new InvalidOperationException("unlucky") : []);
        await world.HandleAsync(process, await world.AddAsync("a", 1), await world.AddAsync("a", 13));

        await world.Retries().DiscardAsync(process, "purse-a", 2, Cancellation);
        await world.HandleAsync(Process(e => AmountOf(e) == 13 ? throw new InvalidOperationException("unlucky") : []), await world.AddAsync("a", 3));

        Assert.Null(await world.RecordAsync(process, "a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(87)]
    [InlineData(128)]
    public async Task The_ids_of_steps_fit_whatever_the_length_of_the_stream_s_id(int length)
    {
        string id = new('x', length);

        await world.HandleAsync(Process(), await world.AddAsync(id, 1));
        await world.HandleAsync(Process(), await world.AddAsync(id, 2));

        Assert.Equal(2, (await CommitsAsync("target")).Count);
        Assert.Equal(2, endpoint.Sent.Distinct().Count());
        Assert.All(endpoint.Sent, sent => Assert.InRange(sent.Length, 1, Limits.MaxCommandIdLength));
    }

    [Fact]
    public async Task A_step_that_no_aggregate_takes_parks_its_stream()
    {
        ProcessConsumer process = Process(_ => [new ProcessStep("copied", StreamName.Create("nobody", "1"), new Add(1))]);

        await world.HandleAsync(process, await world.AddAsync("a", 1));

        Assert.Contains("no aggregate takes Add for nobody-1", (await world.RecordAsync(process, "a"))?.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_is_too_busy_is_thrown_and_parks_nothing()
    {
        Commit commit = await world.AddAsync("a", 1);
        endpoint.IsBusy = true;

        ProcessContentionException busy = await Assert.ThrowsAsync<ProcessContentionException>(() => world.HandleAsync(Process(), commit));
        Assert.Equal(Purse.Stream("target"), busy.Target);
        Assert.Null(await world.RecordAsync(Process(), "a"));

        endpoint.IsBusy = false;
        await world.HandleAsync(Process(), commit);
        Assert.Single(await CommitsAsync("target"));
    }

    [Fact]
    public async Task A_target_whose_rules_throw_parks_the_stream_and_no_other()
    {
        AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection> target = new(
            Purse.With(snapshots: null, decide: (_, _) => throw new InvalidOperationException("a bug")), world.Store, world.Time, new CommandHandlerOptions());
        ProcessConsumer consumer = world.Process(Manager(e => e.Stream.Id == "a" ? [Step("copied", new Add(1))] : []), target);

        await world.HandleAsync(consumer, await world.AddAsync("a", 1), await world.AddAsync("b", 2));

        ParkedStream? record = await world.RecordAsync(consumer, "a");
        Assert.Equal((ParkedStatus.Parked, 3), (record?.Status, record?.Attempts));
        Assert.Contains("a bug", record!.Error, StringComparison.Ordinal);
        Assert.Null(await world.RecordAsync(consumer, "b"));
    }

    [Fact]
    public async Task A_target_whose_events_can_t_be_read_parks_the_stream()
    {
        await world.AppendAsync("target", new StoredEvent("purse.lost", 1, "{}"u8.ToArray()));

        await world.HandleAsync(Process(), await world.AddAsync("a", 1));

        ParkedStream? record = await world.RecordAsync(Process(), "a");
        Assert.Equal((ParkedStatus.Parked, 1L), (record!.Status, record.FromVersion));
        Assert.StartsWith("EventDecodeException: ", record.Error, StringComparison.Ordinal);
    }

    private ProcessConsumer Process(Func<EventEnvelope<PurseEvent>, IEnumerable<ProcessStep>>? react = null) =>
        world.Process(Manager(react ?? Copy), endpoint);

    private static ProcessManager<PurseEvent> Manager(Func<EventEnvelope<PurseEvent>, IEnumerable<ProcessStep>> react) => new()
    {
        Name = "copy",
        Version = 1,
        Start = StartPoint.FromBeginning,
        Steps = ["copied", "first", "second", "taken"],
        Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
        React = react,
    };

    private static IEnumerable<ProcessStep> Copy(EventEnvelope<PurseEvent> envelope) => [Step("copied", new Add(AmountOf(envelope)))];

    private static ProcessStep Step(string name, PurseCommand command) => new(name, Purse.Stream("target"), command);

    private static int AmountOf(EventEnvelope<PurseEvent> envelope) => ((Added)envelope.Event).Amount;

    private async Task<IReadOnlyList<Commit>> CommitsAsync(string id) =>
        (await world.Store.LoadAsync(Purse.Stream(id), snapshotSchema: null, Cancellation)).Commits;
}
