using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.FaultHarness.Checks;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Month;

/// <summary>
/// 2,000 commands by 16 clients, and every view compared with a fold of the events as they were stored. The environment variables
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
        BankMonth month = new(seed, Setting("SERVERLESS_COMMANDS", 2_000), Currency);
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
        ViewChecks views = new(fold, GetAsync);
        await Task.WhenAll(month.Accounts.Chunk((month.Accounts.Count / Clients) + 1).Select(views.CheckAccountsAsync));
        await views.CheckPortfoliosAsync(month.Owners);
        await views.CheckTotalsAsync(before);
        output.WriteLine($"{fold.Accounts.Values.Sum(a => a.Version)} events; {views.Compared} documents and entries of views compared after {watch.Elapsed.TotalSeconds:F1} s");
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

    private async Task<Dictionary<string, DayFold>> ReadTotalsAsync() =>
        (await api.ReadAllAsync("views/bank-totals?pageSize=200", "items"))
            .Where(i => (string?)i["data"]!["currency"] == Currency)
            .ToDictionary(i => (string)i["key"]!, i => DayFold.Of(i["data"]));

    /// <summary>Asks again while a view is behind.</summary>
    private async Task<JsonNode> GetAsync(string path)
    {
        while (true)
        {
            Answer answer = await api.GetAsync(path);
            if (answer.Status == 200)
            {
                return answer.Json;
            }
            Assert.True(answer.Status == 202, $"{path}: {answer.Status} {answer.Body}");
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
