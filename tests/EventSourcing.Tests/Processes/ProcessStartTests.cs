namespace Serverless.EventSourcing.Tests;

/// <summary>A process that is new or renamed does nothing again, and only what it is to do of the past.</summary>
public sealed class ProcessStartTests
{
    private readonly ConsumerWorld world = new();
    private readonly RecordingEndpoint endpoint;

    public ProcessStartTests() => endpoint = new RecordingEndpoint(
        new AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection>(Purse.Definition, world.Store, world.Time, new CommandHandlerOptions()));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_starts_now_reacts_to_nothing_before()
    {
        Commit[] past = [await world.AddAsync("a", 1), await world.AddAsync("a", 2)];
        world.Time.Advance(TimeSpan.FromSeconds(1));
        ProcessConsumer process = Process(StartPoint.Now);
        await world.HandleAsync(process, past);
        world.Time.Advance(TimeSpan.FromSeconds(1));

        await world.HandleAsync(process, await world.AddAsync("a", 3));

        Assert.Equal(["~process/copy/purse-a/3/copied"], endpoint.Sent);
    }

    [Fact]
    public async Task A_start_point_is_stored_once_and_code_that_names_another_changes_nothing()
    {
        await Starts(StartPoint.From(world.Time.GetUtcNow().AddHours(-1))).EnsureAsync(Cancellation);
        world.Time.Advance(TimeSpan.FromHours(1));

        await world.HandleAsync(Process(StartPoint.Now), await CommitAtAsync(TimeSpan.FromHours(-2.5)), await CommitAtAsync(TimeSpan.FromHours(-1.5)));

        Assert.Equal(["~process/copy/purse-a/2/copied"], endpoint.Sent);
    }

    [Fact]
    public async Task From_an_instant_takes_the_events_of_that_instant_and_later()
    {
        DateTimeOffset instant = new(2026, 11, 23, 12, 0, 0, TimeSpan.FromHours(1)); // 11:00 UTC.

        await world.HandleAsync(
            Process(StartPoint.From(instant)), await CommitAtAsync(-TimeSpan.FromMinutes(61)), await CommitAtAsync(-TimeSpan.FromMinutes(60)), await CommitAtAsync(TimeSpan.Zero));

        Assert.Equal(["~process/copy/purse-a/2/copied", "~process/copy/purse-a/3/copied"], endpoint.Sent);
    }

