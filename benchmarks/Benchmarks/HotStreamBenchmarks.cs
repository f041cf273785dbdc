using Serverless.CosmosEmulator.Faults;
using Serverless.EventSourcing;
using AccountHandler = Serverless.EventSourcing.CommandHandler<
    Serverless.Banking.AccountCommand, Serverless.Banking.AccountState, Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Benchmarks;

/// <summary>Many clients of one stream, whose requests take as long as those to an account in Azure: written together against one after the other.</summary>
internal static class HotStreamBenchmarks
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(5);

    public static async Task RunAsync(int rounds, int operations)
    {
        Console.WriteLine($"\n### One hot stream at {Latency.TotalMilliseconds} ms a request, commands that wait written together against one after the other\n");
        Comparison.PrintHeader();
        foreach (int clients in (int[])[1, 8, 64])
        {
            await RunAsync(clients, rounds, Math.Min(operations, clients * 100));
        }
    }

    private static async Task RunAsync(int clients, int rounds, int operations)
    {
        await using BenchSystem system = await BenchSystem.StartAsync();
        AccountHandler together = system.NewHandler(new CommandHandlerOptions());
        AccountHandler apart = system.NewHandler(new CommandHandlerOptions { MaxCommandsPerTurn = 1 });
        StreamName first = BenchSystem.StreamOf("hot_", 1);
        StreamName second = BenchSystem.StreamOf("hot_", 2);
        await system.OpenAsync(together, first);
        await system.OpenAsync(apart, second);
        system.Faults.Add(new FaultRule { Effect = FaultEffect.Latency(Latency) });
        Comparison comparison = new(
            $"{clients} clients",
            prepareBaseline: () => { },
            ours: () => Load.RunAsync(operations, clients, _ => system.DepositAsync(together, first)),
            baseline: () => Load.RunAsync(operations, clients, _ => system.DepositAsync(apart, second)),
            operations);
        await comparison.RunAsync(rounds);
    }
}
