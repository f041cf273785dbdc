using System.Diagnostics;
using System.Globalization;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>From the start of the process to its ready line, as somebody waits for it who has built the program.</summary>
internal static class StartBenchmark
{
    private const int DefaultRuns = 20;

    public static async Task RunAsync(int runs, string dataDirectory)
    {
        runs = runs > 0 ? runs : DefaultRuns;
        string reopened = Path.Combine(dataDirectory, "reopened");
        await StartAsync("--data", reopened); // The files are read from disk once.
        (string Name, Func<int, string[]> Arguments)[] cases =
        [
            ("in memory", _ => []),
            ("new directory", run => ["--data", Path.Combine(dataDirectory, $"{run}")]),
            ("empty directory of an earlier run", _ => ["--data", reopened]),
        ];
        var clock = cases.Select(_ => new double[runs]).ToArray();
        var processor = cases.Select(_ => new double[runs]).ToArray();
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < cases.Length; i++)
            {
                (TimeSpan ready, TimeSpan used) = await StartAsync(cases[i].Arguments(run));
                (clock[i][run], processor[i][run]) = (ready.TotalMilliseconds, used.TotalMilliseconds);
            }
        }

        Console.WriteLine($"{runs} starts each, in turn");
        Console.WriteLine();
        Console.WriteLine("| store | ms to the ready line, median | fastest | slowest | processor ms, median |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        for (int i = 0; i < cases.Length; i++)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {cases[i].Name} | {CeilingBenchmark.Quantile(clock[i], 0.5):0} | {clock[i].Min():0} | {clock[i].Max():0} | {CeilingBenchmark.Quantile(processor[i], 0.5):0} |"));
        }
    }

    /// <summary>Starts the program on a free port and ends it once it is ready.</summary>
    public static async Task<(TimeSpan Ready, TimeSpan Processor)> StartAsync(params string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        string program = Path.Combine(AppContext.BaseDirectory, "Serverless.CosmosEmulator.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [program, "--port", "0", .. arguments]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The program was not started.");
        try
        {
            string? line = await process.StandardOutput.ReadLineAsync();
            TimeSpan ready = Stopwatch.GetElapsedTime(start);
            return line?.StartsWith("Ready", StringComparison.Ordinal) == true
                ? (ready, process.TotalProcessorTime)
                : throw new InvalidOperationException($"The program said '{line}' instead of being ready.");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