    [Fact]
    public async Task A_long_past_costs_a_write_per_hundred_versions()
    {
        Commit[] past = await Task.WhenAll(Enumerable.Range(0, 250).Select(_ => world.AddAsync("a", 1)));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        List<string> calls = [];
        ProcessConsumer process = Process(StartPoint.Now, fences: SteppedFenceStore.Noting(world.Fences, calls));

        foreach (Commit commit in past)
        {
            await world.HandleAsync(process, commit);
        }

        Assert.Equal(["write fence purse-a 100", "write fence purse-a 200"], calls.Where(c => c.StartsWith("write fence", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_renamed_process_goes_on_under_its_stored_name_and_sends_nothing_again()
    {
        Commit first = await world.AddAsync("a", 1);
        await world.HandleAsync(Process(StartPoint.FromBeginning), first);

        await world.HandleAsync(Process(StartPoint.FromBeginning, "duplicate", ["twin", "copy"]), first, await world.AddAsync("a", 2));

        Assert.Equal(["~process/copy/purse-a/1/copied", "~process/copy/purse-a/2/copied"], endpoint.Sent);
        Assert.All((await world.Store.LoadAsync(Purse.Stream("target"), null, Cancellation)).Commits, c => Assert.Equal("process:copy", c.Metadata.Actor));
    }

    [Fact]
    public async Task A_renamed_process_without_its_former_name_is_an_error_and_sends_nothing()
    {
        Commit first = await world.AddAsync("a", 1);
        await world.HandleAsync(Process(StartPoint.FromBeginning), first);
        ProcessConsumer renamed = Process(StartPoint.FromBeginning, "duplicate");

        UnknownProcessException error = await Assert.ThrowsAsync<UnknownProcessException>(() => world.HandleAsync(renamed, first));
        await Assert.ThrowsAsync<UnknownProcessException>(() => Starts(StartPoint.Now, "duplicate").EnsureAsync(Cancellation));

        Assert.Equal(("duplicate", "copy"), (error.Process, Assert.Single(error.Unknown)));
        Assert.Contains("add FormerNames = [\"copy\"] to it", error.Message, StringComparison.Ordinal);
        Assert.Contains("RetireProcess(\"copy\")", error.Message, StringComparison.Ordinal);
        Assert.Single(endpoint.Sent);
        Assert.Null(await world.RecordAsync(renamed, "a"));
    }

    [Fact]
    public async Task A_retired_process_lets_another_begin()
    {
        await Starts(StartPoint.FromBeginning).EnsureAsync(Cancellation);
        ProcessManager<PurseEvent> other = Manager(StartPoint.Now, "other");

        await new ProcessStarts(new BoundedContext().Add(other).RetireProcess("copy"), world.Fences, world.Time).EnsureAsync(Cancellation);

        Assert.Equal(["copy", "other"], (await world.Fences.ReadStartsAsync(Cancellation))!.Consumers.Keys.Order());
    }

    [Fact]
    public async Task Code_that_was_rolled_back_goes_on_beside_a_newer_name()
    {
        await Starts(StartPoint.FromBeginning).EnsureAsync(Cancellation);
        BoundedContext newer = new BoundedContext().Add(Manager(StartPoint.FromBeginning)).Add(Manager(StartPoint.Now, "added"));
        await new ProcessStarts(newer, world.Fences, world.Time).EnsureAsync(Cancellation);

        await world.HandleAsync(Process(StartPoint.FromBeginning), await world.AddAsync("a", 1));

        Assert.Single(endpoint.Sent);
    }

    [Fact]
    public void Two_hosts_that_start_at_once_agree_on_one_start()
    {
        int orders = Order.Each(choose =>
        {
            InMemoryFenceStore stored = new();
            Interleaving steps = new(choose);
            SteppedFenceStore fences = SteppedFenceStore.Over(stored, steps, () => StoreFault.None);
            SteppedTime time = new(steps);
            ProcessManager<PurseEvent> process = Manager(StartPoint.Now);
            List<ProcessStart> starts = [];
            Func<Task> host = async () =>
                starts.Add(await new ProcessStarts(new BoundedContext().Add(process), fences, time).OfAsync(process, CancellationToken.None));

            steps.Run([host, host]);

            Assert.Equal(starts[0], starts[1]);
        });
        Assert.True(orders > 1, $"{orders} orders");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Copy")]
    [InlineData("1copy")]
    [InlineData("co/py")]
    [InlineData("a2345678901234567890123456789012345678901")]
    public void A_name_that_can_t_be_stored_is_refused_at_registration(string name)
    {
        Assert.Throws<ArgumentException>(() => new BoundedContext().Add(Manager(StartPoint.Now, name)));
        Assert.Throws<ArgumentException>(() => new BoundedContext().Add(Manager(StartPoint.Now, steps: ["copied", name])));
        Assert.Throws<ArgumentException>(() => new BoundedContext().Add(Manager(StartPoint.Now, formerNames: [name])));
        Assert.Throws<ArgumentException>(() => new BoundedContext().RetireProcess(name));
    }

    [Fact]
    public void A_name_belongs_to_one_process()
    {
        BoundedContext context = new BoundedContext().Add(Manager(StartPoint.Now, "new-name", ["old-name"])).RetireProcess("gone");

        foreach (string taken in (string[])["new-name", "old-name", "gone"])
        {
            Assert.Throws<ArgumentException>(() => context.Add(Manager(StartPoint.Now, taken)));
            Assert.Throws<ArgumentException>(() => context.Add(Manager(StartPoint.Now, "other", [taken])));
        }
        Assert.Throws<ArgumentException>(() => context.RetireProcess("old-name"));
    }

    private async Task<Commit> CommitAtAsync(TimeSpan fromNow)
    {
        Commit commit = await world.AddAsync("a", 1);
        return commit with { Metadata = commit.Metadata with { Timestamp = world.Time.GetUtcNow() + fromNow } };
    }

    private ProcessStarts Starts(StartPoint start, string name = "copy") =>
        new(new BoundedContext().Add(Manager(start, name)), world.Fences, world.Time);

    private ProcessConsumer Process(StartPoint start, string name = "copy", IReadOnlyList<string>? formerNames = null, IFenceStore? fences = null) =>
        world.Process(Manager(start, name, formerNames), endpoint, fences);

    private static ProcessManager<PurseEvent> Manager(
        StartPoint start, string name = "copy", IReadOnlyList<string>? formerNames = null, IReadOnlyList<string>? steps = null) => new()
        {
            Name = name,
            FormerNames = formerNames ?? [],
            Version = 1,
            Start = start,
            Steps = steps ?? ["copied"],
            Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
            React = e => e.Stream.Id == "target" ? [] : [new ProcessStep("copied", Purse.Stream("target"), new Add(1))],
        };
}
