namespace Serverless.EndToEnd.Tests.Month;

/// <summary>One command of the month, with a key of its own.</summary>
internal sealed record Step(string Account, string Command, string Body, string Key);

/// <summary>
/// A month of bank activity made from a seed: customers open accounts, get salaries, pay bills, sometimes more than they have; cards
/// are lost and found, limits change, accounts are closed. What the rules make of it is not known here. Now and then a command is sent twice.
/// </summary>
internal sealed class BankMonth
{
    private const int CustomersPerThousandCommands = 12;

    private readonly Random random;
    private readonly string currency;

    public BankMonth(int seed, int commands, string currency)
    {
        random = new Random(seed);
        this.currency = currency;
        string run = Guid.NewGuid().ToString("N")[..12];
        Owners = [.. Enumerable.Range(1, Math.Max(1, commands * CustomersPerThousandCommands / 1_000)).Select(i => $"e2e-{run}-owner-{i}")];
        List<string> accounts = [];
        foreach (string owner in Owners)
        {
            // Most have one account, some two or three.
            for (int i = 0; i <= random.Next(0, 3) / 2 + random.Next(0, 2); i++)
            {
                accounts.Add($"e2e-{run}-{accounts.Count + 1}");
                Steps.Add(Make(accounts[^1], "open", $$"""{"owner":"{{owner}}","currency":"{{currency}}"}"""));
            }
        }
        while (Steps.Count < commands)
        {
            Steps.Add(random.NextDouble() < 0.02 ? Steps[random.Next(Steps.Count)] : Next(accounts[random.Next(accounts.Count)]));
        }
        Accounts = accounts;
    }

    public IReadOnlyList<string> Owners { get; }

    public IReadOnlyList<string> Accounts { get; }

    public List<Step> Steps { get; } = [];

    private Step Next(string account) => random.NextDouble() switch
    {
        < 0.08 => Make(account, "deposit", Amount(random.Next(200_000, 450_000))),
        < 0.35 => Make(account, "deposit", Amount(random.Next(100, 20_000))),
        < 0.86 => Make(account, "withdraw", Amount(random.Next(100, 30_000))),
        < 0.90 => Make(account, "withdraw", Amount(random.Next(100_000, 900_000))),
        < 0.93 => Make(account, "change-overdraft-limit", $$$"""{"limit":{"minorUnits":{{{random.Next(0, 20) * 10_000}}},"currency":"{{{currency}}}"}}"""),
        < 0.95 => Make(account, "freeze", $$"""{"reason":"{{(random.Next(2) == 0 ? "card lost" : "asked by the customer")}}"}"""),
        < 0.985 => Make(account, "unfreeze", "{}"),
        < 0.99 => Make(account, "deposit", """{"amount":{"minorUnits":100,"currency":"XOF"}}"""),
        _ => Make(account, "close", "{}"),
    };

    private string Amount(int minorUnits) => $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"{{{currency}}}"}}""";

    private Step Make(string account, string command, string body) => new(account, command, body, $"{account}-{Steps.Count}");
}
