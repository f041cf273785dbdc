using System.Text.Json.Nodes;

namespace Serverless.FaultHarness.Checks;

/// <summary>
/// What the views must show, worked out from the stored events alone and with none of the system's code, so that a mistake there
/// can't hide behind the same mistake here.
/// </summary>
public sealed class IndependentFold
{
    public SortedDictionary<string, AccountFold> Accounts { get; } = new(StringComparer.Ordinal);

    /// <summary>By day and currency, <c>2026-11-23.EUR</c>.</summary>
    public SortedDictionary<string, DayFold> Days { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds an account with all its events, each with <c>version</c>, <c>type</c>, <c>data</c>, <c>time</c> and <c>commandId</c>.</summary>
    /// <exception cref="CounterexampleException">They can't be the events of an account.</exception>
    public void Add(string account, IEnumerable<JsonNode> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        AccountFold fold = Accounts[account] = new AccountFold(account);
        foreach (JsonNode e in events)
        {
            fold.Version++;
            CounterexampleException.ThrowUnless(
                (long)e["version"]! == fold.Version, () => $"account-{account}: version {fold.Version} should follow, and there is {e["version"]}.");
            CounterexampleException.ThrowUnless(
                fold.Commands.Add((string)e["commandId"]!), () => $"account-{account}: {e["commandId"]} was done twice.");
            Apply(fold, (string)e["type"]!, e["data"]!, e["time"]!.ToString()[..10]);
        }
    }

    /// <summary>An owner's accounts in the order of their ids, and the sums of all per currency.</summary>
    public (AccountFold[] Accounts, (string Currency, long Sum)[] Totals) PortfolioOf(string owner)
    {
        AccountFold[] accounts = [.. Accounts.Values.Where(a => a.Owner == owner)];
        return (accounts, [.. accounts.GroupBy(a => a.Currency, (currency, all) => (currency, all.Sum(a => a.Balance))).OrderBy(t => t.currency, StringComparer.Ordinal)]);
    }

    private void Apply(AccountFold fold, string type, JsonNode data, string day)
    {
        switch (type)
        {
            case "account.opened":
                (fold.Owner, fold.Currency, fold.Status) = ((string)data["owner"]!, (string)data["currency"]!, "open");
                Change(day, fold, today => today with { Opened = today.Opened + 1 });
                break;
            case "account.money-deposited":
                long deposited = AmountOf(data, fold);
                fold.Move("deposit", deposited);
                Change(day, fold, today => today with { Deposits = today.Deposits + 1, Deposited = today.Deposited + deposited });
                break;
            case "account.money-withdrawn":
                long withdrawn = AmountOf(data, fold);
                fold.Move("withdrawal", -withdrawn);
                Change(day, fold, today => today with { Withdrawals = today.Withdrawals + 1, Withdrawn = today.Withdrawn + withdrawn });
                break;
            case "account.outgoing-transfer-debited":
                fold.Move("transfer-out", -AmountOf(data, fold));
                break;
            case "account.outgoing-transfer-refunded":
                fold.Move("transfer-refund", AmountOf(data, fold));
                break;
            case "account.incoming-transfer-credited":
                fold.Move("transfer-in", AmountOf(data, fold));
                break;
            case "account.outgoing-transfer-refused" or "account.outgoing-transfer-settled" or "account.incoming-transfer-refused":
                break;
            case "account.overdraft-limit-changed":
                fold.OverdraftLimit = (long)data["limit"]!["minorUnits"]!;
                break;
            case "account.frozen":
                (fold.Status, fold.FreezeReason) = ("frozen", (string)data["reason"]!);
                break;
            case "account.unfrozen":
                (fold.Status, fold.FreezeReason) = ("open", null);
                break;
            case "account.closed":
                fold.Status = "closed";
                break;
            default:
                throw new CounterexampleException($"'{type}' is new: this fold has to learn it.");
        }
    }

    private static long AmountOf(JsonNode data, AccountFold fold)
    {
        CounterexampleException.ThrowUnless(
            (string?)data["amount"]!["currency"] == fold.Currency, () => $"account-{fold.Id} in {fold.Currency} moved {data["amount"]!.ToJsonString()}.");
        return (long)data["amount"]!["minorUnits"]!;
    }

    private void Change(string day, AccountFold fold, Func<DayFold, DayFold> change)
    {
        string key = $"{day}.{fold.Currency}";
        Days[key] = change(Days.GetValueOrDefault(key) ?? new DayFold());
    }
}

/// <summary>One account as its events say.</summary>
public sealed class AccountFold(string id)
{
    public string Id => id;

    public long Version { get; internal set; }

    public HashSet<string> Commands { get; } = [];

    public string Owner { get; internal set; } = "";

    public string Currency { get; internal set; } = "";

    /// <summary>Empty for an account that was never opened but has refused a transfer.</summary>
    public string Status { get; internal set; } = "";

    public string? FreezeReason { get; internal set; }

    public long Balance { get; private set; }

    public long OverdraftLimit { get; internal set; }

    public List<(long Version, string Kind, long Amount, long Balance)> Entries { get; } = [];

    internal void Move(string kind, long amount)
    {
        Balance += amount;
        Entries.Add((Version, kind, amount, Balance));
        CounterexampleException.ThrowUnless(
            Balance >= -OverdraftLimit, () => $"account-{id}: after version {Version} its balance of {Balance} is below the limit of {OverdraftLimit}.");
    }
}

/// <summary>What happened on one day in one currency.</summary>
public sealed record DayFold(long Opened = 0, long Deposits = 0, long Deposited = 0, long Withdrawals = 0, long Withdrawn = 0)
{
    /// <summary>Of a document of the view bank-totals.</summary>
    public static DayFold Of(JsonNode? totals) => totals is null ? new DayFold() : new DayFold(
        (long)totals["accountsOpened"]!,
        (long)totals["deposits"]!,
        long.Parse((string)totals["depositedMinorUnits"]!),
        (long)totals["withdrawals"]!,
        long.Parse((string)totals["withdrawnMinorUnits"]!));

    public static DayFold operator -(DayFold a, DayFold b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new(a.Opened - b.Opened, a.Deposits - b.Deposits, a.Deposited - b.Deposited, a.Withdrawals - b.Withdrawals, a.Withdrawn - b.Withdrawn);
    }
}
