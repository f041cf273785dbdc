using CsCheck;

namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Two hosts with the same batch, as after a lease that expired while its owner still worked, and direct callers at the same time.
/// Every call to a store is a step, and the steps go in every order; then a host that starts anew is given what the owner of the lease,
/// the last of the hosts, has not acknowledged. Whatever the order: each command has an outcome, an outcome says what the stream says, and commands that were committed are in order.
/// </summary>
public sealed class InboxOverlapTests
{
    [Fact]
    public void One_command_on_two_hosts_in_every_order()
    {
        int orders = Order.Each(choose => Check(new OverlapScenario { Commands = [new Take(1)], Hosts = 2 }, choose))
            + Order.Each(choose => Check(new OverlapScenario { Commands = [new Add(1)], Hosts = 2 }, choose));

        Assert.InRange(orders, 100, 100_000);
    }

    [Fact]
    public void A_command_on_one_host_and_sent_directly_in_every_order()
    {
        int orders = Order.Each(choose => Check(
            new OverlapScenario { Commands = [new Add(1)], Hosts = 1, Direct = [("c0", new Add(1))] }, choose));
        orders += Order.Each(choose => Check(
            new OverlapScenario { Commands = [new Take(1)], Hosts = 1, Direct = [("d0", new Add(1)), ("c0", new Take(1))] }, choose));

        Assert.InRange(orders, 50, 100_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_host_and_a_direct_caller_at_any_point_of_one_host(bool isDirectThere)
    {
        // The other host goes from c0, which is refused as long as there is nothing in the purse, to c1, which puts something in.
        int orders = Order.Each(choose => Check(
            new OverlapScenario
            {
                Commands = [new Take(1), new Add(1), new Take(1)],
                Hosts = 2,
                IsFirstAtOnce = true,
                Direct = isDirectThere ? [("d0", new Add(1))] : [],
            },
            choose));

        Assert.InRange(orders, 10, 100_000);
    }

    [Fact]
    public void A_backlog_that_is_drained_and_a_new_command_on_another_host_in_every_order()
    {
        // One host is about to find that nothing waits and to delete the backlog, when the other is delivered a command behind it.
        int orders = Order.Each(choose => Check(new OverlapScenario { Commands = [], Hosts = 2, Late = [new Add(2), new Add(3)], Slice = 1, IsBacklogDrained = true }, choose));

        Assert.InRange(orders, 100, 200_000);
    }

    [Theory]
    [InlineData(StoreFault.BeforeEffect)]
    [InlineData(StoreFault.AfterEffect)]
    internal void A_fault_at_any_call_of_one_host_while_another_one_works(StoreFault fault)
    {
        for (int at = 0; at < 10; at += 3)
        {
            StoreFault[] faults = [.. Enumerable.Repeat(StoreFault.None, at), fault];
            Order.Each(choose => Check(new OverlapScenario { Commands = [new Add(1)], Hosts = 2, Faults = faults }, choose));
        }
    }

    [Fact]
    public void Any_commands_on_any_hosts_in_any_order_with_any_faults() =>
        Gen.Select(Scenarios, Gen.Int[0, 11].Array[0, 80]).Sample((scenario, choices) => Check(scenario, Order.By(choices)), iter: 2_000);

    private static readonly Gen<PurseCommand> Command = Gen.Frequency(
        (3, Gen.Int[1, 3].Select<int, PurseCommand>(amount => new Add(amount))),
        (3, Gen.Int[1, 3].Select<int, PurseCommand>(amount => new Take(amount))),
        (1, Gen.Int[1, 3].Select<int, PurseCommand>(total => new FillUpTo(total))));

    private static readonly Gen<OverlapScenario> Scenarios =
        from commands in Command.Array[1, 6]
        from before in Gen.Int[0, 3]
        from hosts in Gen.Int[1, 3]
        from slice in Gen.Int[1, 4]
        from late in Command.Array[0, 2]
        from direct in Gen.Select(Gen.OneOf(Gen.Int[0, 5].Select(i => $"c{i}"), Gen.Int[0, 2].Select(i => $"d{i}")), Command).Array[0, 2]
        from faults in Gen.Frequency((8, Gen.Const(StoreFault.None)), (1, Gen.Const(StoreFault.BeforeEffect)), (1, Gen.Const(StoreFault.AfterEffect))).Array[0, 30]
        select new OverlapScenario
        {
            Commands = commands,
            Before = Math.Min(before, commands.Length),
            Hosts = hosts,
            Slice = slice,
            Late = late,
            Direct = direct,
            Faults = faults,
        };

    private static void Check(OverlapScenario scenario, Func<int, int> choose)
    {
        InboxWorld world = new();
        Interleaving steps = new(choose);
        try
        {
            scenario.RunAsync(world, steps).GetAwaiter().GetResult(); // Only the interleaving waits; it runs on this thread.
            CheckPromisesAsync(scenario, world).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            throw new InvalidOperationException($"{e.Message}\n{scenario}\nSteps:\n  {string.Join("\n  ", steps.Trace)}", e);
        }
    }

    private static async Task CheckPromisesAsync(OverlapScenario scenario, InboxWorld world)
    {
        string[] commits = await world.CommitsAsync();
        string[] ids = [.. scenario.Ids];
        foreach (string id in ids)
        {
            InboxCommand item = await world.FindAsync(id);
            InboxOutcome? outcome = item.Outcome;
            Assert.True(outcome is not null, $"{id} has no outcome");
            bool isReported = outcome is { Status: InboxStatus.Accepted, FirstVersion: not null };
            if (!scenario.MayContradict(id))
            {
                Assert.True(isReported == commits.Contains(id), $"{id} is {outcome.Status} with {outcome.FirstVersion}, the stream has {string.Join(", ", commits)}");
            }
        }
        Assert.Equal(commits.Distinct(), commits);
        // A command that was sent directly as well takes its turn when that call does.
        string[] inOrder = [.. ids.Except(scenario.Direct.Select(d => d.Id))];
        Assert.Equal(inOrder.Where(commits.Contains), commits.Where(inOrder.Contains));
        Assert.Null(await world.Inbox.ReadBacklogAsync(Purse.Stream("a"), CancellationToken.None));
    }
}

/// <summary>Commands c0, c1, … that wait, hosts that are all delivered them, a command that comes late, and direct calls.</summary>
internal sealed record OverlapScenario
{
    public required IReadOnlyList<PurseCommand> Commands { get; init; }

    /// <summary>Commands, the first of all, that were executed before with a slice of that size; 0 for none.</summary>
    public int Before { get; init; }

    public required int Hosts { get; init; }

    public int Slice { get; init; } = 3;

    /// <summary>A backlog is there, and nothing waits behind it. Calls for events are no steps then: the race is in the inbox.</summary>
    public bool IsBacklogDrained { get; init; }

    /// <summary>The first host does all its work in one step.</summary>
    public bool IsFirstAtOnce { get; init; }

    /// <summary>Added while the hosts work, and delivered to the last of them, after its batch.</summary>
    public IReadOnlyList<PurseCommand> Late { get; init; } = [];

    public IReadOnlyList<(string Id, PurseCommand Command)> Direct { get; init; } = [];

    /// <summary>Of the calls of the hosts to the stores, in the order in which they happen.</summary>
    public IReadOnlyList<StoreFault> Faults { get; init; } = [];

    public IEnumerable<string> Ids => Enumerable.Range(0, Commands.Count).Select(i => $"c{i}").Concat(Late.Select((_, i) => $"late{i}"));

    /// <summary>
    /// A refusal is on record, and then the very same command is committed: by a direct call, or by an overtaken host that dies before
    /// it can say so. The status route looks for the commit.
    /// </summary>
    public bool MayContradict(string id) => Direct.Count > 0 && (Direct.Any(d => d.Id == id) || Faults.Any(f => f != StoreFault.None));

    public async Task RunAsync(InboxWorld world, Interleaving steps)
    {
        for (int i = 0; i < Commands.Count; i++)
        {
            await world.AddAsync($"c{i}", Commands[i]);
        }
        IReadOnlyList<InboxChange> batch = world.Changes();
        if (Before > 0)
        {
            await world.Host(options: InboxWorld.Options with { MaxCommandsPerSlice = Before }).HandleAsync(batch, CancellationToken.None);
            batch = world.Changes();
        }
        if (IsBacklogDrained)
        {
            await world.Inbox.TryWriteBacklogAsync(
                new InboxBacklog { Stream = Purse.Stream("a"), Position = "0", Since = world.Time.GetUtcNow() }, CancellationToken.None);
            batch = world.Changes();
        }
        int calls = 0;
        Func<StoreFault> nextFault = () => calls < Faults.Count ? Faults[calls++] : StoreFault.None;
        InboxOptions options = InboxWorld.Options with { MaxCommandsPerSlice = Slice };
        InboxRunner[] hosts =
        [
            .. Enumerable.Range(0, Hosts).Select(_ => world.Host(
                IsBacklogDrained ? world.Store : new SteppedStore(world.Store, steps, nextFault), new SteppedInboxStore(world.Inbox, steps, nextFault), new SteppedTime(steps), options)),
        ];
        if (IsFirstAtOnce)
        {
            hosts[0] = world.Host(options: options);
        }
        string acknowledged = "0";
        PurseInstance direct = new(new SteppedStore(world.Store, steps, () => StoreFault.None), InboxWorld.Handling, new SteppedTime(steps));
        steps.Run(
        [
            .. hosts[..^1].Select<InboxRunner, Func<Task>>(host => async () =>
            {
                if (IsFirstAtOnce)
                {
                    await steps.StepAsync("all of the other host");
                }
                await HandleAsync(host, batch);
            }),
            async () =>
            {
                bool isDone = IsBacklogDrained || await HandleAsync(hosts[^1], batch);
                acknowledged = isDone ? InboxWorld.After(batch) : "0";
                if (Late.Count > 0)
                {
                    await steps.StepAsync("add late");
                    for (int i = 0; i < Late.Count; i++)
                    {
                        await world.AddAsync($"late{i}", Late[i]);
                    }
                    // A feed delivers nothing behind a batch that failed.
                    InboxChange[] late = [.. world.Changes().Where(c => c.Id.StartsWith("late", StringComparison.Ordinal))];
                    acknowledged = isDone && await HandleAsync(hosts[^1], late) ? InboxWorld.After(late) : acknowledged;
                }
            },
            .. Direct.Select<(string Id, PurseCommand Command), Func<Task>>(d => () => direct.SendAsync(
                new CommandContext { CommandId = d.Id, Actor = "direct" }, d.Command, "a", CancellationToken.None)),
        ]);
        await world.RunAsync(world.Host(options: options), from: acknowledged);
    }

    public override string ToString() =>
        $"[{string.Join(", ", Commands)}] before {Before}, {Hosts} hosts, slice {Slice}, late [{string.Join(", ", Late)}], "
        + $"direct [{string.Join(", ", Direct)}], faults [{string.Join(", ", Faults)}]";

    /// <summary>A batch that fails is delivered again, in the end to the host that starts anew.</summary>
    private static async Task<bool> HandleAsync(InboxRunner host, IReadOnlyList<InboxChange> batch)
    {
        try
        {
            await host.HandleAsync(batch, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is StoreFaultException or InboxContentionException or OperationCanceledException)
        {
            return false;
        }
    }
}
