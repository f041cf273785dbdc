using System.Diagnostics;
using System.Text.Json;
using Serverless.FaultHarness.Checks;

namespace Serverless.FaultHarness.Running;

/// <summary>Who has the leases, as the change feed processor wrote it.</summary>
internal static class Leases
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Waits until no lease is the property of somebody who no longer renews it. Returns how long that took.
    /// </summary>
    public static async Task<TimeSpan> TakenOverAsync(RawStore store, HarnessOptions options, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.Delay(Pause, cancellationToken);
            // Who was stopped owns nothing any more when every lease was written after that.
            TimeSpan since = Stopwatch.GetElapsedTime(start);
            List<string> stale = await StaleAsync(store, since, cancellationToken);
            if (since > options.LeaseExpiration && stale.Count == 0)
            {
                return Stopwatch.GetElapsedTime(start);
            }
            CounterexampleException.ThrowUnless(
                since < options.Patience, () => $"The leases of a host that was stopped were never taken over: {string.Join("; ", stale)}.");
        }
    }

    private static async Task<List<string>> StaleAsync(RawStore store, TimeSpan since, CancellationToken cancellationToken)
    {
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        List<JsonElement> leases = await ReadAsync(store, cancellationToken);
        return
        [
            .. from lease in leases
               let age = now - lease.GetProperty("timestamp").GetDateTime().ToUniversalTime()
               where age >= since
               select $"{lease.GetProperty("id").GetString()} of {lease.GetProperty("Owner").GetString() ?? "nobody"}, {age.TotalSeconds:F0} s old",
        ];
    }

    private static Task<List<JsonElement>> ReadAsync(RawStore store, CancellationToken cancellationToken) =>
        store.ReadAsync("leases", "SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken)", cancellationToken);
}
