using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>Commands that are taken for later and executed from the change feed.</summary>
public sealed class InboxTests(SystemUnderTest system)
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private readonly Api api = system.Api;

    [Fact]
    public async Task A_command_for_later_is_taken_and_then_done()
    {
        string id = Api.NewId();

        Answer taken = await api.OpenAsync(id, "ada", "EUR", Async);
        JsonNode status = await EndOfAsync(taken);

        Assert.Equal((202, "pending"), (taken.Status, (string?)taken.Json["status"]));
        Assert.Equal("accepted", (string?)status["status"]);
        Assert.Equal("account.opened", (string?)status["result"]!["events"]![0]!["type"]);
        Assert.Equal(1, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
        Assert.Equal("ada", (string?)(await api.SeeAsync($"account-summary/{id}", id, 1)).Json["data"]!["owner"]);
    }

    [Fact]
    public async Task A_command_for_later_that_the_rules_forbid_is_rejected_with_its_code()
    {
        string id = await api.NewAccountAsync(minorUnits: 100);

        JsonNode status = await EndOfAsync(await api.WithdrawAsync(id, 101, Async));

        Assert.Equal(("rejected", "insufficient-funds"), ((string?)status["status"], (string?)status["code"]));
        Assert.Equal(2, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_command_sent_to_the_inbox_many_times_at_once_is_done_once()
    {
        string id = await api.NewAccountAsync();

        Answer[] taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => api.DepositAsync(id, 7, Async, ("Idempotency-Key", "d1"))));
        await Task.WhenAll(taken.Select(EndOfAsync));

        Assert.All(taken, t => Assert.Equal((202, taken[0].Header("Location")), (t.Status, t.Header("Location"))));
        Assert.Equal(7, await BalanceAsync(id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_sent_directly_and_through_the_inbox_is_done_once(bool isDirectFirst)
    {
        string id = await api.NewAccountAsync();
        (string, string) key = ("Idempotency-Key", "d1");

        Answer? direct = isDirectFirst ? await api.DepositAsync(id, 7, key) : null;
        JsonNode status = await EndOfAsync(await api.DepositAsync(id, 7, Async, key));
        direct ??= await api.DepositAsync(id, 7, key);

        Assert.Equal((200, "accepted"), (direct.Status, (string?)status["status"]));
        Assert.Equal((!isDirectFirst, isDirectFirst), ((bool)direct.Json["repeated"]!, (bool)status["result"]!["repeated"]!));
        Assert.Equal(direct.Json["events"]!.ToJsonString(), status["result"]!["events"]!.ToJsonString());
        Assert.Equal(7, await BalanceAsync(id));
    }

    [Fact]
    public async Task A_command_sent_directly_and_through_the_inbox_at_the_same_time_is_done_once()
    {
        string id = await api.NewAccountAsync();
        const int Commands = 20;

        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, Commands).SelectMany(i => (Task<Answer>[])
        [
            api.DepositAsync(id, 1, ("Idempotency-Key", $"d{i}")),
            api.DepositAsync(id, 1, Async, ("Idempotency-Key", $"d{i}")),
        ]));
        JsonNode[] ends = await Task.WhenAll(answers.Where(a => a.Status == 202).Select(EndOfAsync));

        Assert.Equal(Commands, answers.Count(a => a.Status == 200));
        Assert.All(ends, e => Assert.Equal("accepted", (string?)e["status"]));
        Assert.Equal(Commands, await BalanceAsync(id));
    }

    [Fact]
    public async Task Commands_of_one_account_are_done_in_the_order_in_which_they_were_taken()
    {
        string id = await api.NewAccountAsync();
        List<Answer> taken = [];
        for (int i = 1; i <= 30; i++)
        {
            // Each withdrawal is possible only after the deposit before it, and leaves nothing for the next one.
            taken.Add(await api.DepositAsync(id, i, Async));
            taken.Add(await api.WithdrawAsync(id, i, Async));
        }

        List<JsonNode> ends = [];
        foreach (Answer answer in taken)
        {
            ends.Add(await EndOfAsync(answer));
        }

        Assert.All(ends, e => Assert.Equal("accepted", (string?)e["status"]));
        Assert.Equal(Enumerable.Range(2, 60), ends.Select(e => (int)e["result"]!["version"]!));
    }

    [Fact]
    public async Task A_burst_on_one_account_lets_other_accounts_pass()
    {
        const int Burst = 500;
        const int Others = 10;
        string busy = await api.NewAccountAsync();
        string[] others = await Task.WhenAll(Enumerable.Range(0, Others).Select(_ => api.NewAccountAsync()));

        Answer[] burst = await Task.WhenAll(Enumerable.Range(0, Burst).Select(_ => api.DepositAsync(busy, 1, Async)));
        Answer[] passing = await Task.WhenAll(others.Select(id => api.DepositAsync(id, 1, Async)));
        JsonNode[] passed = await Task.WhenAll(passing.Select(EndOfAsync));
        int doneMeanwhile = (int)(await api.GetAsync($"account/{busy}")).Json["version"]! - 1;
        List<JsonNode> ends = [];
        foreach (Answer taken in burst)
        {
            ends.Add(await EndOfAsync(taken));
        }

        Assert.All(passed.Concat(ends), e => Assert.Equal("accepted", (string?)e["status"]));
        Assert.True(doneMeanwhile < Burst, $"All {doneMeanwhile} of the burst went first.");
        Assert.Equal(Burst, await BalanceAsync(busy));
        // Each once: the versions are those of the burst, without a gap.
        Assert.Equal(Enumerable.Range(2, Burst), ends.Select(e => (int)e["result"]!["version"]!).Order());
    }

    /// <summary>The status of a command that has its outcome.</summary>
    private async Task<JsonNode> EndOfAsync(Answer taken)
    {
        Assert.True(taken.Status == 202, $"{taken.Status} {taken.Body}");
        while (true)
        {
            Answer status = await api.GetAsync(taken.Header("Location")!);
            Assert.True(status.Status == 200, $"{status.Status} {status.Body}");
            if ((string?)status.Json["status"] != "pending")
            {
                return status.Json;
            }
            Assert.Equal("1", status.Header("Retry-After"));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    private async Task<long> BalanceAsync(string id) => (long)(await api.GetAsync($"account/{id}")).Json["state"]!["balance"]!["minorUnits"]!;
}
