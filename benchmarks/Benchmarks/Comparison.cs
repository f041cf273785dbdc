using System.Diagnostics;
using System.Globalization;

namespace Serverless.Benchmarks;

/// <summary>
/// Two ways of doing the same amount of work, in turn, in one process: A B A B …. The ratio is taken pair by pair, so that it holds
/// when the machine's speed drifts; a time alone says little on a shared machine.
/// </summary>
internal sealed class Comparison(string name, Action prepareBaseline, Func<Task> ours, Func<Task> baseline, int operations)
{
    public const int WarmUpRounds = 6;

    public static void PrintHeader()
    {
        Console.WriteLine("| case | ours, µs/op | baseline, µs/op | ratio of throughput (median, min–max) | allocated, bytes/op (ours / baseline) |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
    }

    public async Task RunAsync(int rounds)
    {
        List<Round> oursRounds = [];
        List<Round> baselineRounds = [];
        for (int i = -WarmUpRounds; i < rounds; i++)
        {
            Round a = await MeasureAsync(ours);
            prepareBaseline();
            Round b = await MeasureAsync(baseline);
            if (i >= 0)
            {
                oursRounds.Add(a);
                baselineRounds.Add(b);
            }
        }
        double[] ratios = [.. oursRounds.Zip(baselineRounds, (a, b) => b.Microseconds / a.Microseconds).Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Median(oursRounds, r => r.Microseconds):F1} | {Median(baselineRounds, r => r.Microseconds):F1} | {ratios[ratios.Length / 2]:F2} ({ratios[0]:F2}–{ratios[^1]:F2}) | {Median(oursRounds, r => r.Bytes):F0} / {Median(baselineRounds, r => r.Bytes):F0} |"));
    }

    private async Task<Round> MeasureAsync(Func<Task> work)
    {
        long bytes = GC.GetTotalAllocatedBytes();
        long start = Stopwatch.GetTimestamp();
        await work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new Round(elapsed.TotalMicroseconds / operations, (double)(GC.GetTotalAllocatedBytes() - bytes) / operations);
    }

    private static double Median(List<Round> rounds, Func<Round, double> value) => rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    private readonly record struct Round(double Microseconds, double Bytes);
}

internal static class Load
{
    /// <summary>Runs <paramref name="operations"/> numbered operations with a fixed number of them under way.</summary>
    public static Task RunAsync(int operations, int concurrent, Func<int, Task> operation)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, concurrent).Select(_ => Task.Run(WorkAsync)));

        async Task WorkAsync()
        {
            for (int i = Interlocked.Increment(ref next); i < operations; i = Interlocked.Increment(ref next))
            {
                await operation(i);
            }
        }
    }
}
