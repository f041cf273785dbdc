using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Serverless.FaultHarness.Load;

namespace Serverless.FaultHarness.Checks;

/// <summary>Waits until every consumer has seen every commit and every transfer has come to its end.</summary>
internal static class CatchUp
{
    private const int NamedExamples = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How long it took.</summary>
    /// <exception cref="CounterexampleException">It has not come to that in time; says who is behind.</exception>
    public static async Task<TimeSpan> WaitAsync(RawStore store, TimeSpan patience, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            List<string> behind = await FindBehindAsync(store, cancellationToken);
            if (behind.Count == 0)
            {
                return Stopwatch.GetElapsedTime(start);
            }
            CounterexampleException.ThrowUnless(
                Stopwatch.GetElapsedTime(start) < patience,
                () => string.Create(CultureInfo.InvariantCulture, $"After {patience.TotalSeconds:0} s {behind.Count} are still behind:\n{string.Join('\n', behind.Take(NamedExamples))}"));
            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static async Task<List<string>> FindBehindAsync(RawStore store, CancellationToken cancellationToken)
    {
        // Views first: what is committed while this looks makes them appear behind, never ahead.
        Dictionary<(string Consumer, string Stream), long> seen = await ReadFencesAsync(store, cancellationToken);
        List<string> behind = [];
        List<JsonElement> commits = await store.ReadAsync(
            "events", "SELECT c.stream, c.id, ARRAY_LENGTH(c.events) AS count, c.events[0].type, c.events[0].data.refusedBy FROM c WHERE IS_DEFINED(c.commandId)", cancellationToken);
        foreach (IGrouping<string, JsonElement> stream in commits.GroupBy(c => c.GetProperty("stream").GetString()!).Where(stream => !Poison.Is(stream.Key)))
        {
            JsonElement newest = stream.MaxBy(c => c.GetProperty("id").GetString(), StringComparer.Ordinal);
            long version = long.Parse(newest.GetProperty("id").GetString()!, CultureInfo.InvariantCulture) + newest.GetProperty("count").GetInt64() - 1;
            bool isAccount = stream.Key.StartsWith("account-", StringComparison.Ordinal);
            if (!isAccount && !IsEnd(newest))
            {
                behind.Add($"{stream.Key} has not ended: {newest.GetProperty("type")} is version {version}");
            }
            bool isOpened = stream.Any(c => c.GetProperty("type").GetString() == "account.opened");
            behind.AddRange(
                from consumer in ConsumersOf(isAccount, isOpened)
                let reached = seen.GetValueOrDefault((consumer, stream.Key))
                where reached != version
                select $"{consumer} has seen {stream.Key} up to version {reached} of {version}");
        }
        return behind;
    }

    // A refusal by the target goes on to a refund. Every command of the bank makes one event.
    private static bool IsEnd(JsonElement newest) => newest.GetProperty("type").GetString() switch
    {
        "transfer.completed" or "transfer.refunded" => true,
        "transfer.refused" => newest.GetProperty("refusedBy").GetString() == "source",
        _ => false,
    };

    private static IEnumerable<string> ConsumersOf(bool isAccount, bool isOpened) => (isAccount, isOpened) switch
    {
        (false, _) => [], // The process keeps no fence where it has nothing to do; that a transfer has ended says enough.
        (true, true) => ["account-statement@1", "account-summary@1", "bank-totals@1", "customer-portfolio@1"],
        // Who has no owner is in no portfolio.
        (true, false) => ["account-statement@1", "account-summary@1", "bank-totals@1"],
    };

    private static async Task<Dictionary<(string Consumer, string Stream), long>> ReadFencesAsync(RawStore store, CancellationToken cancellationToken)
    {
        Dictionary<(string, string), long> seen = [];
        foreach (JsonElement view in await store.ReadAsync("views", "SELECT c.projection, c.seen FROM c WHERE c.kind != 'entry'", cancellationToken))
        {
            foreach (JsonProperty stream in view.GetProperty("seen").EnumerateObject())
            {
                (string, string) key = (view.GetProperty("projection").GetString()!, stream.Name);
                seen[key] = Math.Max(seen.GetValueOrDefault(key), stream.Value.GetInt64());
            }
        }
        return seen;
    }
}
