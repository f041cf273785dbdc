using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Month;

/// <summary>
/// 10,000 commands by 16 clients, and every view compared with a fold of the events as they were stored. The environment variables
/// <c>SERVERLESS_SEED</c> and <c>SERVERLESS_COMMANDS</c> repeat a run or change its size.
/// </summary>
public sealed class MonthOfBankingTests(SystemUnderTest system, ITestOutputHelper output)
{
    private const int Clients = 16;

    // No other test uses it, so the difference in the bank's totals is what this test did.
    private const string Currency = "CHF";

    private readonly Api api = system.Api;

    [Fact]
    public async Task After_a_month_of_banking_every_view_equals_the_fold_of_the_stored_events()
    {
        int seed = Setting("SERVERLESS_SEED", 20261123);
        BankMonth month = new(seed, Setting("SERVERLESS_COMMANDS", 10_000), Currency);
        Dictionary<string, DayFold> before = await ReadTotalsAsync();
        Stopwatch watch = Stopwatch.StartNew();

        ConcurrentDictionary<Step, Answer> answers = await SendAllAsync(month);

        output.WriteLine(
            $"seed {seed}: {month.Steps.Count} commands to {month.Accounts.Count} accounts of {month.Owners.Count} customers in {watch.Elapsed.TotalSeconds:F1} s, "
            + $"{answers.Values.Count(a => a.Status < 300)} done, {answers.Values.Count(a => a.Status == 422)} rejected");
        IndependentFold fold = new();
        foreach (string account in month.Accounts)
        {
            fold.Add(account, await api.ReadAllAsync($"account/{account}/events?limit=1000", "events"));
        }
        CheckAnswers(answers, fold);
        await Task.WhenAll(month.Accounts.Chunk((month.Accounts.Count / Clients) + 1).Select(chunk => CheckAccountsAsync(chunk, fold)));
        await CheckPortfoliosAsync(month, fold);
        await CheckTotalsAsync(before, fold);
        output.WriteLine($"{fold.Accounts.Values.Sum(a => a.Version)} events; all views checked after {watch.Elapsed.TotalSeconds:F1} s");
    }

    /// <summary>Clients side by side; the commands of one account one after the other, as one customer would send them.</summary>
    private async Task<ConcurrentDictionary<Step, Answer>> SendAllAsync(BankMonth month)
    {
        ConcurrentDictionary<Step, Answer> answers = [];
        Dictionary<string, int> clientOf = month.Accounts.Index().ToDictionary(a => a.Item, a => a.Index % Clients);
        await Task.WhenAll(month.Steps.GroupBy(s => clientOf[s.Account]).Select(async steps =>
        {
            foreach (Step step in steps)
            {
                Answer answer = await api.PostAsync($"account/{step.Account}/{step.Command}", step.Body, ("Idempotency-Key", step.Key));
                if (answer.Status == 503)
                {
                    answer = await api.PostAsync($"account/{step.Account}/{step.Command}", step.Body, ("Idempotency-Key", step.Key));
                }
                Assert.True(answer.Status is 200 or 201 or 422, $"{step}: {answer.Status} {answer.Body}");
                // A command that was refused may be accepted when it is sent again later; its last answer is the one that counts.
                answers[step] = answer;
            }
        }));
        return answers;
    }

    private static void CheckAnswers(ConcurrentDictionary<Step, Answer> answers, IndependentFold fold)
    {
        int stored = 0;
        foreach ((Step step, Answer answer) in answers)
        {
            bool isStored = fold.Accounts[step.Account].Commands.Contains(step.Key);
            bool wroteEvents = answer.Status < 300 && answer.Json["events"]!.AsArray().Count > 0;
            Assert.True(isStored == wroteEvents, $"{step} was answered with {answer.Body}, but is {(isStored ? "" : "not ")}stored.");
            stored += isStored ? 1 : 0;
        }
        Assert.Equal(stored, fold.Accounts.Values.Sum(a => a.Commands.Count));
    }

    private async Task CheckAccountsAsync(IEnumerable<string> accounts, IndependentFold fold)
    {
        foreach (string account in accounts)
        {
            AccountFold expected = fold.Accounts[account];
            JsonNode summary = (await api.SeeAsync($"account-summary/{account}", account, expected.Version)).Json["data"]!;
            Assert.Equal(
                (account, expected.Owner, expected.Status, expected.Balance, expected.OverdraftLimit, expected.FreezeReason),
                ((string?)summary["account"], (string?)summary["owner"], (string?)summary["status"], (long)summary["balance"]!["minorUnits"]!,
                    (long)summary["overdraftLimit"]!["minorUnits"]!, (string?)summary["freezeReason"]));

            JsonNode header = (await api.SeeAsync($"account-statement/{account}", account, expected.Version)).Json["data"]!;
            Assert.Equal(expected.Entries.Count, (int)header["entries"]!);
            List<JsonNode> entries = await api.ReadAllAsync($"views/account-statement/{account}/entries?order=oldest&pageSize=200", "entries");
            Assert.Equal(expected.Entries, entries.Select(e => e["data"]!).Select(e => (
                (long)e["version"]!, (string)e["kind"]!, (long)e["amount"]!["minorUnits"]!, (long)e["balance"]!["minorUnits"]!)));
        }
    }

    private async Task CheckPortfoliosAsync(BankMonth month, IndependentFold fold)
    {
        foreach (string owner in month.Owners)
        {
            JsonNode portfolio = null!;
            foreach ((string account, AccountFold seen) in fold.Accounts.Where(a => a.Value.Owner == owner))
            {
                portfolio = (await api.SeeAsync($"customer-portfolio/{owner}", account, seen.Version)).Json["data"]!;
            }
            (AccountFold[] accounts, long total) = fold.PortfolioOf(owner);
            Assert.Equal(
                accounts.Select(a => (a.Status, a.Balance)),
                portfolio["accounts"]!.AsArray().Select(a => ((string)a!["status"]!, (long)a["balance"]!["minorUnits"]!)));
            Assert.Equal(total.ToString(CultureInfo.InvariantCulture), (string?)Assert.Single(portfolio["totals"]!.AsArray())!["minorUnits"]);
        }
    }

    private async Task CheckTotalsAsync(Dictionary<string, DayFold> before, IndependentFold fold)
    {
        string anyDay = fold.Days.Keys.First();
        foreach ((string account, AccountFold seen) in fold.Accounts)
        {
            await api.SeeAsync($"bank-totals/{anyDay}.{Currency}", account, seen.Version);
        }
        Dictionary<string, DayFold> after = await ReadTotalsAsync();
        foreach ((string day, DayFold expected) in fold.Days)
        {
            Assert.Equal(expected, after[day] - before.GetValueOrDefault(day, new DayFold()));
        }
    }

    private async Task<Dictionary<string, DayFold>> ReadTotalsAsync() =>
        (await api.ReadAllAsync("views/bank-totals?pageSize=200", "items"))
            .Select(i => i["data"]!)
            .Where(d => (string?)d["currency"] == Currency)
            .ToDictionary(d => (string)d["day"]!, DayFold.Of);

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
