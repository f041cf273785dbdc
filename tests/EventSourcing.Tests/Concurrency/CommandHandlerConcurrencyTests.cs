using CsCheck;

namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Several clients, several instances, one store: every call to it is a step, and the steps go in every order. What is checked after
/// each run stands in <see cref="Promises"/>. A failure prints the scenario, the order, and the seed that repeats it.
/// </summary>
public sealed class CommandHandlerConcurrencyTests
{
    [Fact]
    public void Two_instances_in_every_order()
    {
        int orders = Order.Each(order => ScenarioRun.Check(
            new Scenario(
            [
                [new Send("a1", new Add(5)) { IsFresh = true }, new Send("a2", new Take(6))],
                [new Send("b1", new Take(5), Instance: 1), new Send("b2", new Add(1), Instance: 1)],
            ]),
            order));

        Assert.InRange(orders, 100, 100_000);
    }

    [Fact]
    public void Three_instances_in_every_order()
    {
        int orders = Order.Each(order => ScenarioRun.Check(
            new Scenario(
            [
                [new Send("a", new Add(1))],
                [new Send("b", new Take(1), Instance: 1)],
                [new Send("c", new FillUpTo(1), Instance: 2)],
            ]),
            order));

        Assert.InRange(orders, 100, 100_000);
    }

    [Fact]
    public void One_command_sent_three_times_at_once_in_every_order()
    {
        int orders = Order.Each(order => ScenarioRun.Check(
            new Scenario(
            [
                [new Send("same", new Add(1))],
                [new Send("same", new Add(1), Instance: 1)],
                [new Send("same", new Add(2), Instance: 2)],
            ]),
            order));

        Assert.InRange(orders, 100, 100_000);
    }

    [Theory]
    [InlineData(StoreFault.BeforeEffect)]
    [InlineData(StoreFault.AfterEffect)]
    internal void A_fault_at_any_call_and_a_retry_through_another_instance_in_every_order(StoreFault fault)
    {
        for (int at = 0; at < 8; at++)
        {
            StoreFault[] faults = [.. Enumerable.Repeat(StoreFault.None, at), fault];
            Order.Each(order => ScenarioRun.Check(
                new Scenario(
                [
                    [new Send("a", new Add(3)), new Send("a", new Add(3), Instance: 1)],
                    [new Send("b", new Take(2), Instance: 1)],
                ])
                { Faults = faults },
                order));
        }
    }

    [Fact]
    public void Any_clients_in_any_order_with_any_faults() =>
        Gen.Select(Scenarios, Gen.Int[0, 11].Array[0, 60]).Sample(
            (scenario, choices) => ScenarioRun.Check(scenario, Order.By(choices)),
            iter: 3_000);

    [Fact]
    public void Many_clients_of_two_instances_whose_commands_are_written_together() =>
        Gen.Select(
            Gen.Select(Sends, Gen.Int[0, 1], (send, instance) => send with { Instance = instance, Stream = 0 }).Array[1, 3].Array[4, 8],
            Gen.OneOf<int?>(null, 3), Faults.Array[0, 12], Gen.Int[0, 11].Array[0, 60],
            (clients, snapshots, faults, choices) => (Scenario: Of(clients, new CommandHandlerOptions(), snapshots, faults), choices))
            .Sample(run => ScenarioRun.Check(run.Scenario, Order.By(run.choices)), iter: 1_000);

    private static Scenario Of(Send[][] clients, CommandHandlerOptions options, int? snapshots, StoreFault[] faults) =>
        new([.. clients.Select((sends, c) => sends.Select((s, n) => s.Id.Length == 0 ? s with { Id = $"{c}.{n}" } : s).ToArray())])
        {
            Options = options,
            SnapshotEvery = snapshots,
            Faults = faults,
        };

    private static readonly Gen<PurseCommand> Command = Gen.Frequency(
        (4, Gen.Int[1, 3].Select(n => (PurseCommand)new Add(n))),
        (4, Gen.Int[1, 3].Select(n => (PurseCommand)new Take(n))),
        (2, Gen.Int[1, 5].Select(n => (PurseCommand)new FillUpTo(n))),
        (1, Gen.Int[0, 4].Select(n => (PurseCommand)new AddOneByOne(n))));

    private static readonly Gen<Send> Sends = Gen.Select(
        Gen.Frequency((4, Gen.Const<int?>((int?)null)), (1, Gen.Int[0, 1].Select(n => (int?)n))),
        Command,
        Gen.Frequency((3, Gen.Const(0)), (1, Gen.Const(1))),
        Gen.Int[0, 2],
        Gen.Frequency((4, Gen.Const((long?)null)), (1, Gen.Long[0, 4].Select(n => (long?)n))),
        Gen.Bool,
        (sharedId, command, stream, instance, ifMatch, isFresh) =>
            new Send(sharedId is { } id ? $"shared{id}" : "", command, stream, instance, ifMatch) { IsFresh = isFresh && sharedId is null });

    private static readonly Gen<CommandHandlerOptions> Options = Gen.Select(
        Gen.Int[1, 4], Gen.Int[1, 4], Gen.OneOf(0L, 4_000L), (attempts, queue, cached) => new CommandHandlerOptions
        {
            MaxAttempts = attempts,
            MaxQueuedPerStream = queue,
            CachedStateBytes = cached,
        });

    private static readonly Gen<StoreFault> Faults = Gen.Frequency(
        (6, Gen.Const(StoreFault.None)), (1, Gen.Const(StoreFault.BeforeEffect)), (1, Gen.Const(StoreFault.AfterEffect)), (2, Gen.Const(StoreFault.Stale)));

    private static readonly Gen<Scenario> Scenarios = Gen.Select(
        Sends.Array[0, 4].Array[1, 4], Options, Gen.OneOf<int?>(null, 1, 2, 3), Faults.Array[0, 12], Of);
}
