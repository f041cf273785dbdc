using System.Diagnostics;
using System.Text.Json;
using Serverless.FaultHarness.Checks;

namespace Serverless.FaultHarness.Running;

/// <summary>Who has the leases, as the change feed processor wrote it.</summary>
internal static class Leases
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Waits until no lease is the property of somebody who no longer renews it. Returns how long that took. Those of the auditor don't count:
    /// its batches wait for a minute by design, and the change feed processor takes no lease again whose last batch it is still at.
    /// </summary>
    public static async Task<TimeSpan> TakenOverAsync(RawStore store, HarnessOptions options, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.Delay(Pause, cancellationToken);
            // Who was stopped owns nothing any more when every lease was written after that.
            if (Stopwatch.GetElapsedTime(start) > options.LeaseExpiration && await AreFreshAsync(store, Stopwatch.GetElapsedTime(start), cancellationToken))
            {
                return Stopwatch.GetElapsedTime(start);
            }
            CounterexampleException.ThrowUnless(
                Stopwatch.GetElapsedTime(start) < options.Patience, () => "The leases of a host that was stopped were never taken over.");
        }
    }

    private static async Task<bool> AreFreshAsync(RawStore store, TimeSpan since, CancellationToken cancellationToken)
    {
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        List<JsonElement> leases = await ReadAsync(store, cancellationToken);
        return leases.All(l => l.GetProperty("timestamp").GetDateTime().ToUniversalTime() > now - since);
    }

    private static Task<List<JsonElement>> ReadAsync(RawStore store, CancellationToken cancellationToken) =>
        store.ReadAsync("leases", "SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken) AND NOT STARTSWITH(c.id, 'auditor@')", cancellationToken);
}
