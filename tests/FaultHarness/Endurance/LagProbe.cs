using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.FaultHarness.Endurance;

/// <summary>
/// How long after the answer to a command each view shows it, as a client sees it: once a second it pays something in and asks every
/// view until it has that version.
/// </summary>
internal sealed class LagProbe(Uri api) : IDisposable
{
    private const string Account = "probe";
    private static readonly string Today = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static readonly string[] Views =
        [$"account-summary/{Account}", $"account-statement/{Account}", $"customer-portfolio/{Account}", $"bank-totals/{Today}.EUR"];

    private readonly HttpClient http = new() { BaseAddress = api, Timeout = TimeSpan.FromMinutes(2) };
    private readonly List<double> lags = [];

    public async Task RunAsync(CancellationToken stop)
    {
        await PostAsync("open", $$"""{"owner":"{{Account}}","currency":"EUR"}""");
        while (!stop.IsCancellationRequested)
        {
            long version = await PostAsync("deposit", """{"amount":{"minorUnits":1,"currency":"EUR"}}""");
            long answered = Stopwatch.GetTimestamp();
            await Task.WhenAll(Views.Select(view => SeeAsync(view, version, answered)));
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }

    /// <summary>Milliseconds of each view since the last call.</summary>
    public double[] Take()
    {
        lock (lags)
        {
            double[] taken = [.. lags];
            lags.Clear();
            return taken;
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<long> PostAsync(string command, string body)
    {
        while (true)
        {
            using StringContent content = new(body, Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await http.PostAsync(new Uri($"account/{Account}/{command}", UriKind.Relative), content);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created)
            {
                return (long)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["version"]!;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }
    }

    private async Task SeeAsync(string view, long version, long answered)
    {
        while (true)
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri($"views/{view}?seen=account-{Account}:{version}", UriKind.Relative));
            if (response.StatusCode == HttpStatusCode.OK)
            {
                break;
            }
        }
        lock (lags)
        {
            lags.Add(Stopwatch.GetElapsedTime(answered).TotalMilliseconds);
        }
    }
}
