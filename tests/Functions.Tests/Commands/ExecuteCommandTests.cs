using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Commands;

public sealed class ExecuteCommandTests(TestSystem system) : IClassFixture<TestSystem>
{
    [Fact]
    public async Task The_first_command_of_a_stream_answers_201_with_what_was_written()
    {
        Answer answer = await system.PostAsync("account/first/open", """{"owner":"ada","currency":"EUR"}""");

        answer.MustBe(201, """
            {"stream":"account-first","version":1,"token":"account-first:1","commandId":"*","correlationId":"*","repeated":false,
             "events":[{"version":1,"type":"account.opened","schemaVersion":1,"data":{"owner":"ada","currency":"EUR"}}],
             "requestCharge":2.83}
            """);
        Assert.Equal("\"1\"", answer.Header("ETag"));
        Assert.Equal("/api/account/first", answer.Header("Location"));
        Assert.Equal("2.83", answer.Header("x-request-charge"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    [Fact]
    public async Task A_later_command_answers_200_with_the_new_version()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.DepositAsync(id, 1250);

        answer.MustBe(200, $$$$"""
            {"stream":"account-{{{{id}}}}","version":2,"token":"account-{{{{id}}}}:2","commandId":"*","correlationId":"*","repeated":false,
             "events":[{"version":2,"type":"account.money-deposited","schemaVersion":1,"data":{"amount":{"minorUnits":1250,"currency":"EUR"}}}],
             "requestCharge":0}
            """);
        Assert.Equal("\"2\"", answer.Header("ETag"));
        Assert.Equal($"/api/account/{id}", answer.Header("Location"));
    }

    [Fact]
    public async Task A_command_that_finds_nothing_to_do_answers_200_without_events()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.PostAsync($"account/{id}/unfreeze", "{}");

        answer.MustBe(200, $$"""
            {"stream":"account-{{id}}","version":1,"token":"account-{{id}}:1","commandId":"*","correlationId":"*","repeated":false,"events":[],"requestCharge":0}
            """);
    }

    [Fact]
    public async Task A_command_without_members_needs_no_body()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.SendAsync(HttpMethod.Post, $"account/{id}/close", content: null);

        Assert.Equal((200, "account.closed"), (answer.Status, (string?)answer.Json["events"]![0]!["type"]));
    }

    [Fact]
    public async Task A_rejection_answers_422_with_the_code_of_the_rule_and_writes_nothing()
    {
        string id = await system.OpenAccountAsync(minorUnits: 100);

        Answer answer = await system.PostAsync($"account/{id}/withdraw", """{"amount":{"minorUnits":101,"currency":"EUR"}}""");

        answer.MustBeProblem(422, "insufficient-funds");
        Answer.AssertJson($$"""
            {"type":"/api/docs/errors/command-rejected","title":"The command was rejected","status":422,
             "detail":"The balance and the overdraft limit don't cover the amount.","instance":"/api/account/{{id}}/withdraw",
             "code":"insufficient-funds","stream":"account-{{id}}","version":2,"traceId":"*"}
            """, answer.Json);
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_command_to_a_stream_that_does_not_exist_is_for_the_rules_to_refuse() =>
        (await system.DepositAsync("never-opened", 1)).MustBeProblem(422, "account-not-open");

    [Fact]
    public async Task A_repeated_idempotency_key_gets_the_first_answer_again_and_writes_nothing()
    {
        string id = Guid.NewGuid().ToString("N");
        const string Body = """{"owner":"ada","currency":"EUR"}""";
        Answer first = await system.PostAsync($"account/{id}/open", Body, ("Idempotency-Key", "once"));
        await system.DepositAsync(id, 5);

        Answer second = await system.PostAsync($"account/{id}/open", Body, ("Idempotency-Key", "once"));

        Assert.Equal(201, first.Status);
        Assert.False((bool)first.Json["repeated"]!);
        second.MustBe(201, $$$"""
            {"stream":"account-{{{id}}}","version":1,"token":"account-{{{id}}}:1","commandId":"once","correlationId":"once","repeated":true,
             "events":[{"version":1,"type":"account.opened","schemaVersion":1,"data":{"owner":"ada","currency":"EUR"}}],"requestCharge":0}
            """);
        Assert.Equal(("once", "once"), (first.Header("Idempotency-Key"), second.Header("Idempotency-Key")));
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Fact]
    public async Task A_quoted_idempotency_key_is_the_same_key_and_comes_back_as_it_was_sent()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 5, ("Idempotency-Key", "k1"));

        Answer again = await system.DepositAsync(id, 5, ("Idempotency-Key", "\"k1\""));

        Assert.True((bool)again.Json["repeated"]!);
        Assert.Equal("\"k1\"", again.Header("Idempotency-Key"));
    }

    [Fact]
    public async Task An_idempotency_key_that_was_used_for_another_command_answers_422()
    {
        string id = await system.OpenAccountAsync();
        await system.DepositAsync(id, 5, ("Idempotency-Key", "k2"));

        Answer answer = await system.DepositAsync(id, 6, ("Idempotency-Key", "k2"));

        answer.MustBeProblem(422, "idempotency-key-reused");
        Assert.Equal(2, (int)(await system.GetAsync($"account/{id}")).Json["version"]!);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("a b\"")]
    [InlineData("äöü")]
    public async Task An_idempotency_key_with_other_characters_answers_400(string key)
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.DepositAsync(id, 1, ("Idempotency-Key", key));

        answer.MustBeProblem(400, "invalid-request").WithError("Idempotency-Key", "It has 1 to 128 visible ASCII characters.");
    }

    [Fact]
    public async Task An_idempotency_key_of_129_characters_answers_400()
    {
        string id = await system.OpenAccountAsync();

        Assert.Equal(200, (await system.DepositAsync(id, 1, ("Idempotency-Key", new string('k', 128)))).Status);
        (await system.DepositAsync(id, 1, ("Idempotency-Key", new string('k', 129)))).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task The_correlation_id_is_stored_and_comes_back()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.DepositAsync(id, 1, ("X-Correlation-Id", "order-17"));

        Assert.Equal("order-17", (string?)answer.Json["correlationId"]);
        Assert.Equal("order-17", answer.Header("X-Correlation-Id"));
        Assert.Equal("order-17", (string?)(await system.GetAsync($"account/{id}/events?from=2")).Json["events"]![0]!["correlationId"]);
    }

    [Fact]
    public async Task Without_a_correlation_id_the_command_begins_a_conversation_of_its_own()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.DepositAsync(id, 1);

        Assert.Equal((string?)answer.Json["commandId"], (string?)answer.Json["correlationId"]);
        Assert.Equal((string?)answer.Json["commandId"], answer.Header("X-Correlation-Id"));
    }

    [Fact]
    public async Task A_correlation_id_with_other_characters_answers_400()
    {
        string id = await system.OpenAccountAsync();

        (await system.DepositAsync(id, 1, ("X-Correlation-Id", "a b"))).MustBeProblem(400, "invalid-request");
        (await system.DepositAsync(id, 1, ("X-Correlation-Id", new string('c', 129)))).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task The_trace_of_the_caller_goes_on_in_the_answer_and_in_the_commit()
    {
        string id = await system.OpenAccountAsync();

        Answer answer = await system.DepositAsync(id, 1, ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", answer.Header("traceresponse"), StringComparison.Ordinal);
        EventSourcing.StreamLoad load = await system.Events.LoadAsync(
            EventSourcing.StreamName.Create("account", id), null, TestContext.Current.CancellationToken);
        Assert.Equal(answer.Header("traceresponse"), load.Commits[^1].Metadata.TraceParent);
    }
}
