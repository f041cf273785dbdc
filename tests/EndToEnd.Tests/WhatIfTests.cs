using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

/// <summary>The past of a whole system decided again: refused commands, direct and through the inbox, are on record and in it.</summary>
public sealed class WhatIfTests(SystemUnderTest system)
{
    private readonly Api api = system.Api;

    [Fact]
    public async Task A_refused_command_is_listed_and_decided_again_with_those_that_were_accepted()
    {
        string id = await api.NewAccountAsync(100);
        (await api.WithdrawAsync(id, 500, ("Idempotency-Key", "too-much"))).MustBeProblem(422, "insufficient-funds");
        (await api.WithdrawAsync(id, 500, ("Idempotency-Key", "too-much"))).MustBeProblem(422, "insufficient-funds");
        Assert.Equal(200, (await api.WithdrawAsync(id, 60)).Status);

        JsonNode refused = Assert.Single(await system.Operator.ReadAllAsync($"manage/streams/account-{id}/refused", "refused"));
        JsonNode again = (await system.Operator.GetAsync($"manage/streams/account-{id}/reconsider")).Json;

        Assert.Equal(
            ("too-much", "withdraw", 2, "insufficient-funds", 500),
            ((string?)refused["commandId"], (string?)refused["command"], (int)refused["version"]!, (string?)refused["code"],
                (int)refused["commandData"]!["amount"]!["minorUnits"]!));
        Assert.Equal((3, 1, 4, true), ((int)again["commits"]!, (int)again["refused"]!, (int)again["same"]!, (bool)again["isComplete"]!));
        Assert.Equal(3, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_command_of_the_inbox_that_is_refused_is_on_record_too()
    {
        string id = await api.NewAccountAsync();
        await api.WithdrawAsync(id, 1, ("Prefer", "respond-async"), ("Idempotency-Key", "later"));
        JsonNode status = await Eventually.GetAsync(api, $"account/{id}/commands/later", s => (string?)s["status"] != "pending");

        Assert.Equal("rejected", (string?)status["status"]);
        Assert.Equal("later", (string?)Assert.Single(await system.Operator.ReadAllAsync($"manage/streams/account-{id}/refused", "refused"))["commandId"]);
    }

    [Fact]
    public async Task A_category_is_decided_again_page_by_page_and_under_its_own_rules_comes_out_the_same()
    {
        string[] ids = [await api.NewAccountAsync(1), await api.NewAccountAsync(2), await api.NewAccountAsync(3)];
        string never = Api.NewId();
        (await api.DepositAsync(never, 1)).MustBeProblem(422, "account-not-open");
        DateTimeOffset since = DateTimeOffset.Parse(
            (string)(await system.Operator.GetAsync($"manage/streams/account-{ids[0]}/commits")).Json["commits"]![0]!["time"]!,
            CultureInfo.InvariantCulture);

        long streams = 0;
        long commits = 0;
        long refused = 0;
        for (string? next = $"manage/reconsider?category=account&from={Uri.EscapeDataString(since.ToString("O"))}&decisions=50"; next is not null;)
        {
            Answer page = await system.Operator.GetAsync(next);
            Assert.True(page.Status == 200, page.Body);
            Assert.DoesNotContain(ids.Append(never), id => page.Json["different"]!.ToJsonString().Contains(id, StringComparison.Ordinal));
            Assert.DoesNotContain(ids.Append(never), id => page.Json["unreadable"]!.ToJsonString().Contains(id, StringComparison.Ordinal));
            streams += (long)page.Json["streams"]!;
            commits += (long)page.Json["commits"]!;
            refused += (long)page.Json["refused"]!;
            next = (string?)page.Json["next"];
        }

        Assert.True(streams >= 4 && commits >= 6 && refused >= 1, $"{streams} {commits} {refused}"); // Other tests have accounts of their own.
        Assert.Equal(1, (int)(await system.Operator.GetAsync($"manage/streams/account-{never}/reconsider")).Json["refused"]!);
    }

    [Fact]
    public async Task A_command_is_tried_at_any_version_and_nothing_is_written()
    {
        string id = await api.NewAccountAsync(100);
        string withdrawal = """{"amount":{"minorUnits":60,"currency":"EUR"}}""";

        JsonNode now = (await system.Operator.PostAsync($"manage/streams/account-{id}/try/withdraw", withdrawal)).Json;
        JsonNode then = (await system.Operator.PostAsync($"manage/streams/account-{id}/try/withdraw?version=1", withdrawal)).Json;

        Assert.Equal(("accepted", 40), ((string?)now["outcome"], (int)now["state"]!["balance"]!["minorUnits"]!));
        Assert.Equal(("rejected", "insufficient-funds"), ((string?)then["outcome"], (string?)then["code"]));
        (await system.Operator.PostAsync($"manage/streams/account-{id}/try/withdraw?version=3", withdrawal)).MustBeProblem(404, "unknown-version");
        Assert.Equal(2, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
        Assert.Empty(await system.Operator.ReadAllAsync($"manage/streams/account-{id}/refused", "refused"));
    }
}
