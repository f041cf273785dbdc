using System.Globalization;

namespace Serverless.FaultHarness.Load;

/// <summary>
/// What the customers of a bank do, made from a seed: one such list without end for each client. What the rules make of it is not
/// known here; much of it is refused.
/// </summary>
internal sealed class Workload(int seed, int client, int clients, bool hasLongIds)
{
    private const int Accounts = 24;
    private const int DollarAccounts = 4;
    private const int Owners = 9;
    private const double ForLater = 0.1;
    private const int LongNamed = 3;

    // As long as the id of a stream may be: what is derived from it would be longer than a command id.
    private const int LongName = 128;

    private readonly Random random = new(unchecked((seed * 1_009) + client));
    private int count;
    private int rounds;

    public SentCommand Next()
    {
        // Every account is opened by one client, as its first commands.
        int first = client + (rounds++ * clients);
        if (first < Accounts)
        {
            return Open(first);
        }
        return random.NextDouble() switch
        {
            < 0.30 => ToAccount("deposit", Amount(random.Next(1, 20_000))),
            < 0.52 => ToAccount("withdraw", Amount(random.Next(1, 15_000))),
            < 0.80 => Transfer(),
            < 0.83 => ToAccount("change-overdraft-limit", $$$"""{"limit":{"minorUnits":{{{random.Next(0, 10) * 1_000}}},"currency":"EUR"}}"""),
            < 0.86 => ToAccount("freeze", $$"""{"reason":"{{(random.Next(2) == 0 ? "card lost" : "court order")}}"}"""),
            < 0.96 => ToAccount("unfreeze", "{}"),
            < 0.965 => ToAccount("close", "{}"),
            < 0.98 => Open(random.Next(Accounts)),
            _ => Make("account", $"never-{random.Next(3)}", "deposit", Amount(100)),
        };
    }

    /// <summary>A number from 0 to 1 for the client's own choices.</summary>
    public double Draw() => random.NextDouble();

    private SentCommand Open(int account) => Make(
        "account", Name(account), "open", $$"""{"owner":"owner-{{account % Owners}}","currency":"{{(account < DollarAccounts ? "USD" : "EUR")}}"}""");

    private SentCommand ToAccount(string command, string body) => Make("account", Name(random.Next(Accounts)), command, body);

    /// <summary>Mostly between accounts in euro; some can't arrive and come back.</summary>
    private SentCommand Transfer()
    {
        int from = random.Next(Accounts);
        string to = random.NextDouble() < 0.02 ? $"never-{random.Next(3)}" : Name((from + random.Next(1, Accounts)) % Accounts);
        string id = string.Create(CultureInfo.InvariantCulture, $"{client}-{count}");
        id = hasLongIds && random.Next(10) == 0 ? id.PadRight(LongName, 'x') : id;
        return Make(
            "transfer", id, "request", $$$"""{"from":"{{{Name(from)}}}","to":"{{{to}}}","amount":{"minorUnits":{{{random.Next(1, 9_000)}}},"currency":"EUR"}}""");
    }

    private SentCommand Make(string category, string id, string command, string body) =>
        new(category, id, command, body, string.Create(CultureInfo.InvariantCulture, $"client-{client}.{count++}")) { IsForLater = random.NextDouble() < ForLater };

    private string Name(int account)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"acc-{account}");
        return !hasLongIds || account < Accounts - LongNamed ? name : name.PadRight(LongName, 'x');
    }

    private static string Amount(int minorUnits) => $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""";
}
