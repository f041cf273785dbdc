using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.LocalHost;

/// <summary>A short day at the bank, played over HTTP and told line by line: what is asked, what is answered, what the views show.</summary>
internal sealed class BankDay(HttpClient http, TextWriter output)
{
    private bool isAsExpected = true;

    /// <returns>Whether every answer was the one that the story needs.</returns>
    public static async Task<bool> PlayAsync(Uri api, TextWriter output, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { BaseAddress = api };
        BankDay day = new(http, output);
        await output.WriteLineAsync($"\nA day at the bank, over {api}");
        await day.PlayAsync(cancellationToken);
        await output.WriteLineAsync(day.isAsExpected ? "\nAll of it as it should be.\n" : "\nNOT as it should be: see the lines marked !!\n");
        return day.isAsExpected;
    }

    private async Task PlayAsync(CancellationToken cancellationToken)
    {
        Title("Accounts are opened");
        await PostAsync("alice opens an account in EUR", "account/alice-main", "open", Opening("alice", "EUR"), HttpStatusCode.Created, cancellationToken);
        await PostAsync("and one in USD for travelling", "account/alice-travel", "open", Opening("alice", "USD"), HttpStatusCode.Created, cancellationToken);
        await PostAsync("bob opens an account in EUR", "account/bob-main", "open", Opening("bob", "EUR"), HttpStatusCode.Created, cancellationToken);

        Title("Money moves");
        await PostAsync("alice pays in 2,500.00 EUR", "account/alice-main", "deposit", Amount(250_000, "EUR"), HttpStatusCode.OK, cancellationToken);
        await PostAsync("and 300.00 USD", "account/alice-travel", "deposit", Amount(30_000, "USD"), HttpStatusCode.OK, cancellationToken);
        await PostAsync("bob pays in 120.00 EUR", "account/bob-main", "deposit", Amount(12_000, "EUR"), HttpStatusCode.OK, cancellationToken);
        await PostAsync("alice takes 80.50 EUR out", "account/alice-main", "withdraw", Amount(8_050, "EUR"), HttpStatusCode.OK, cancellationToken);

        Title("The rules say no");
        await PostAsync("bob wants 500.00 EUR", "account/bob-main", "withdraw", Amount(50_000, "EUR"), HttpStatusCode.UnprocessableEntity, cancellationToken);
        await PostAsync("bob gets an overdraft of 1,000.00", "account/bob-main", "change-overdraft-limit", Limit(100_000), HttpStatusCode.OK, cancellationToken);
        await PostAsync("and now gets his 500.00 EUR", "account/bob-main", "withdraw", Amount(50_000, "EUR"), HttpStatusCode.OK, cancellationToken);
        await PostAsync("alice pays dollars into euros", "account/alice-main", "deposit", Amount(100, "USD"), HttpStatusCode.UnprocessableEntity, cancellationToken);

        Title("An answer is lost, so the command is sent again with its Idempotency-Key");
        (string, string) key = ("Idempotency-Key", "salary-2026-11");
        await PostAsync("alice's salary", "account/alice-main", "deposit", Amount(310_000, "EUR"), HttpStatusCode.OK, cancellationToken, key);
        await PostAsync("alice's salary, once more", "account/alice-main", "deposit", Amount(310_000, "EUR"), HttpStatusCode.OK, cancellationToken, key);

        Title("Money goes from one account to another, in steps that follow the answer");
        await PostAsync("alice sends bob the rent", "transfer/rent-2026-11", "request", Transfer("alice-main", "bob-main", 90_000), HttpStatusCode.Created, cancellationToken);
        Say("and then", $"the transfer is {await EndOfTransferAsync("rent-2026-11", cancellationToken)}");

        Title("Two clerks decide on the same version");
        await PostAsync("the first one freezes the account", "account/bob-main", "freeze", """{"reason":"card lost"}""", HttpStatusCode.OK, cancellationToken, ("If-Match", "\"5\""));
        await PostAsync("the second one comes too late", "account/bob-main", "close", "{}", HttpStatusCode.PreconditionFailed, cancellationToken, ("If-Match", "\"5\""));
        await PostAsync("and nothing moves while it is frozen", "account/bob-main", "deposit", Amount(1, "EUR"), HttpStatusCode.UnprocessableEntity, cancellationToken);

        Title("The views have followed");
        await ShowViewsAsync(cancellationToken);
    }

