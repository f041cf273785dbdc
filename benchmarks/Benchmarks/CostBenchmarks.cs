using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.LocalHost;

namespace Serverless.Benchmarks;

/// <summary>
/// What the whole system asks of its database, function by function as deployed, with the delays that the triggers name: while nothing happens,
/// for commands that come one by one, and for many at once. Counts are exact, charges are those of the emulator.
/// </summary>
internal static class CostBenchmarks
{
    private const string Deposit = """{"amount":{"minorUnits":100,"currency":"EUR"}}""";
    private static readonly ConcurrentDictionary<string, (long Requests, double Charge)> Seen = [];

    public static async Task RunAsync(TimeSpan window, int commands)
    {
        await RunAsync([], async http =>
        {
            while ((int)JsonNode.Parse(await http.GetStringAsync(new Uri("manage/auditor", UriKind.Relative)))!["lag"]!["commits"]! > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(5)); // As deployed it takes minutes to get to the commits from before.
            }
            Dictionary<string, (double Requests, double Charge)> hour = await MeasureAsync(() => Task.Delay(window));
            Print($"An hour in which nothing happens, from {window.TotalSeconds:0} s, one physical partition", hour, 3_600 / window.TotalSeconds);
        });
        await RunAsync(FrequentAudits, http => RunCommandsAsync(http, window, commands));
    }

    /// <summary>Only when, not what: as deployed, minutes would pass before each audit.</summary>
    private static Dictionary<string, string?> FrequentAudits => new() { ["AuditSchedule"] = "*/10 * * * * *", ["Consumers:AuditGrace"] = "00:00:02" };

    private static async Task RunAsync(Dictionary<string, string?> settings, Func<HttpClient, Task> measure)
    {
        await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { OnRequest = Count });
        Uri address = await cosmos.ListenAsync(0, CancellationToken.None);
        await using LocalSystem system = await LocalSystem.StartAsync(
            new LocalHostOptions { Port = LocalHostOptions.AnyFreePort, UsesConfiguredCosmos = true, Settings = Settings(cosmos, address, settings) },
            CancellationToken.None);
        using HttpClient http = new() { BaseAddress = system.ApiAddress };
        StreamName[] streams = Streams;
        await Load.RunAsync(streams.Length, 4, n => PostAsync(http, streams[n], "open", $$"""{"owner":"owner{{n / 4}}","currency":"EUR"}"""));
        await QuietAsync();
        await measure(http);
    }

    private static StreamName[] Streams => [.. Enumerable.Range(0, 100).Select(n => BenchSystem.StreamOf("cost_", n))];

    private static async Task RunCommandsAsync(HttpClient http, TimeSpan window, int commands)
    {
        StreamName[] streams = Streams;
        Dictionary<string, (double Requests, double Charge)> idle = await MeasureAsync(() => Task.Delay(window));
        int slow = Math.Max(10, (int)(window.TotalSeconds / 2));
        await PrintCommandsAsync(
            $"A command of {slow} that come one by one, every 2 s", slow, idle, window,
            async () =>
            {
                for (int i = 0; i < slow; i++)
                {
                    await PostAsync(http, streams[i % streams.Length], "deposit", Deposit);
                    await Task.Delay(TimeSpan.FromSeconds(2));
                }
                await QuietAsync();
            });
        await PrintCommandsAsync(
            $"A command of {commands:N0} on {streams.Length} streams, 16 at a time", commands, idle, window,
            async () =>
            {
                await Load.RunAsync(commands, 16, i => PostAsync(http, streams[i % streams.Length], "deposit", Deposit));
                await QuietAsync();
            });
    }

    private static async Task PrintCommandsAsync(
        string title, int commands, Dictionary<string, (double Requests, double Charge)> idle, TimeSpan window, Func<Task> run)
    {
        long start = TimeProvider.System.GetTimestamp();
        Dictionary<string, (double Requests, double Charge)> all = await MeasureAsync(run);
        double windows = TimeProvider.System.GetElapsedTime(start) / window;
        foreach ((string what, (double requests, double charge)) in idle)
        {
            (double Requests, double Charge) with = all.GetValueOrDefault(what);
            all[what] = (with.Requests - (requests * windows), with.Charge - (charge * windows));
        }
        Print($"{title}, without what idling would have cost", all, 1.0 / commands);
    }

    private static async Task<Dictionary<string, (double Requests, double Charge)>> MeasureAsync(Func<Task> action)
    {
        Seen.Clear();
        await action();
        return Seen.ToDictionary(s => s.Key, s => ((double)s.Value.Requests, s.Value.Charge));
    }

    private static void Print(string title, Dictionary<string, (double Requests, double Charge)> seen, double factor)
    {
        Console.WriteLine($"\n### {title}\n\n| container | request | requests | RU |\n| --- | --- | ---: | ---: |");
        foreach ((string what, (double requests, double charge)) in seen.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {requests * factor:N2} | {charge * factor:N2} |"));
        }
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| together | | {seen.Values.Sum(s => s.Requests) * factor:N2} | {seen.Values.Sum(s => s.Charge) * factor:N2} |"));
    }

    private static void Count(RequestRecord request)
    {
        string[] path = request.Target.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        string kind = (request.Method, path.Length) switch
        {
            ("GET", 5) => "page of the feed",
            ("GET", 6) => "read",
            ("PUT", _) => request.Status < 400 ? "replace" : $"replace, refused with {request.Status}",
            ("DELETE", _) => "delete",
            ("POST", 5) => "create, query or batch",
            _ => "metadata",
        };
        string what = kind == "metadata" ? "(metadata) | " : $"{path[3]} | {kind}";
        Seen.AddOrUpdate(what, (1, request.Charge), (_, s) => (s.Requests + 1, s.Charge + request.Charge));
    }

    /// <summary>When every consumer and the auditor has seen everything, and written down that it has.</summary>
    private static async Task QuietAsync()
    {
        double before = -1;
        while (true)
        {
            // The audit's grace and schedule, and the interval of the records, are all over by then.
            await Task.Delay(TimeSpan.FromSeconds(25));
            double writes = Seen.Where(s => s.Key == "consumers | replace" || s.Key.StartsWith("views", StringComparison.Ordinal)).Sum(s => s.Value.Requests);
            if (writes == before)
            {
                return;
            }
            before = writes;
        }
    }

    private static Dictionary<string, string?> Settings(EmbeddedCosmos cosmos, Uri address, Dictionary<string, string?> more) => new(more)
    {
        [CosmosSettings.ConnectionSetting] = $"AccountEndpoint={address};AccountKey={cosmos.Key};",
        [CosmosSettings.ConnectionModeSetting] = "Gateway",
        ["ProvisionContainers"] = "true",
    };

    private static async Task PostAsync(HttpClient http, StreamName stream, string command, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(
            new Uri($"{stream.Category}/{stream.Id}/{command}", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
    }
}
