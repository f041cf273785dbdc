using System.Diagnostics;
using System.Globalization;
using System.Runtime;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>
/// The emulator in process as a share of what the SDK can do at all. Each round measures all targets one after the other, so that
/// whatever else the machine does meets all of them; what counts is the median of the rounds' ratios.
/// </summary>
internal static class CeilingBenchmark
{
    private const int OperationsPerSlice = 2_000;
    private const int WarmUpOperations = 20_000;
    private const int MaxWarmUps = 12;
    private const int FewMethods = 20;

    public static async Task<bool> RunAsync(int rounds, string only, string dataDirectory)
    {
        await using Target ceiling = await Target.CreateAsync("constants", constant: true);
        await using Target memory = await Target.CreateAsync("in memory");
        await using Target disk = await Target.CreateAsync("on disk", new CosmosEmulatorOptions { DataDirectory = dataDirectory });
        Case[] cases =
        [
            new("point read", memory, target => target.ReadAsync(), 0.8),
            new("create", memory, target => target.CreateAsync(), 0.6),
            new("batch of 2", memory, target => target.BatchAsync(), 0.5),
            new("point read", disk, target => target.ReadAsync(), 0.8),
            new("create", disk, target => target.CreateAsync(), 0.35),
            new("batch of 2", disk, target => target.BatchAsync(), null),
        ];
        Console.WriteLine($"{rounds} rounds, item of {Target.ItemBytes} bytes, medians; ratio to the SDK answered by constants (quartiles)");
        Console.WriteLine();
        Console.WriteLine("| operation | target | at once | SDK ceiling/s | emulator/s | ratio | by processor time | wanted |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        bool allReached = true;
        foreach (int concurrency in (int[])[1, 16])
        {
            foreach (Case wanted in cases.Where(wanted => $"{wanted.Name} {wanted.Target.Name} {concurrency:00}".Contains(only, StringComparison.Ordinal)))
            {
                allReached &= await MeasureAsync(wanted, ceiling, concurrency, rounds);
            }
        }

        return allReached;
    }

    private static async Task<bool> MeasureAsync(Case wanted, Target ceiling, int concurrency, int rounds)
    {
        await WarmUpAsync(wanted, ceiling, concurrency);
        var upper = new double[rounds];
        var actual = new double[rounds];
        var ratios = new double[rounds];
        var costs = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            // The order changes, so that neither always runs after the other's garbage.
            bool ceilingFirst = round % 2 == 0;
            (double first, double firstCost) = await RateAsync(ceilingFirst ? ceiling : wanted.Target, wanted.Operation, concurrency, OperationsPerSlice);
            (double second, double secondCost) = await RateAsync(ceilingFirst ? wanted.Target : ceiling, wanted.Operation, concurrency, OperationsPerSlice);
            (upper[round], actual[round]) = ceilingFirst ? (first, second) : (second, first);
            ratios[round] = actual[round] / upper[round];
            costs[round] = ceilingFirst ? firstCost / secondCost : secondCost / firstCost;
        }

        double ratio = Quantile(ratios, 0.5);
        bool reached = wanted.Ratio is null || ratio >= wanted.Ratio;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {wanted.Name} | {wanted.Target.Name} | {concurrency} | {Quantile(upper, 0.5):N0} | {Quantile(actual, 0.5):N0} | {ratio:0.00} ({Quantile(ratios, 0.25):0.00}–{Quantile(ratios, 0.75):0.00}) | {Quantile(costs, 0.5):0.00} | {(wanted.Ratio is null ? "" : $"≥ {wanted.Ratio}{(reached ? "" : " missed")}")} |"));
        return reached;
    }

    /// <summary>Until the just-in-time compiler is done with its tiers, which takes long on a busy machine and would cost both sides the same.</summary>
    private static async Task WarmUpAsync(Case wanted, Target ceiling, int concurrency)
    {
        for (int i = 0; i < MaxWarmUps; i++)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            await RateAsync(ceiling, wanted.Operation, concurrency, WarmUpOperations);
            await RateAsync(wanted.Target, wanted.Operation, concurrency, WarmUpOperations);
            if (JitInfo.GetCompiledMethodCount() - compiled < FewMethods)
            {
                return;
            }
        }
    }

    /// <summary>Operations a second, and the processor time of one in microseconds.</summary>
    private static async Task<(double PerSecond, double Cost)> RateAsync(Target target, Func<Target, Task> operation, int concurrency, int operations)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        int left = operations;
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await operation(target);
            }
        })));
        return (operations / Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / operations);
    }

    public static double Quantile(double[] values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Round((sorted.Length - 1) * quantile)];
    }

    private sealed record Case(string Name, Target Target, Func<Target, Task> Operation, double? Ratio);
}
