using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>Money that goes from one account to another, one step after the other, behind the answer to the request.</summary>
public sealed class TransferTests(SystemUnderTest system)
{
    private static readonly string[] Ends = ["completed", "refused", "refunded"];

    private readonly Api api = system.Api;

    [Fact]
    public async Task A_transfer_moves_money_from_one_account_to_another()
    {
        string from = await api.NewAccountAsync(minorUnits: 1_000);
        string to = await api.NewAccountAsync();

        JsonNode transfer = await EndOfAsync(await RequestAsync(from, to, 700));

        Assert.Equal("completed", (string?)transfer["status"]);
        Assert.Equal((300, 700), (await BalanceAsync(from), await BalanceAsync(to)));
    }

    [Fact]
    public async Task A_transfer_that_the_payer_can_not_afford_is_refused_and_moves_nothing()
    {
        string from = await api.NewAccountAsync(minorUnits: 100);
        string to = await api.NewAccountAsync();

        JsonNode transfer = await EndOfAsync(await RequestAsync(from, to, 101));

        Assert.Equal(("refused", "insufficient-funds"), ((string?)transfer["status"], (string?)transfer["refusedBecause"]));
        Assert.Equal((100, 0), (await BalanceAsync(from), await BalanceAsync(to)));
    }

    [Fact]
    public async Task A_transfer_to_a_frozen_account_gives_the_money_back()
    {
        string from = await api.NewAccountAsync(minorUnits: 100);
        string to = await api.NewAccountAsync();
        await api.PostAsync($"account/{to}/freeze", """{"reason":"card lost"}""");

        JsonNode transfer = await EndOfAsync(await RequestAsync(from, to, 60));

        Assert.Equal(("refunded", "account-frozen"), ((string?)transfer["status"], (string?)transfer["refusedBecause"]));
        Assert.Equal((100, 0), (await BalanceAsync(from), await BalanceAsync(to)));
    }

    [Fact]
    public async Task A_transfer_is_followed_as_one_conversation_from_the_request_to_its_end()
    {
        string from = await api.NewAccountAsync(minorUnits: 100);
        string to = await api.NewAccountAsync();
        string transfer = await RequestAsync(from, to, 60);
        await EndOfAsync(transfer);
        string conversation = (string)(await api.GetAsync($"transfer/{transfer}/events")).Json["events"]![0]!["correlationId"]!;

        JsonArray steps = (await system.Operator.GetAsync($"manage/conversations/{conversation}")).Json["steps"]!.AsArray();

        Assert.Equal((0, "request"), ((int)steps[0]!["depth"]!, (string?)steps[0]!["commit"]!["command"]));
        Assert.All(steps.Skip(1), s => Assert.True((int)s!["depth"]! > 0));
        Assert.Equal(
            new HashSet<string> { $"transfer-{transfer}", $"account-{from}", $"account-{to}" },
            steps.Select(s => (string)s!["commit"]!["stream"]!).ToHashSet());
        Assert.True((bool)(await system.Operator.GetAsync($"manage/streams/transfer-{transfer}/verify")).Json["isIntact"]!);
    }

    [Fact]
    public async Task Many_transfers_at_once_neither_make_nor_lose_money()
    {
        const int Accounts = 8;
        const int Transfers = 64;
        string[] ids = await Task.WhenAll(Enumerable.Range(0, Accounts).Select(_ => api.NewAccountAsync(minorUnits: 1_000)));
        Random random = new(7);
        (int From, int To, int Amount)[] wanted =
            [.. Enumerable.Range(0, Transfers).Select(_ => (random.Next(Accounts), random.Next(1, Accounts), random.Next(1, 900)))];

        string[] transfers = await Task.WhenAll(wanted.Select(w => RequestAsync(ids[w.From], ids[(w.From + w.To) % Accounts], w.Amount)));
        JsonNode[] ended = await Task.WhenAll(transfers.Select(EndOfAsync));

        long[] balances = await Task.WhenAll(ids.Select(BalanceAsync));
        Assert.Equal(Accounts * 1_000, balances.Sum());
        Assert.All(balances, b => Assert.True(b >= 0));
        Assert.Contains(ended, t => (string?)t["status"] == "completed");
    }

    [Fact]
    public async Task The_id_of_a_step_can_not_be_taken_by_a_client()
    {
        string from = await api.NewAccountAsync(minorUnits: 100);
        string to = await api.NewAccountAsync();
        string transfer = Api.NewId();

        foreach (string key in (string[])[$"~process/transfer-process/transfer-{transfer}/2/credit", $"\"~process/transfer-process/transfer-{transfer}/2/credit\""])
        {
            (await api.DepositAsync(to, 1, ("Idempotency-Key", key))).MustBeProblem(400, "invalid-request");
            (await api.DepositAsync(to, 1, ("Idempotency-Key", key), ("Prefer", "respond-async"))).MustBeProblem(400, "invalid-request");
        }
        await api.DepositAsync(to, 1, ("Idempotency-Key", $"transfer-process/transfer-{transfer}/2/credit")); // Nobody's.
        JsonNode end = await EndOfAsync(await RequestAsync(from, to, 60, transfer));

        Assert.Equal("completed", (string?)end["status"]);
        Assert.Equal((40, 61), (await BalanceAsync(from), await BalanceAsync(to)));
    }

    [Theory]
    [InlineData(89, 32)]
    [InlineData(32, 95)]
    [InlineData(128, 128)]
    public async Task Ids_of_any_length_can_take_part(int accountLength, int transferLength)
    {
        string[] accounts = [Api.NewId().PadRight(accountLength, 'a'), Api.NewId().PadRight(accountLength, 'a')];
        foreach (string account in accounts)
        {
            await api.PostAsync($"account/{account}/open", """{"owner":"ada","currency":"EUR"}""");
        }
        await api.DepositAsync(accounts[0], 100);

        JsonNode end = await EndOfAsync(await RequestAsync(accounts[0], accounts[1], 60, Api.NewId().PadRight(transferLength, 't')));

        Assert.Equal("completed", (string?)end["status"]);
        Assert.Equal((40, 60), (await BalanceAsync(accounts[0]), await BalanceAsync(accounts[1])));
    }

    private async Task<string> RequestAsync(string from, string to, long minorUnits, string? id = null)
    {
        id ??= Api.NewId();
        Answer answer = await api.PostAsync(
            $"transfer/{id}/request", $$$"""{"from":"{{{from}}}","to":"{{{to}}}","amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""");
        Assert.True(answer.Status == 201, answer.Body);
        return id;
    }

    /// <summary>The state of a transfer that has come to its end, whatever end that is.</summary>
    private async Task<JsonNode> EndOfAsync(string id)
    {
        while (true)
        {
            JsonNode state = (await api.GetAsync($"transfer/{id}")).Json["state"]!;
            if (Ends.Contains((string?)state["status"]))
            {
                return state;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    private async Task<long> BalanceAsync(string id) => (long)(await api.GetAsync($"account/{id}")).Json["state"]!["balance"]!["minorUnits"]!;
}
