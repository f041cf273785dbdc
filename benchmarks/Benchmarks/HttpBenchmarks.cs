using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Serverless.EventSourcing;
using Serverless.LocalHost;

namespace Serverless.Benchmarks;

/// <summary>The same commands over HTTP through the local host, and how long it takes until a view shows one.</summary>
internal static class HttpBenchmarks
{
    private const int Streams = 1_000;
    private const string Deposit = """{"amount":{"minorUnits":100,"currency":"EUR"}}""";

    public static async Task RunAsync(int rounds, int operations)
    {
        Console.WriteLine("\n### Commands over HTTP with the projections running, against the bare SDK's create of an item of the same size\n");
        Comparison.PrintHeader();
        foreach (int concurrent in (int[])[1, 16])
        {
            await RunAsync(rounds, operations, concurrent);
        }
        await MeasureVisibilityAsync(operations / 4);
    }

    private static async Task RunAsync(int rounds, int operations, int concurrent)
    {
        await using BenchSystem bare = await BenchSystem.StartAsync();
        byte[][] samples = await bare.SampleItemsAsync();
        await using LocalSystem system = await LocalSystem.StartAsync(
            new LocalHostOptions { Port = LocalHostOptions.AnyFreePort, CosmosPort = null }, CancellationToken.None);
        using HttpClient http = new() { BaseAddress = system.ApiAddress };
        StreamName[] names = [.. Enumerable.Range(0, Streams).Select(n => BenchSystem.StreamOf("http_", n))];
        await Load.RunAsync(Streams, concurrent, n => PostAsync(http, names[n], "open", $$"""{"owner":"owner{{n / 4}}","currency":"EUR"}"""));
        long created = 0;
        (StreamName Stream, byte[] Item)[] prepared = [];
        Comparison comparison = new(
            $"warm, {Streams:N0} streams, {concurrent} at a time",
            prepareBaseline: () =>
            {
                long first = created;
                created += operations;
                prepared = [.. Enumerable.Range(0, operations).Select(i => (
                    names[i % Streams],
                    BenchSystem.ItemFor(samples[i % samples.Length], names[i % Streams], first + i + 1, first + i + 1)))];
            },
            ours: () => Load.RunAsync(operations, concurrent, i => PostAsync(http, names[i % Streams], "deposit", Deposit)),
            baseline: () => Load.RunAsync(operations, concurrent, i => bare.CreateBareAsync(prepared[i].Stream, prepared[i].Item)),
            operations);
        await comparison.RunAsync(rounds);
    }

    /// <summary>From the moment a command is sent until a query of the summary shows its version, one after the other.</summary>
    private static async Task MeasureVisibilityAsync(int commands)
    {
        await using LocalSystem system = await LocalSystem.StartAsync(
            new LocalHostOptions { Port = LocalHostOptions.AnyFreePort, CosmosPort = null }, CancellationToken.None);
        using HttpClient http = new() { BaseAddress = system.ApiAddress };
        StreamName stream = BenchSystem.StreamOf("seen_", 0);
        await PostAsync(http, stream, "open", """{"owner":"bench","currency":"EUR"}""");
        List<double> milliseconds = [];
        for (long version = 2; version < commands + 2; version++)
        {
            long start = Stopwatch.GetTimestamp();
            await PostAsync(http, stream, "deposit", Deposit);
            while (await SeenAsync(http, stream) < version)
            {
                await Task.Yield();
            }
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        milliseconds.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nFrom sending a command to seeing it in its view ({commands:N0} times): median {milliseconds[commands / 2]:F1} ms, 95 % within {milliseconds[commands * 95 / 100]:F1} ms."));
    }

    private static async Task PostAsync(HttpClient http, StreamName stream, string command, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(
            new Uri($"{stream.Category}/{stream.Id}/{command}", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
    }

    private static async Task<long> SeenAsync(HttpClient http, StreamName stream)
    {
        using HttpResponseMessage response = await http.GetAsync(new Uri($"views/account-summary/{stream.Id}", UriKind.Relative));
        if (!response.IsSuccessStatusCode)
        {
            return 0; // Not there yet.
        }
        JsonElement view = await response.Content.ReadFromJsonAsync<JsonElement>();
        return view.GetProperty("seen").GetProperty(stream.Value).GetInt64();
    }
}
