using System.Globalization;
using System.Text.Json.Nodes;

namespace Serverless.FaultHarness.Checks;

/// <summary>
/// Compares every view, as the API shows it, with a fold. <paramref name="get"/> answers the JSON at a path below the API's address, and
/// asks again while a view is behind.
/// </summary>
public sealed class ViewChecks(IndependentFold fold, Func<string, Task<JsonNode>> get)
{
    /// <summary>Documents and entries that were compared.</summary>
    public int Compared { get; private set; }

    public async Task CheckAccountsAsync(IEnumerable<string> accounts)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        foreach (string account in accounts)
        {
            AccountFold expected = fold.Accounts[account];
            string summary = await DataAsync($"account-summary/{account}", expected);
            Equal($"account-summary of {account}", Summary(expected), summary);

            JsonNode header = await SeeAsync($"account-statement/{account}", expected);
            Equal($"number of entries in the statement of {account}", expected.Entries.Count, (int)header["entries"]!);
            if (expected.Entries.Count > 0)
            {
                await CheckEntriesAsync(account, expected);
            }
            Compared += 2 + expected.Entries.Count;
        }
    }

    public async Task CheckPortfoliosAsync(IEnumerable<string> owners)
    {
        ArgumentNullException.ThrowIfNull(owners);
        foreach (string owner in owners)
        {
            (AccountFold[] accounts, (string Currency, long Sum)[] totals) = fold.PortfolioOf(owner);
            JsonNode portfolio = null!;
            foreach (AccountFold account in accounts)
            {
                portfolio = await SeeAsync($"customer-portfolio/{owner}", account);
            }
            Equal(
                $"portfolio of {owner}",
                Lines(accounts.Select(a => $"{a.Id} {a.Status} {a.Balance}").Concat(totals.Select(t => $"{t.Sum} {t.Currency}"))),
                Lines(portfolio["accounts"]!.AsArray().Select(a => $"{a!["account"]} {a["status"]} {a["balance"]!["minorUnits"]}")
                    .Concat(portfolio["totals"]!.AsArray().Select(t => $"{t!["minorUnits"]} {t["currency"]}"))));
            Compared++;
        }
    }

    /// <summary>Less what the totals held before, where others count as well.</summary>
    public async Task CheckTotalsAsync(IReadOnlyDictionary<string, DayFold> before)
    {
        ArgumentNullException.ThrowIfNull(before);
        foreach (AccountFold account in fold.Accounts.Values)
        {
            await get($"views/bank-totals/{fold.Days.Keys.First()}?seen=account-{account.Id}:{account.Version}");
        }
        foreach ((string day, DayFold expected) in fold.Days)
        {
            DayFold total = DayFold.Of((await get($"views/bank-totals/{day}"))["data"]);
            Equal($"bank-totals of {day}", expected, total - (before.GetValueOrDefault(day) ?? new DayFold()));
            Compared++;
        }
    }

    private async Task CheckEntriesAsync(string account, AccountFold expected)
    {
        List<string> entries = [];
        for (string? next = $"views/account-statement/{account}/entries?order=oldest&pageSize=200"; next is not null;)
        {
            JsonNode page = await get(next);
            entries.AddRange(page["entries"]!.AsArray().Select(e => e!["data"]!).Select(e =>
                $"{e["version"]} {e["kind"]} {e["amount"]!["minorUnits"]} {e["balance"]!["minorUnits"]}"));
            next = (string?)page["next"];
        }
        Equal(
            $"statement of {account}",
            Lines(expected.Entries.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Version} {e.Kind} {e.Amount} {e.Balance}"))),
            Lines(entries));
    }

    private static string Summary(AccountFold account) => account.Status.Length == 0
        ? " not-open  0 0"
        : string.Create(CultureInfo.InvariantCulture, $"{account.Owner} {account.Status} {account.FreezeReason} {account.Balance} {account.OverdraftLimit}");

    private async Task<string> DataAsync(string summary, AccountFold account)
    {
        JsonNode data = await SeeAsync(summary, account);
        return $"{data["owner"]} {data["status"]} {data["freezeReason"]} {data["balance"]!["minorUnits"]} {data["overdraftLimit"]!["minorUnits"]}";
    }

    private async Task<JsonNode> SeeAsync(string view, AccountFold account) =>
        (await get($"views/{view}?seen=account-{account.Id}:{account.Version}"))["data"]!;

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    private static void Equal<T>(string what, T expected, T actual) => CounterexampleException.ThrowUnless(
        EqualityComparer<T>.Default.Equals(expected, actual), () => $"The {what} differs from the fold of the stored events.\nfold: {expected}\nview: {actual}");
}
