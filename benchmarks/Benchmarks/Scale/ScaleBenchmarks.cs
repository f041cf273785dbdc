using System.Diagnostics;
using System.Globalization;

namespace Serverless.Benchmarks;

/// <summary>
/// Whether a command and a projected event cost the same however many streams and physical partitions there are, and what does cost more.
/// </summary>
internal static class ScaleBenchmarks
{
    private static readonly (int Streams, int Partitions) Small = (1_000, 1);

    public static async Task RunAsync(IReadOnlyList<(int Streams, int Partitions)> sizes, int rounds)
    {
        bool isFlat = true;
        foreach ((int streams, int partitions) in sizes)
        {
            long start = Stopwatch.GetTimestamp();
            await using ScaleSystem small = await ScaleSystem.StartAsync(Small.Streams, Small.Partitions);
            await using ScaleSystem large = await ScaleSystem.StartAsync(streams, partitions);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"\n### {streams:N0} streams over {partitions} physical partitions, filled in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s; {Memory()}\n"));
            ScaleFeed.PrintHeader();
            await new ScaleFeed(large, Math.Min(ScaleSystem.MaxSample, streams / 4)).RunAsync();
            Console.WriteLine();
            ScaleCosts.PrintHeader();
            isFlat &= await new ScaleCosts(small, large, rounds).RunAsync();
            Console.WriteLine();
            ScaleQuestions.PrintHeader();
            await new ScaleQuestions(large).RunAsync();
            Console.WriteLine();
            await ScaleItems.RunAsync(large);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"\n{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s; {Memory()}"));
        }
        Console.WriteLine(isFlat ? "\nEvery request count is the same in all sizes." : "\nNOT the same in all sizes: see above.");
    }

    private static string Memory() => string.Create(
        CultureInfo.InvariantCulture, $"{GC.GetTotalMemory(forceFullCollection: false) / 1e9:F1} GB in use, {Environment.WorkingSet / 1e9:F1} GB taken");
}
