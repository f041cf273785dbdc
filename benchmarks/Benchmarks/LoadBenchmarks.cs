using Serverless.Banking;
using Serverless.EventSourcing;

namespace Serverless.Benchmarks;

/// <summary>Cold load of a long stream against a short one: snapshots make them the same.</summary>
internal static class LoadBenchmarks
{
    public static async Task RunAsync(int rounds, int operations)
    {
        Console.WriteLine("\n### Cold load of a stream of 10,000 events (ours) against one of 10 (baseline)\n");
        Comparison.PrintHeader();
        await using BenchSystem system = await BenchSystem.StartAsync();
        StreamName shortStream = await FilledAsync(system, 0, 10);
        StreamName longStream = await FilledAsync(system, 1, 10_000);
        Comparison comparison = new(
            "load",
            prepareBaseline: () => { },
            ours: () => LoadAsync(longStream),
            baseline: () => LoadAsync(shortStream),
            operations);
        await comparison.RunAsync(rounds);

        Task LoadAsync(StreamName stream) => Load.RunAsync(
            operations, concurrent: 1, _ => system.Store.LoadStateAsync(AccountAggregate.Definition, stream, CancellationToken.None));
    }

    private static async Task<StreamName> FilledAsync(BenchSystem system, int number, int events)
    {
        StreamName stream = BenchSystem.StreamOf("load_", number);
        var handler = system.NewHandler();
        await system.OpenAsync(handler, stream);
        for (int i = 1; i < events; i++)
        {
            await system.DepositAsync(handler, stream);
        }
        return stream;
    }
}
