using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Benchmarks;

/// <summary>
/// A view of a durable store built anew from the beginning, as a deployed version of a projection is: the SDK's change feed processor
/// with leases of its own, and the consumer path of the functions. Against reading the same feed with the SDK and doing nothing.
/// </summary>
internal static class ReplayBenchmarks
{
    private const int PageSize = 1_000;

    public static async Task RunAsync(string directory, IReadOnlyList<ReplayOrder> orders, IReadOnlyList<(string Name, Func<BenchSystem, int, Task<RebuildRun>> Run)> ways, int events, int rounds)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n### Rebuild of account-summary over {events:N0} events in a durable store, against reading the raw change feed\n"));
        Console.WriteLine("| order of events | by | documents | raw feed, events/s | rebuild, events/s | ratio (min–max) | CPU µs per event, rebuild / raw | requests per event | request units per event (estimate) |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (ReplayOrder order in orders)
        {
            await using BenchSystem system = await ReplayStore.OpenAsync(directory, order, events);
            foreach ((string way, Func<BenchSystem, int, Task<RebuildRun>> run) in ways)
            {
                await RunAsync(system, order.Name, way, run, events, rounds);
            }
        }
    }

    private static async Task RunAsync(
        BenchSystem system, string order, string way, Func<BenchSystem, int, Task<RebuildRun>> run, int events, int rounds)
    {
        List<(Measure Raw, Measure Rebuild)> pairs = [];
        RebuildRun last = new(0, 0, 0);
        for (int round = -1; round < rounds; round++)
        {
            await system.ClearAsync(ContainerNames.Views, ContainerNames.Leases);
            Measure before = await MeasureAsync(events, () => ReadFeedAsync(system.Events, events));
            Measure rebuild = await MeasureAsync(events, async () => last = await run(system, events));
            Measure after = await MeasureAsync(events, () => ReadFeedAsync(system.Events, events));
            if (round >= 0)
            {
                pairs.Add((new Measure((before.Seconds + after.Seconds) / 2, (before.CpuMicroseconds + after.CpuMicroseconds) / 2), rebuild));
            }
        }
        double[] ratios = [.. pairs.Select(p => p.Raw.Seconds / p.Rebuild.Seconds).Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {order} | {way} | {last.Documents:N0} | {events / Median(p => p.Raw.Seconds):N0} | {events / Median(p => p.Rebuild.Seconds):N0} | **{ratios[ratios.Length / 2]:F2}** ({ratios[0]:F2}–{ratios[^1]:F2}) | {Median(p => p.Rebuild.CpuMicroseconds):F1} / {Median(p => p.Raw.CpuMicroseconds):F1} | {last.Requests / (double)events:F2} | {last.RequestCharge / events:F2} |"));

        double Median(Func<(Measure Raw, Measure Rebuild), double> value) => pairs.Select(value).Order().ElementAt(pairs.Count / 2);
    }

    /// <summary>Every page as JSON, as any reader needs it; nothing is done with the documents.</summary>
    private static async Task ReadFeedAsync(Container events, int expected)
    {
        using FeedIterator feed = events.GetChangeFeedStreamIterator(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = PageSize });
        int read = 0;
        while (feed.HasMoreResults)
        {
            using ResponseMessage page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
            {
                break;
            }
            page.EnsureSuccessStatusCode();
            using JsonDocument body = await JsonDocument.ParseAsync(page.Content);
            read += body.RootElement.GetProperty("Documents").GetArrayLength();
        }
        if (read != expected)
        {
            throw new InvalidOperationException($"The feed has {read} documents instead of {expected}.");
        }
    }

    private static async Task<Measure> MeasureAsync(int events, Func<Task> work)
    {
        GC.Collect();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await work();
        return new Measure(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / events);
    }

    private readonly record struct Measure(double Seconds, double CpuMicroseconds);
}
