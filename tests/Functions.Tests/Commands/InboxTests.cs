using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

/// <summary>Commands that are taken for later, over HTTP: what is answered at once, and what can be asked for afterwards.</summary>
public sealed class InboxTests(TestSystem system) : IClassFixture<TestSystem>
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    [Fact]
    public async Task A_command_for_later_is_answered_with_202_and_where_to_ask()
    {
        string id = NewId();

        Answer answer = await system.PostAsync(
            $"account/{id}/open", """{"owner":"ada","currency":"EUR"}""", Async, ("Idempotency-Key", "open-1"), ("X-Correlation-Id", "visit-7"));

        answer.MustBe(202, $$"""
            {"stream":"account-{{id}}","command":"open","commandId":"open-1","correlationId":"visit-7","status":"pending",
             "receivedAt":"2026-11-23T09:30:00Z"}
            """);
        Assert.Equal($"/api/account/{id}/commands/open-1", answer.Header("Location"));
        Assert.Equal("respond-async", answer.Header("Preference-Applied"));
        Assert.Equal(("1", "open-1", "visit-7"), (answer.Header("Retry-After"), answer.Header("Idempotency-Key"), answer.Header("X-Correlation-Id")));
        Assert.Equal(404, (await system.GetAsync($"account/{id}")).Status); // Nothing was executed yet.
    }

    [Theory]
    [InlineData("respond-async, wait=10")]
    [InlineData("handling=lenient, Respond-Async")]
    [InlineData("respond-async; foo=\"bar\"")]
    public async Task The_preference_may_stand_among_others(string prefer) =>
        Assert.Equal(202, (await system.PostAsync($"account/{NewId()}/unfreeze", "{}", ("Prefer", prefer))).Status);

    [Theory]
    [InlineData("wait=10")]
    [InlineData("return=minimal")]
    [InlineData("respond-asynchronously")]
    public async Task Other_preferences_are_not_looked_at(string prefer)
    {
        Answer answer = await system.PostAsync($"account/{NewId()}/open", """{"owner":"ada","currency":"EUR"}""", ("Prefer", prefer));

        Assert.Equal((201, null), (answer.Status, answer.Header("Preference-Applied")));
    }

    [Fact]
    public async Task While_it_waits_the_status_is_pending_and_says_when_to_ask_again()
    {
        Answer taken = await system.PostAsync($"account/{NewId()}/unfreeze", "{}", Async);

        Answer status = await system.GetAsync(taken.Header("Location")!);

        Assert.Equal((200, "pending", "1"), (status.Status, (string?)status.Json["status"], status.Header("Retry-After")));
        Assert.Equal("no-store", status.Header("Cache-Control"));
        Assert.Equal(taken.Body, status.Body);
    }

    [Fact]
    public async Task An_accepted_command_has_the_result_of_a_direct_call()
    {
        string id = await system.OpenAccountAsync();
        Answer taken = await system.DepositAsync(id, 1_250, Async, ("Idempotency-Key", "d1"));
        await system.RunInboxAsync();

        Answer status = await system.GetAsync(taken.Header("Location")!);
        Answer direct = await system.DepositAsync(id, 1_250, ("Idempotency-Key", "d1"));

        Assert.Equal((200, "accepted", null), (status.Status, (string?)status.Json["status"], status.Header("Retry-After")));
        Assert.Equal("2026-11-23T09:30:00Z", (string?)status.Json["decidedAt"]);
        JsonNode result = status.Json["result"]!;
        Assert.False((bool)result["repeated"]!);
        Assert.True((double)result["requestCharge"]! >= 0);
        JsonNode expected = direct.Json;
        Assert.True((bool)expected["repeated"]!);
        expected["repeated"] = false;
        expected["requestCharge"] = result["requestCharge"]!.DeepClone();
        Answer.AssertJson(expected.ToJsonString(), result);
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_rejected_command_has_the_code_of_a_direct_call()
    {
        string id = await system.OpenAccountAsync();
        Answer taken = await system.PostAsync($"account/{id}/withdraw", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", Async, ("Idempotency-Key", "w1"));
        await system.RunInboxAsync();

        Answer status = await system.GetAsync(taken.Header("Location")!);
        Answer direct = await system.PostAsync($"account/{id}/withdraw", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", ("Idempotency-Key", "w2"));

        status.MustBe(200, $$"""
            {"stream":"account-{{id}}","command":"withdraw","commandId":"w1","correlationId":"w1","status":"rejected",
             "receivedAt":"2026-11-23T09:30:00Z","decidedAt":"2026-11-23T09:30:00Z","code":"insufficient-funds",
             "detail":"{{(string?)direct.Json["detail"]}}","version":1,"requestCharge":{{status.Json["requestCharge"]}}}
            """);
    }

    [Theory]
    [InlineData("\"1\"", "accepted", null)]
    [InlineData("\"7\"", "rejected", "precondition-failed")]
    public async Task A_version_is_compared_when_the_command_is_decided(string ifMatch, string status, string? code)
    {
        string id = await system.OpenAccountAsync();
        Answer taken = await system.DepositAsync(id, 1, Async, ("If-Match", ifMatch));
        await system.RunInboxAsync();

        Answer answer = await system.GetAsync(taken.Header("Location")!);

        Assert.Equal((status, code), ((string?)answer.Json["status"], (string?)answer.Json["code"]));
    }

    [Fact]
    public async Task A_stream_that_has_to_exist_is_looked_for_at_once() =>
        (await system.DepositAsync(NewId(), 1, Async, ("If-Match", "*"))).MustBeProblem(412, "precondition-failed");

    [Fact]
    public async Task The_same_command_twice_is_one_command_with_one_answer()
    {
        string id = await system.OpenAccountAsync();
        Answer first = await system.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"));
        Answer second = await system.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"));
        await system.RunInboxAsync();
        Answer third = await system.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"));
        await system.RunInboxAsync();

        Assert.Equal((202, 202, 202), (first.Status, second.Status, third.Status));
        Assert.Equal(first.Header("Location"), second.Header("Location"));
        Assert.Equal(first.Header("Location"), third.Header("Location"));
        Assert.Equal("accepted", (string?)third.Json["status"]);
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task Another_command_under_the_same_key_is_refused()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 5, Async, ("Idempotency-Key", "d1"));

        (await system.DepositAsync(id, 6, Async, ("Idempotency-Key", "d1"))).MustBeProblem(422, "idempotency-key-reused");
        (await system.PostAsync($"account/{id}/unfreeze", "{}", Async, ("Idempotency-Key", "d1"))).MustBeProblem(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task A_key_that_was_used_directly_for_another_command_is_found_out_when_the_command_is_decided()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 5, ("Idempotency-Key", "d1"));
        Answer taken = await system.DepositAsync(id, 6, Async, ("Idempotency-Key", "d1"));
        await system.RunInboxAsync();

        Answer status = await system.GetAsync(taken.Header("Location")!);

        Assert.Equal(("rejected", "idempotency-key-reused"), ((string?)status.Json["status"], (string?)status.Json["code"]));
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_refused_command_that_is_then_sent_directly_and_done_is_accepted()
    {
        string id = await system.OpenAccountAsync();
        string withdraw = """{"amount":{"minorUnits":5,"currency":"EUR"}}""";
        Answer taken = await system.PostAsync($"account/{id}/withdraw", withdraw, Async, ("Idempotency-Key", "w1"));
        await system.RunInboxAsync();
        Assert.Equal("rejected", (string?)(await system.GetAsync(taken.Header("Location")!)).Json["status"]);
        await system.DepositAsync(id, 5);

        Assert.Equal(200, (await system.PostAsync($"account/{id}/withdraw", withdraw, ("Idempotency-Key", "w1"))).Status);

        JsonNode status = (await system.GetAsync(taken.Header("Location")!)).Json;
        Assert.Equal(("accepted", 3), ((string?)status["status"], (int)status["result"]!["version"]!));
    }

    [Theory]
    [InlineData("deposit", """{"amount":{"minorUnits":1}}""", 400, "invalid-command")]
    [InlineData("deposit", """{"amount":""", 400, "malformed-json")]
    [InlineData("withdraw-everything", "{}", 404, "unknown-command")]
    [InlineData("debit-for-transfer", "{}", 404, "unknown-command")]
    public async Task What_could_never_be_executed_is_not_taken(string command, string body, int status, string code)
    {
        string id = NewId();

        (await system.PostAsync($"account/{id}/{command}", body, Async, ("Idempotency-Key", "k1"))).MustBeProblem(status, code);

        Assert.Equal(404, (await system.GetAsync($"account/{id}/commands/k1")).Status);
    }

    [Theory]
    [InlineData("a/b?c#d%2Fe\\")]
    [InlineData("..")]
    [InlineData("tilde~")]
    public async Task Any_key_has_an_address(string key)
    {
        Answer taken = await system.PostAsync($"account/{NewId()}/unfreeze", "{}", Async, ("Idempotency-Key", key));

        Answer status = await system.GetAsync(taken.Header("Location")!);

        Assert.Equal((202, 200, key), (taken.Status, status.Status, (string?)status.Json["commandId"]));
    }

    [Fact]
    public async Task An_unknown_command_id_has_no_status()
    {
        string id = await system.OpenAccountAsync();

        (await system.GetAsync($"account/{id}/commands/never-sent")).MustBeProblem(404, "unknown-command-id");
        (await system.GetAsync($"account/{id}/commands/sp%20ace")).MustBeProblem(404, "unknown-command-id");
        (await system.GetAsync($"account/{id}/commands/~backlog")).MustBeProblem(404, "unknown-command-id");
        (await system.GetAsync("nothing/1/commands/c1")).MustBeProblem(404, "unknown-category");
        (await system.PostAsync($"account/{id}/commands/c1", "{}")).MustBeProblem(405, "method-not-allowed");
    }

    [Fact]
    public async Task An_outcome_is_gone_when_its_time_is_over_and_a_command_that_waits_is_not()
    {
        await using TestSystem own = await TestSystem.StartAsync(new() { ["Inbox:KeepOutcomes"] = "2:00:00" });
        string id = await own.OpenAccountAsync();
        Answer done = await own.DepositAsync(id, 1, Async);
        await own.RunInboxAsync();
        Answer waiting = await own.DepositAsync(id, 1, Async);

        own.Time.Advance(TimeSpan.FromMinutes(119));
        Assert.Equal(200, (await own.GetAsync(done.Header("Location")!)).Status);
        own.Time.Advance(TimeSpan.FromMinutes(1));

        (await own.GetAsync(done.Header("Location")!)).MustBeProblem(404, "unknown-command-id");
        Assert.Equal("pending", (string?)(await own.GetAsync(waiting.Header("Location")!)).Json["status"]);
    }

    [Fact]
    public async Task The_commit_tells_who_sent_the_command_and_in_which_conversation()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 1, Async, ("Idempotency-Key", "d1"), ("X-Correlation-Id", "visit-7"));
        await system.RunInboxAsync();

        Commit commit = await system.Events.ReadAsync(StreamName.Create("account", id), 2, TestContext.Current.CancellationToken)
            .FirstAsync(TestContext.Current.CancellationToken);

        Assert.Equal(("d1", "visit-7", "anonymous"), (commit.Metadata.CommandId, commit.Metadata.CorrelationId, commit.Metadata.Actor));
        Assert.NotNull(commit.Metadata.TraceParent);
    }

    private static string NewId() => Guid.NewGuid().ToString("N");
}
