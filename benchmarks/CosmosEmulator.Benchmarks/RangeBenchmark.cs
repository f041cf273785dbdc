using System.Globalization;

namespace Serverless.CosmosEmulator.Benchmarks;

/// <summary>A query for ten neighbours by id, in a small partition and in a huge one: it must cost the same.</summary>
internal static class RangeBenchmark
{
    private const int Found = 10;
    private const int Rounds = 21;
    private const int QueriesPerSlice = 1_000;
    private static readonly (string Key, int Items)[] Partitions = [("small", 1_000), ("large", 1_000_000)];

    public static async Task RunAsync()
    {
        await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create();
        using var http = new HttpMessageInvoker(cosmos.CreateHandler());
        var requests = new Requests(http, cosmos.Endpoint);
        await requests.CreateContainerAsync();
        foreach ((string key, int items) in Partitions)
        {
            for (int i = 0; i < items; i++)
            {
                await requests.CreateAsync(Requests.Id(i), key, 100);
            }
        }

        var costs = Partitions.Select(_ => new double[Rounds]).ToArray();
        var read = new int[Partitions.Length];
        for (int round = -5; round < Rounds; round++)
        {
            for (int i = 0; i < Partitions.Length; i++)
            {
                TimeSpan processor = Environment.CpuUsage.TotalTime;
                read[i] = await SliceAsync(requests, Partitions[i].Key, Partitions[i].Items);
                if (round >= 0) // Before, it warms up.
                {
                    costs[i][round] = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / QueriesPerSlice;
                }
            }
        }

        Console.WriteLine($"{Rounds} rounds of {QueriesPerSlice} queries each, without the SDK, {Found} items found");
        Console.WriteLine();
        Console.WriteLine("| items in the partition | items read for a query, most | processor µs, median (quartiles) |");
        Console.WriteLine("| ---: | ---: | ---: |");
        for (int i = 0; i < Partitions.Length; i++)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {Partitions[i].Items:N0} | {read[i]} | {CeilingBenchmark.Quantile(costs[i], 0.5):0.0} ({CeilingBenchmark.Quantile(costs[i], 0.25):0.0}–{CeilingBenchmark.Quantile(costs[i], 0.75):0.0}) |"));
        }
    }

    private static async Task<int> SliceAsync(Requests requests, string key, int items)
    {
        int most = 0;
        for (int i = 0; i < QueriesPerSlice; i++)
        {
            int from = (int)((long)(items - Found) * i / QueriesPerSlice); // Everywhere in the partition.
            most = Math.Max(most, await requests.RangeAsync(key, Requests.Id(from), Requests.Id(from + Found)));
        }

        return most;
    }
}
