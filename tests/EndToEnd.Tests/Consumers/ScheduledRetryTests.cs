using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Consumers;

/// <summary>Parked streams heal by themselves once their cause is gone, without an operator.</summary>
public sealed class ScheduledRetryTests
{
    private const string Parked = "manage/consumers/account-summary@1/parked";

    private static readonly Dictionary<string, string?> Impatient = new()
    {
        ["Consumers:MaxAttempts"] = "2",
        ["Consumers:FirstBackoff"] = "00:00:00.010",
        ["Consumers:FirstRetryInterval"] = "00:00:00.100",
        ["Consumers:MaxRetryInterval"] = "00:00:00.500",
    };

    [Fact]
    public async Task A_parked_stream_is_healed_by_the_schedule_when_its_cause_is_gone()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        using Api api = await system.StartHostAsync(Impatient);
        string bad = Api.NewId();
        system.BadAccounts[bad] = true;
        Assert.Equal(201, (await api.OpenAsync(bad, "ada")).Status);
        Assert.Equal(200, (await api.DepositAsync(bad, 1250)).Status);
        string good = await api.NewAccountAsync(700);

        await api.SeeAsync($"account-summary/{good}", good, version: 2); // Others pass.
        await Eventually.TrueAsync(async () => await AttemptsAsync(api, bad) >= 5); // Parked after two, and retried more than once in vain.
        system.BadAccounts.Clear();

        Answer view = await api.SeeAsync($"account-summary/{bad}", bad, version: 2);
        Assert.Equal(1250, (int)view.Json["data"]!["balance"]!["minorUnits"]!);
        await Eventually.TrueAsync(async () => (await api.GetAsync($"{Parked}/account-{bad}")).Status == 404);
    }

    [Fact]
    public async Task Another_host_goes_on_with_the_schedule_of_one_that_is_gone()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        using Api first = await system.StartHostAsync(new(Impatient) { ["Consumers:FirstRetryInterval"] = "00:00:02", ["Consumers:MaxRetryInterval"] = "00:00:02" });
        string bad = Api.NewId();
        system.BadAccounts[bad] = true;
        Assert.Equal(201, (await first.OpenAsync(bad, "ada")).Status);
        await Eventually.TrueAsync(async () => await AttemptsAsync(first, bad) >= 2);
        await system.StopHostAsync(); // In the middle of its wait.
        system.BadAccounts.Clear();

        using Api second = await system.StartHostAsync(Impatient);

        await second.SeeAsync($"account-summary/{bad}", bad, version: 1);
    }

    private static async Task<int> AttemptsAsync(Api api, string account)
    {
        Answer answer = await api.GetAsync($"{Parked}/account-{account}");
        return answer.Status == 200 && (string?)answer.Json["status"] == "parked" ? (int)answer.Json["attempts"]! : 0;
    }
}
