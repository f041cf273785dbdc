using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Serverless.FaultHarness.Running;

/// <summary>What goes wrong with requests to the database, while it runs. The rules are gone when its process is, so they are given again.</summary>
internal sealed class FaultPlan(Func<Uri> store, Mixes mixes) : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly Lock gate = new();
    private Dictionary<int, (string Kind, long Strikes)> rules = [];
    private readonly SortedDictionary<string, long> totals = new(StringComparer.Ordinal);

    /// <summary>Faults so far, by kind. What struck in the moment before a kill is not known, so these are lower bounds.</summary>
    public IReadOnlyDictionary<string, long> Totals
    {
        get
        {
            lock (gate)
            {
                SortedDictionary<string, long> sum = new(totals, StringComparer.Ordinal);
                foreach ((string kind, long strikes) in rules.Values)
                {
                    sum[kind] = sum.GetValueOrDefault(kind) + strikes;
                }
                return sum;
            }
        }
    }

    /// <summary>Draws are the emulator's own, from seeds that follow from this one.</summary>
    public async Task BeginAsync(int seed, CancellationToken cancellationToken)
    {
        Forget();
        foreach ((string kind, string effect, string operations, double probability) in mixes.HasFlag(Mixes.Lag) ? [.. Rules, Lag] : Rules)
        {
            string rule = $$"""{"effect":{{effect}},"operations":[{{operations}}],"probability":{{probability}},"seed":{{seed++}}}""";
            using StringContent content = new(rule, mediaType: new("application/json"));
            using HttpResponseMessage added = await http.PostAsync(Address, content, cancellationToken);
            added.EnsureSuccessStatusCode();
            JsonNode state = JsonNode.Parse(await added.Content.ReadAsStringAsync(cancellationToken))!;
            lock (gate)
            {
                rules[(int)state["number"]!] = (kind, 0);
            }
        }
    }

    /// <summary>Reads how often each rule has struck; called often, since a kill takes the numbers with it.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        JsonNode states;
        try
        {
            states = (await http.GetFromJsonAsync<JsonNode>(Address, cancellationToken))!;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return; // The process is gone.
        }
        lock (gate)
        {
            foreach (JsonNode? state in states.AsArray())
            {
                int number = (int)state!["number"]!;
                if (rules.TryGetValue(number, out (string Kind, long Strikes) rule))
                {
                    rules[number] = rule with { Strikes = (long)state["strikes"]! };
                }
            }
        }
    }

    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await CountAsync(cancellationToken);
        using HttpResponseMessage cleared = await http.DeleteAsync(Address, cancellationToken);
        cleared.EnsureSuccessStatusCode();
        Forget();
    }

    public void Dispose() => http.Dispose();

    private Uri Address => new(store(), "_emulator/faults");

    private void Forget()
    {
        lock (gate)
        {
            foreach ((string kind, long strikes) in rules.Values)
            {
                totals[kind] = totals.GetValueOrDefault(kind) + strikes;
            }
            rules = [];
        }
    }

    private static readonly (string Kind, string Effect, string Operations, double Probability) Lag =
        ("replica lag", """{"lagWrites":40,"lagMs":2000}""", "\"reads\"", 0.15);

    private static readonly (string Kind, string Effect, string Operations, double Probability)[] Rules =
    [
        ("late", """{"delayMs":30}""", "\"items\"", 0.03),
        ("429 with retry-after", """{"status":429,"retryAfterMs":20}""", "\"items\"", 0.02),
        ("449 before the write", """{"status":449}""", "\"writes\"", 0.003),
        ("503 before the work", """{"status":503}""", "\"items\"", 0.004),
        ("503 after the write", """{"status":503,"afterTheWork":true}""", "\"writes\"", 0.006),
        ("408 before the work", """{"status":408}""", "\"items\"", 0.004),
        ("408 after the write", """{"status":408,"afterTheWork":true}""", "\"writes\"", 0.006),
        ("connection dropped before the work", """{"dropConnection":true}""", "\"items\"", 0.004),
        ("connection dropped after the write", """{"dropConnection":true,"afterTheWork":true}""", "\"writes\"", 0.008),
    ];
}
