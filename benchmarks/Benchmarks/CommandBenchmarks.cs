using Serverless.EventSourcing;
using AccountHandler = Serverless.EventSourcing.CommandHandler<
    Serverless.Banking.AccountCommand, Serverless.Banking.AccountState, Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Benchmarks;

/// <summary>Commands through the handler against the bare SDK creating items of the same sizes.</summary>
internal static class CommandBenchmarks
{
    private const int Streams = 1_000;

    public static async Task RunAsync(int rounds, int operations)
    {
        Console.WriteLine("\n### Commands in process, against the bare SDK's create of an item of the same size\n");
        Comparison.PrintHeader();
        foreach (int concurrent in (int[])[1, 16])
        {
            await RunAsync($"warm, {Streams:N0} streams, {concurrent} at a time", rounds, operations, concurrent, Streams, isWarm: true);
            await RunAsync($"warm, one hot stream, {concurrent} at a time", rounds, operations, concurrent, streams: 1, isWarm: true);
            await RunAsync($"cold, {Streams:N0} streams, {concurrent} at a time", rounds, operations, concurrent, Streams, isWarm: false);
        }
    }

    private static async Task RunAsync(string name, int rounds, int operations, int concurrent, int streams, bool isWarm)
    {
        await using BenchSystem system = await BenchSystem.StartAsync();
        byte[][] samples = await system.SampleItemsAsync();
        AccountHandler handler = system.NewHandler(isWarm ? 1_000_000_000 : 0);
        StreamName[] names = [.. Enumerable.Range(0, streams).Select(n => BenchSystem.StreamOf("pool_", n))];
        await Load.RunAsync(streams, concurrent, n => system.OpenAsync(handler, names[n]));

        long created = 0;
        (StreamName Stream, byte[] Item)[] prepared = [];
        Comparison comparison = new(
            name,
            prepareBaseline: () =>
            {
                // Made before the clock starts: the bare side is charged for nothing but the SDK.
                long first = created;
                created += operations;
                prepared = [.. Enumerable.Range(0, operations).Select(i => (
                    names[i % streams],
                    BenchSystem.ItemFor(samples[i % samples.Length], names[i % streams], first + i + 1, first + i + 1)))];
            },
            ours: () => Load.RunAsync(operations, concurrent, i => system.DepositAsync(handler, names[i % streams])),
            baseline: () => Load.RunAsync(operations, concurrent, i => system.CreateBareAsync(prepared[i].Stream, prepared[i].Item)),
            operations);
        await comparison.RunAsync(rounds);
    }
}
