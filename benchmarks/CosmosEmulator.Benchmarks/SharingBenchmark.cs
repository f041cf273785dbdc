using System.Diagnostics;
using System.Globalization;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>Sixteen clients that create items, each in a container of its own, and all in one: what sharing costs.</summary>
internal static class SharingBenchmark
{
    private const int Clients = 16;
    private const int DefaultRounds = 15;
    private const int OperationsPerSlice = 16_000;

    public static async Task RunAsync(int rounds, string dataDirectory)
    {
        rounds = rounds > 0 ? rounds : DefaultRounds;
        Console.WriteLine($"{rounds} rounds, {Clients} clients without the SDK on {Environment.ProcessorCount} processors, items of {Target.ItemBytes} bytes, medians (quartiles of the ratio)");
        Console.WriteLine();
        Console.WriteLine("| store | one container/s | 16 containers/s | ratio | ratio of processor time |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach ((string store, string? directory) in ((string, string?)[])[("memory", null), ("disk", dataDirectory)])
        {
            await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = directory });
            using var http = new HttpMessageInvoker(cosmos.CreateHandler());
            Requests[] own = [.. Enumerable.Range(0, Clients).Select(i => new Requests(http, cosmos.Endpoint, $"own{i}"))];
            Requests[] shared = [.. Enumerable.Repeat(new Requests(http, cosmos.Endpoint, "shared"), Clients)];
            foreach (Requests container in own.Append(shared[0]))
            {
                await container.CreateContainerAsync();
            }

            await MeasureAsync(store, own, shared, rounds);
        }
    }

    private static async Task MeasureAsync(string store, Requests[] own, Requests[] shared, int rounds)
    {
        var rates = new double[2][] { new double[rounds], new double[rounds] };
        var ratios = new double[rounds];
        var costs = new double[rounds];
        int number = 0;
        for (int round = -3; round < rounds; round++)
        {
            (double together, double togetherCost) = await SliceAsync(shared, number++);
            (double apart, double apartCost) = await SliceAsync(own, number++);
            if (round >= 0) // Before, it warms up.
            {
                (rates[0][round], rates[1][round]) = (together, apart);
                (ratios[round], costs[round]) = (apart / together, togetherCost / apartCost);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {store} | {CeilingBenchmark.Quantile(rates[0], 0.5):N0} | {CeilingBenchmark.Quantile(rates[1], 0.5):N0} | {CeilingBenchmark.Quantile(ratios, 0.5):0.00} ({CeilingBenchmark.Quantile(ratios, 0.25):0.00}–{CeilingBenchmark.Quantile(ratios, 0.75):0.00}) | {CeilingBenchmark.Quantile(costs, 0.5):0.00} |"));
    }

    private static async Task<(double PerSecond, double Cost)> SliceAsync(Requests[] clients, int slice)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        await Task.WhenAll(clients.Select((requests, client) => Task.Run(async () =>
        {
            for (int i = 0; i < OperationsPerSlice / Clients; i++)
            {
                string id = $"{slice}-{client}-{i}";
                await requests.CreateAsync(id, id, Target.ItemBytes);
            }
        })));
        return (OperationsPerSlice / Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds);
    }
}
