using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Commands;
using Serverless.Functions.Management;
using Serverless.Functions.Projections;
using Serverless.Functions.Tests.Support;
using Serverless.Functions.Views;

namespace Serverless.EndToEnd.Tests.Consumers;

/// <summary>A consumer whose function is written as the platform's own examples are: without a retry policy.</summary>
public sealed class AuditorTests
{
    [Fact]
    public async Task What_a_trigger_without_retry_policy_loses_is_healed_and_counted()
    {
        await using ConsumerSystem system = ConsumerSystem.Create();
        ForgetfulConsumer.Lost = 0;
        // The summary's function throws on everything; the trigger moves its lease all the same. No other consumer runs.
        using Api api = await system.StartHostAsync(
            new() { ["Consumers:AuditGrace"] = "00:00:01.500", ["Consumers:RecordInterval"] = "00:00:00.100" },
            typeof(ForgetfulConsumer), typeof(AuditFunctions), typeof(CommandFunctions), typeof(ViewFunctions), typeof(ConsumerFunctions));
        List<string> accounts = [];
        for (int n = 0; n < 10; n++)
        {
            accounts.Add(await api.NewAccountAsync(minorUnits: 100 + n));
        }

        // The host would deliver this text as another one; the auditor reads what is stored.
        const string Date = "2026-11-23T09:30:00.100+02:00";
        Assert.Equal(200, (await api.PostAsync($"account/{accounts[0]}/freeze", $$"""{"reason":"{{Date}}"}""")).Status);

        for (int n = 0; n < accounts.Count; n++)
        {
            Answer view = await api.SeeAsync($"account-summary/{accounts[n]}", accounts[n], version: n == 0 ? 3 : 2);
            Assert.Equal(100 + n, (int)view.Json["data"]!["balance"]!["minorUnits"]!);
            Assert.Equal(n == 0 ? Date : null, (string?)view.Json["data"]!["freezeReason"]);
        }

        Assert.Equal(21, ForgetfulConsumer.Lost); // Every commit was delivered once, and given up.
        JsonNode audit = await Eventually.GetAsync(api, "manage/auditor", report => (int)Of(report)["checkedCommits"]! == 21);
        Assert.Equal(21, (int)Of(audit)["healedEvents"]!);
        Assert.NotNull(Of(audit)["lastHealedAt"]);
        JsonNode status = await Eventually.GetAsync(api, "manage/consumers/account-summary@1", s => (string?)s["state"] == "current");
        Assert.Equal(0, (int)status["counts"]!["events"]!); // It never did anything itself, although its leases say that it is done.
        Assert.Equal(21, (int)status["counts"]!["healed"]!);
    }

    private static JsonNode Of(JsonNode report) =>
        report["consumers"]!.AsArray().Single(c => (string?)c!["consumer"] == "account-summary@1")!;
}

/// <summary>What not to do: no retry policy, so a batch that fails is skipped.</summary>
public sealed class ForgetfulConsumer
{
    public static int Lost { get; set; }

    [Function("ForgetAccountSummary")]
    public Task LoseAsync(
        [CosmosDBTrigger(
            "%CosmosDatabase%", "events", Connection = "CosmosDB", LeaseContainerName = "leases", LeaseContainerPrefix = "account-summary@1",
            StartFromBeginning = true)] IReadOnlyList<JsonElement> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        lock (typeof(ForgetfulConsumer))
        {
            Lost += items.Count;
        }
        throw new InvalidOperationException("Nobody will try this again.");
    }
}
