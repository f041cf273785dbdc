using System.Text.Json.Nodes;

namespace Serverless.EndToEnd.Tests.Month;

/// <summary>
/// What the views must show, worked out from the stored events alone and with none of the system's code, so that a mistake there
/// can't hide behind the same mistake here.
/// </summary>
internal sealed class IndependentFold
{
    public Dictionary<string, AccountFold> Accounts { get; } = [];

    public SortedDictionary<string, DayFold> Days { get; } = new(StringComparer.Ordinal);

    public void Add(string account, IEnumerable<JsonNode> events)
    {
        AccountFold fold = Accounts[account] = new AccountFold();
        foreach (JsonNode e in events)
        {
            fold.Version++;
            Assert.Equal(fold.Version, (long)e["version"]!);
            Assert.True(fold.Commands.Add((string)e["commandId"]!), $"{e["commandId"]} was done twice.");
            Apply(fold, Days, (string)e["type"]!, e["data"]!, e["time"]!.ToString()[..10]);
        }
    }

    /// <summary>Owner → accounts in order of their ids, and the sum of all.</summary>
    public (AccountFold[] Accounts, long Total) PortfolioOf(string owner)
    {
        AccountFold[] accounts = [.. Accounts.Where(a => a.Value.Owner == owner).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => a.Value)];
        return (accounts, accounts.Sum(a => a.Balance));
    }

    private static void Apply(AccountFold fold, SortedDictionary<string, DayFold> days, string type, JsonNode data, string day)
    {
        DayFold today = days.TryGetValue(day, out DayFold? known) ? known : new DayFold();
        switch (type)
        {
            case "account.opened":
                fold.Owner = (string)data["owner"]!;
                fold.Status = "open";
                days[day] = today with { Opened = today.Opened + 1 };
                break;
            case "account.money-deposited":
                long deposited = (long)data["amount"]!["minorUnits"]!;
                fold.Move("deposit", deposited);
                days[day] = today with { Deposits = today.Deposits + 1, Deposited = today.Deposited + deposited };
                break;
            case "account.money-withdrawn":
                long withdrawn = (long)data["amount"]!["minorUnits"]!;
                fold.Move("withdrawal", -withdrawn);
                days[day] = today with { Withdrawals = today.Withdrawals + 1, Withdrawn = today.Withdrawn + withdrawn };
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
                Assert.Fail($"'{type}' is new: this fold has to learn it.");
                break;
        }
    }
}

internal sealed class AccountFold
{
    public long Version { get; set; }

    public HashSet<string> Commands { get; } = [];

    public string Owner { get; set; } = "";

    public string Status { get; set; } = "";

    public string? FreezeReason { get; set; }

    public long Balance { get; private set; }

    public long OverdraftLimit { get; set; }

    public List<(long Version, string Kind, long Amount, long Balance)> Entries { get; } = [];

    public void Move(string kind, long amount)
    {
        Balance += amount;
        Entries.Add((Version, kind, amount, Balance));
        Assert.True(Balance >= -OverdraftLimit, $"A balance of {Balance} is below the limit of {OverdraftLimit}.");
    }
}

internal sealed record DayFold(long Opened = 0, long Deposits = 0, long Deposited = 0, long Withdrawals = 0, long Withdrawn = 0)
{
    public static DayFold Of(JsonNode? totals) => totals is null ? new DayFold() : new DayFold(
        (long)totals["accountsOpened"]!,
        (long)totals["deposits"]!,
        long.Parse((string)totals["depositedMinorUnits"]!),
        (long)totals["withdrawals"]!,
        long.Parse((string)totals["withdrawnMinorUnits"]!));

    public static DayFold operator -(DayFold a, DayFold b) => new(
        a.Opened - b.Opened, a.Deposits - b.Deposits, a.Deposited - b.Deposited, a.Withdrawals - b.Withdrawals, a.Withdrawn - b.Withdrawn);
}
