using System.Text.Json.Nodes;
using Serverless.EndToEnd.Tests.Support;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests;

public sealed class CommandTests(SystemUnderTest system)
{
    private readonly Api api = system.Api;

    [Fact]
    public async Task Every_command_of_an_account_is_answered_with_its_event_and_the_next_version()
    {
        string id = Api.NewId();
        (string Command, string Body, string Event)[] life =
        [
            ("open", """{"owner":"ada","currency":"EUR"}""", "account.opened"),
            ("deposit", """{"amount":{"minorUnits":1250,"currency":"EUR"}}""", "account.money-deposited"),
            ("change-overdraft-limit", """{"limit":{"minorUnits":500,"currency":"EUR"}}""", "account.overdraft-limit-changed"),
            ("withdraw", """{"amount":{"minorUnits":1750,"currency":"EUR"}}""", "account.money-withdrawn"),
            ("freeze", """{"reason":"card lost"}""", "account.frozen"),
            ("unfreeze", "{}", "account.unfrozen"),
            ("deposit", """{"amount":{"minorUnits":500,"currency":"EUR"}}""", "account.money-deposited"),
            ("close", "{}", "account.closed"),
        ];

        for (int i = 0; i < life.Length; i++)
        {
            Answer answer = await api.PostAsync($"account/{id}/{life[i].Command}", life[i].Body);
            Assert.Equal((i == 0 ? 201 : 200, i + 1), (answer.Status, (int)answer.Json["version"]!));
            Assert.Equal((life[i].Event, $"\"{i + 1}\""), ((string?)answer.Json["events"]![0]!["type"], answer.Header("ETag")));
            Assert.EndsWith($"/account/{id}", answer.Header("Location"), StringComparison.Ordinal);
            Assert.True(double.Parse(answer.Header("x-request-charge")!) > 0);
        }

        JsonNode state = (await api.GetAsync($"account/{id}")).Json;
        Assert.Equal((8, "closed"), ((int)state["version"]!, (string?)state["state"]!["status"]));
    }

    [Fact]
    public async Task A_command_that_is_sent_again_gets_the_first_answer_and_is_done_once()
    {
        string id = await api.NewAccountAsync();
        string key = Api.NewId();
        Answer first = await api.DepositAsync(id, 100, ("Idempotency-Key", key));
        await api.DepositAsync(id, 1);

        Answer again = await api.DepositAsync(id, 100, ("Idempotency-Key", key));
        Answer other = await api.DepositAsync(id, 101, ("Idempotency-Key", key));

        Assert.Equal((200, 2, false), (first.Status, (int)first.Json["version"]!, (bool)first.Json["repeated"]!));
        Assert.Equal((200, 2, true), (again.Status, (int)again.Json["version"]!, (bool)again.Json["repeated"]!));
        other.MustBeProblem(422, "idempotency-key-reused");
        Assert.Equal(101, (int)(await api.GetAsync($"account/{id}")).Json["state"]!["balance"]!["minorUnits"]!);
    }

    [Fact]
    public async Task A_rejection_has_the_code_of_its_rule_and_changes_nothing()
    {
        string id = await api.NewAccountAsync(minorUnits: 100);

        (await api.WithdrawAsync(id, 101)).MustBeProblem(422, "insufficient-funds");
        (await api.OpenAsync(id, "ada")).MustBeProblem(422, "account-already-open");
        (await api.PostAsync($"account/{id}/close", "{}")).MustBeProblem(422, "balance-not-zero");

        Assert.Equal(2, (int)(await api.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task Preconditions_are_held()
    {
        string id = await api.NewAccountAsync(minorUnits: 100);

        (await api.DepositAsync(id, 1, ("If-Match", "\"1\""))).MustBeProblem(412, "precondition-failed");
        Assert.Equal(200, (await api.DepositAsync(id, 1, ("If-Match", "\"2\""))).Status);
        (await api.OpenAsync(Api.NewId(), "ada", headers: ("If-Match", "*"))).MustBeProblem(412, "precondition-failed");
        (await api.DepositAsync(id, 1, ("If-None-Match", "*"))).MustBeProblem(412, "precondition-failed");
    }

    [Fact]
    public async Task Correlation_and_trace_go_through_to_the_stored_events()
    {
        string id = await api.NewAccountAsync();
        string correlation = Api.NewId();

        Answer answer = await api.DepositAsync(
            id, 1, ("X-Correlation-Id", correlation), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        JsonNode stored = (await api.GetAsync($"account/{id}/events?from=2")).Json["events"]![0]!;
        Assert.Equal((correlation, correlation), (answer.Header("X-Correlation-Id"), (string?)stored["correlationId"]));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", answer.Header("traceresponse"), StringComparison.Ordinal);
        Assert.Equal((string?)answer.Json["commandId"], (string?)stored["commandId"]);
    }
}
