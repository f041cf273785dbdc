using System.Text.Json;

namespace Serverless.FaultHarness.Checks;

/// <summary>What transfers did, each by its id, from the events of all accounts.</summary>
internal sealed class Money
{
    private readonly Dictionary<string, Movements> transfers = [];

    public int Completed { get; private set; }

    public int Refunded { get; private set; }

    public int Refused { get; private set; }

    /// <summary>
    /// Every transfer moved its amount once, or not at all, or there and back; and what was paid in less what was paid out is what
    /// accounts hold and what is under way.
    /// </summary>
    public static Money Check(IEnumerable<StoredCommit> commits, IndependentFold fold)
    {
        Money money = new();
        foreach ((string type, JsonElement data) in commits.SelectMany(c => c.Events))
        {
            money.Add(type, data);
        }
        foreach (StoredCommit commit in commits.Where(c => c.Stream.StartsWith("transfer-", StringComparison.Ordinal)))
        {
            money.CheckEnd(commit.Stream, commit.Events[^1].Type);
        }
        foreach (IGrouping<string, AccountFold> currency in fold.Accounts.Values.Where(a => a.Currency.Length > 0).GroupBy(a => a.Currency))
        {
            long paidIn = fold.Days.Where(d => d.Key.EndsWith(currency.Key, StringComparison.Ordinal)).Sum(d => d.Value.Deposited - d.Value.Withdrawn);
            long held = currency.Sum(a => a.Balance);
            long underWay = money.transfers.Values.Where(t => t.Currency == currency.Key).Sum(t => t.Debited - t.Credited - t.Refunded);
            CounterexampleException.ThrowUnless(
                paidIn == held + underWay,
                () => $"{paidIn} {currency.Key} were paid in and not out; accounts hold {held}, and {underWay} are under way.");
        }
        return money;
    }

    private void Add(string type, JsonElement data)
    {
        if (type is not ("account.outgoing-transfer-debited" or "account.outgoing-transfer-refunded" or "account.incoming-transfer-credited"))
        {
            return;
        }
        string transfer = data.GetProperty("transfer").GetString()!;
        long amount = data.GetProperty("amount").GetProperty("minorUnits").GetInt64();
        string currency = data.GetProperty("amount").GetProperty("currency").GetString()!;
        Movements before = transfers.GetValueOrDefault(transfer) ?? new Movements(amount, currency, 0, 0, 0);
        Movements after = type switch
        {
            "account.outgoing-transfer-debited" => before with { Debited = before.Debited + amount },
            "account.outgoing-transfer-refunded" => before with { Refunded = before.Refunded + amount },
            _ => before with { Credited = before.Credited + amount },
        };
        CounterexampleException.ThrowUnless(
            after.Amount == amount && after.Debited <= amount && after.Credited + after.Refunded <= amount,
            () => $"The transfer {transfer} moved its money more than once: {after}.");
        transfers[transfer] = after;
    }

    private void CheckEnd(string stream, string type)
    {
        Movements? moved = transfers.GetValueOrDefault(stream["transfer-".Length..]);
        bool isRight = type switch
        {
            "transfer.completed" => moved is not null && moved.Credited == moved.Amount && moved.Debited == moved.Amount,
            "transfer.refunded" => moved is not null && moved.Refunded == moved.Amount && moved.Debited == moved.Amount,
            _ => true,
        };
        CounterexampleException.ThrowUnless(isRight, () => $"{stream} ended with {type}, and its money: {moved}.");
        Completed += type == "transfer.completed" ? 1 : 0;
        Refunded += type == "transfer.refunded" ? 1 : 0;
        Refused += type == "transfer.refused" && moved is null ? 1 : 0;
    }

    private sealed record Movements(long Amount, string Currency, long Debited, long Credited, long Refunded);
}
