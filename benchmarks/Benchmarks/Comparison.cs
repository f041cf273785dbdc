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
        Console.WriteLine("| case | µs/op, ours / baseline | ratio of throughput (min–max) | CPU µs/op, ours / baseline | ratio of CPU time (min–max) | bytes/op, ours / baseline |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
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
        Console.WriteLine(
            $"| {name} | {Medians(r => r.Microseconds, "F1")} | {Ratios(r => r.Microseconds)} "
            + $"| {Medians(r => r.CpuMicroseconds, "F1")} | {Ratios(r => r.CpuMicroseconds)} | {Medians(r => r.Bytes, "F0")} |");

        string Medians(Func<Round, double> value, string format) =>
            $"{Median(oursRounds.Select(value)).ToString(format, CultureInfo.InvariantCulture)} / {Median(baselineRounds.Select(value)).ToString(format, CultureInfo.InvariantCulture)}";

        // What the baseline takes over what ours takes: 1 is as fast, less is slower.
        string Ratios(Func<Round, double> value)
        {
            double[] ratios = [.. oursRounds.Zip(baselineRounds, (a, b) => value(b) / value(a)).Order()];
            return string.Create(CultureInfo.InvariantCulture, $"**{Median(ratios):F2}** ({ratios[0]:F2}–{ratios[^1]:F2})");
        }
    }

    /// <summary>CPU time of the whole process is taken beside the clock: other programs on the machine don't change it as much.</summary>
    private async Task<Round> MeasureAsync(Func<Task> work)
    {
        GC.Collect();
        long bytes = GC.GetTotalAllocatedBytes();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await work();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        return new Round(
            elapsed.TotalMicroseconds / operations,
            (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / operations,
            (double)(GC.GetTotalAllocatedBytes() - bytes) / operations);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private readonly record struct Round(double Microseconds, double CpuMicroseconds, double Bytes);
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
