using System.Text;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

/// <summary>What a client is refused is on record, however it came, and the record is never in its way.</summary>
public sealed class RefusedCommandTests
{
    private const string Withdrawal = """{"amount":{"minorUnits":5,"currency":"EUR"}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_422_of_a_rule_is_recorded_and_a_400_or_412_is_not()
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();

        (await system.PostAsync($"account/{id}/withdraw", Withdrawal, ("Idempotency-Key", "pay-1"), ("X-Correlation-Id", "shopping")))
            .MustBeProblem(422, "insufficient-funds");
        (await system.PostAsync($"account/{id}/withdraw", "{}")).MustBeProblem(400, "invalid-command");
        (await system.PostAsync($"account/{id}/withdraw", "{")).MustBeProblem(400, "malformed-json");
        (await system.PostAsync($"account/{id}/withdraw", Withdrawal, ("If-Match", "\"7\""))).MustBeProblem(412, "precondition-failed");

        RefusedCommand record = Assert.Single(await RecordsAsync(system, id));
        Assert.Equal((1, "insufficient-funds", TestSystem.Now), (record.Version, record.Reason.Code, record.Metadata.Timestamp));
        Assert.Equal(
            ("pay-1", "withdraw", "1", "anonymous", "shopping"),
            (record.Metadata.CommandId, record.Metadata.CommandType, record.Metadata.PolicyVersion, record.Metadata.Actor, record.Metadata.CorrelationId));
        Assert.Equal(Withdrawal, Encoding.UTF8.GetString(record.Metadata.CommandData.Span));
        Assert.NotNull(record.Metadata.TraceParent);
    }

    [Fact]
    public async Task A_command_of_the_inbox_that_is_refused_is_recorded_once_however_often_it_is_delivered()
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();

        await system.PostAsync($"account/{id}/withdraw", Withdrawal, ("Prefer", "respond-async"), ("Idempotency-Key", "pay-1"));
        await system.RunInboxAsync();
        await system.RunInboxAsync();
        (await system.PostAsync($"account/{id}/withdraw", Withdrawal, ("Idempotency-Key", "pay-1"))).MustBeProblem(422, "insufficient-funds");

        Assert.Equal("0000000001-pay-1", Assert.Single(await RecordsAsync(system, id)).Id);
    }

    [Fact]
    public async Task A_store_that_is_away_is_a_warning_without_the_body_and_the_answer_is_the_same()
    {
        await using TestSystem system = await TestSystem.StartAsync();
        string id = await system.OpenAccountAsync();
        system.Refused.IsAway = true;

        (await system.PostAsync($"account/{id}/withdraw", Withdrawal)).MustBeProblem(422, "insufficient-funds");

        (LogLevel level, string message, Exception? exception) = Assert.Single(system.Logs.Entries, e => e.Message.Contains("not recorded", StringComparison.Ordinal));
        Assert.Equal((LogLevel.Warning, "The store is away."), (level, exception!.Message));
        Assert.Contains($"withdraw for account-{id} at version 1 (insufficient-funds)", message, StringComparison.Ordinal);
        Assert.DoesNotContain("minorUnits", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_says_how_long_it_is_kept_and_another_one_switches_it_off()
    {
        await using TestSystem hour = await TestSystem.StartAsync(new() { ["RefusedCommands:Keep"] = "1:00:00" });
        await using TestSystem off = await TestSystem.StartAsync(new() { ["RefusedCommands:Record"] = "false" });
        foreach (TestSystem system in (TestSystem[])[hour, off])
        {
            (await system.PostAsync("account/nobody/withdraw", Withdrawal)).MustBeProblem(422, "account-not-open");
        }

        Assert.Single(await RecordsAsync(hour, "nobody"));
        hour.Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await RecordsAsync(hour, "nobody"));
        Assert.Empty(await RecordsAsync(off, "nobody"));
    }

    private static async Task<List<RefusedCommand>> RecordsAsync(TestSystem system, string id) =>
        await system.Refused.ReadAsync(StreamName.Create("account", id), null, Token).ToListAsync(Token);
}
