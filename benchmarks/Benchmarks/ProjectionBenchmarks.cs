using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.Banking;
using Serverless.EventSourcing;

namespace Serverless.Benchmarks;

/// <summary>
/// A whole store from the beginning into each kind of view, as the trigger would feed it, against reading the raw change feed with the
/// SDK and nothing else. A rebuild is the same work: a new version of a projection starts from the beginning in a key space of its own.
/// </summary>
internal static class ProjectionBenchmarks
{
    private const int Streams = 2_000;
    private const int PageSize = 1_000;

    public static async Task RunAsync(int events, IReadOnlyList<int> runLengths)
    {
        Console.WriteLine($"\n### Projecting {events:N0} events of {Streams:N0} streams, against reading the raw change feed\n");
        Console.WriteLine("| order of events | view | events/s | raw feed, events/s | ratio | request units per event (estimate) |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: |");
        foreach (int runLength in runLengths)
        {
            await RunAsync(runLength == 1 ? "random" : $"runs of {runLength}", events, runLength);
        }
    }

    private static async Task RunAsync(string order, int events, int runLength)
    {
        await using BenchSystem system = await BenchSystem.StartAsync();
        await FillAsync(system, events, runLength);
        await ReadFeedAsync(system, _ => Task.FromResult(ProjectionResult.Nothing)); // Warm-up.
        IProjection[] projections =
        [
            AccountSummaryView.Projection, AccountStatementView.Projection, CustomerPortfolioView.Projection, BankTotalsView.Projection,
        ];
        foreach (IProjection projection in projections)
        {
            Projector projector = new(system.Store, system.Views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
            (double before, _) = await ReadFeedAsync(system, _ => Task.FromResult(ProjectionResult.Nothing));
            (double seconds, double charge) = await ReadFeedAsync(
                system, commits => projector.ApplyAsync(projection, commits, CancellationToken.None));
            (double after, _) = await ReadFeedAsync(system, _ => Task.FromResult(ProjectionResult.Nothing));
            double raw = (before + after) / 2;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {order} | {projection.Name} | {events / seconds:N0} | {events / raw:N0} | {raw / seconds:F2} | {charge / events:F2} |"));
        }
    }

    private static async Task FillAsync(BenchSystem system, int events, int runLength)
    {
        var handler = system.NewHandler();
        StreamName[] names = [.. Enumerable.Range(0, Streams).Select(n => BenchSystem.StreamOf("view_", n))];
        await Load.RunAsync(Streams, concurrent: 16, n => system.OpenAsync(handler, names[n]));
        Random random = new(20261123);
        int[] order = [.. Enumerable.Range(0, (events - Streams) / runLength).Select(i => i % Streams)];
        random.Shuffle(order);
        foreach (int stream in order)
        {
            for (int i = 0; i < runLength; i++)
            {
                await system.DepositAsync(handler, names[stream]);
            }
        }
    }

    private static async Task<(double Seconds, double Charge)> ReadFeedAsync(
        BenchSystem system, Func<IReadOnlyList<Commit>, Task<ProjectionResult>> handle)
    {
        double charge = 0;
        long start = Stopwatch.GetTimestamp();
        using FeedIterator feed = system.Events.GetChangeFeedStreamIterator(
            ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = PageSize });
        while (feed.HasMoreResults)
        {
            using ResponseMessage page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
            {
                break;
            }
            page.EnsureSuccessStatusCode();
            using JsonDocument body = await JsonDocument.ParseAsync(page.Content);
            List<Commit> commits = [];
            foreach (JsonElement item in body.RootElement.GetProperty("Documents").EnumerateArray())
            {
                commits.Add(CommitJson.Read(item));
            }
            charge += (await handle(commits)).RequestCharge;
        }
        return (Stopwatch.GetElapsedTime(start).TotalSeconds, charge);
    }
}
