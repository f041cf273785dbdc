using System.Text;
using System.Text.Json;
using Serverless.Banking;
using Serverless.EventSourcing;

namespace Serverless.Benchmarks;

/// <summary>Whether the views are what a fold of the events gives: nothing lost, nothing twice.</summary>
internal static class ScaleCheck
{
    public static async Task RunAsync(ScaleSystem system, StreamName[] streams)
    {
        foreach (StreamName stream in streams)
        {
            AccountSummary folded = AccountSummary.Initial;
            int movements = 0;
            await foreach (Commit commit in system.Bench.Store.ReadAsync(stream, fromVersion: 1, CancellationToken.None))
            {
                foreach (EventEnvelope<AccountEvent> envelope in AccountAggregate.Definition.Events.Envelopes(commit))
                {
                    folded = AccountSummaryView.Apply(folded, envelope);
                    movements += envelope.Event is MoneyDeposited ? 1 : 0;
                }
            }
            Expect(stream, "summary", Balance(await ReadAsync(system, AccountSummaryView.Projection, stream.Id)), folded.Balance.MinorUnits);
            JsonElement statement = await ReadAsync(system, AccountStatementView.Projection, stream.Id);
            Expect(stream, "statement", Balance(statement.GetProperty("header")), folded.Balance.MinorUnits);
            Expect(stream, "entries", statement.GetProperty("entries").GetInt64(), movements);
            JsonElement portfolio = await ReadAsync(system, CustomerPortfolioView.Projection, folded.Owner);
            JsonElement account = portfolio.GetProperty("accounts").EnumerateArray().Single(a => a.GetProperty("account").GetString() == stream.Id);
            Expect(stream, "portfolio", Balance(account), folded.Balance.MinorUnits);
        }
        ViewPage totals = await system.Bench.Views.ListAsync(
            new ViewQuery(BankTotalsView.Projection.Name, 1, ViewKind.View, Key: "all", NewestFirst: false, PageSize: 100, Continuation: null), CancellationToken.None);
        JsonElement[] days = [.. totals.Items.Select(i => JsonElement.Parse(Encoding.UTF8.GetString(i.Document.Data.Span)))];
        // Nothing but these deposits was made so far, so the totals of the whole bank are known to the last one.
        Expect(null, "accounts opened", days.Sum(d => d.GetProperty("accountsOpened").GetInt64()), system.Streams);
        Expect(null, "deposits", days.Sum(d => d.GetProperty("deposits").GetInt64()), streams.Length);
    }

    private static async Task<JsonElement> ReadAsync(ScaleSystem system, IProjection projection, string key)
    {
        (string partition, string id) = projection.Locate(key);
        ViewRead read = await system.Bench.Views.ReadAsync(new ViewPartition(projection.Name, projection.Version, partition), [id], CancellationToken.None);
        return JsonElement.Parse(Encoding.UTF8.GetString(read.Documents.Single().Data.Span));
    }

    private static long Balance(JsonElement holder) => holder.GetProperty("balance").GetProperty("minorUnits").GetInt64();

    private static void Expect(StreamName? stream, string what, long actual, long expected)
    {
        if (actual != expected)
        {
            throw new InvalidOperationException($"{stream?.Value ?? "The bank"}: {what} says {actual} where the events say {expected}.");
        }
    }
}