    // Views follow the commits with a delay; ?seen= waits until they show what was done above.
    private async Task ShowViewsAsync(CancellationToken cancellationToken)
    {
        JsonNode alice = await GetAsync("account-summary/alice-main?seen=account-alice-main:6", cancellationToken);
        Say("alice's account", $"{Text(alice["data"]!["balance"])}, {alice["data"]!["status"]}");
        JsonNode bob = await GetAsync("account-summary/bob-main?seen=account-bob-main:6", cancellationToken);
        Say("bob's account", $"{Text(bob["data"]!["balance"])}, {bob["data"]!["status"]}: {bob["data"]!["freezeReason"]}");
        JsonNode portfolio = await GetAsync("customer-portfolio/alice?seen=account-alice-travel:2,account-alice-main:6", cancellationToken);
        foreach (JsonNode? account in portfolio["data"]!["accounts"]!.AsArray())
        {
            Say("in alice's portfolio", $"{account!["account"]}: {Text(account["balance"])}");
        }
        JsonNode statement = await GetAsync("account-statement/alice-main/entries?seen=account-alice-main:6", cancellationToken);
        foreach (JsonNode? entry in statement["entries"]!.AsArray())
        {
            Say("on alice's statement", $"{entry!["data"]!["kind"],-12} {Text(entry["data"]!["amount"]),13}, then {Text(entry["data"]!["balance"])}");
        }
        string today = ((string)alice["data"]!["openedAt"]!)[..10];
        JsonNode totals = (await GetAsync($"bank-totals/{today}.EUR?seen=account-alice-main:6,account-bob-main:6", cancellationToken))["data"]!;
        Say("in the whole bank, in EUR", $"{totals["accountsOpened"]} accounts opened, {totals["deposits"]} deposits, {totals["withdrawals"]} withdrawals");
    }

    private async Task PostAsync(
        string what, string stream, string command, string body, HttpStatusCode expected, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"{stream}/{command}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        isAsExpected &= response.StatusCode == expected;
        string mark = response.StatusCode == expected ? "" : "!! ";
        string told = answer["code"] is { } code ? $"{code}: {answer["detail"]}"
            : (bool)answer["repeated"]! ? $"done before, as version {answer["version"]}; nothing was written"
            : $"{string.Join(", ", answer["events"]!.AsArray().Select(e => (string?)e!["type"]))} is version {answer["version"]} of {answer["stream"]}";
        Say(what, $"{mark}{(int)response.StatusCode} {told}");
    }

    /// <summary>Asks for the state of a transfer until it has come to its end.</summary>
    private async Task<string> EndOfTransferAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri($"transfer/{id}", UriKind.Relative), cancellationToken);
            string status = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!["state"]!["status"]!;
            if (status is "completed" or "refused" or "refunded")
            {
                isAsExpected &= status == "completed";
                return status;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }
    }

    private async Task<JsonNode> GetAsync(string view, CancellationToken cancellationToken)
    {
        while (true)
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri($"views/{view}", UriKind.Relative), cancellationToken);
            string answer = await response.Content.ReadAsStringAsync(cancellationToken);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    return JsonNode.Parse(answer)!;
                case HttpStatusCode.Accepted:
                    break; // It was waited for, and is still on its way: this machine is busy.
                default:
                    throw new HttpRequestException($"The view {view} was answered with {(int)response.StatusCode}: {answer}");
            }
        }
    }

    private void Title(string title) => output.WriteLine($"\n{title}");

    private void Say(string what, string told) => output.WriteLine($"  {what,-38} {told}");

    private static string Text(JsonNode? money) => string.Create(
        CultureInfo.InvariantCulture, $"{(decimal)money!["minorUnits"]! / 100:N2} {money["currency"]}");

    private static string Opening(string owner, string currency) => $$"""{"owner":"{{owner}}","currency":"{{currency}}"}""";

    private static string Amount(long minorUnits, string currency) =>
        $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"{{{currency}}}"}}""";

    private static string Transfer(string from, string to, long minorUnits) =>
        $$$"""{"from":"{{{from}}}","to":"{{{to}}}","amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""";

    private static string Limit(long minorUnits) => $$$"""{"limit":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""";
}
