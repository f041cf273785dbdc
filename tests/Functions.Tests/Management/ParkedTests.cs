using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Management;

public sealed class ParkedTests(TestSystem system) : IClassFixture<TestSystem>
{
    private const string Consumer = "account-summary@1";

    [Fact]
    public async Task A_parked_stream_is_listed_shown_and_replayed()
    {
        string id = await ParkedAccountAsync(fromVersion: 1);

        (await system.GetAsync($"manage/consumers/{Consumer}/parked/account-{id}")).MustBe(200, $$"""
            {"stream":"account-{{id}}","status":"parked","fromVersion":1,"throughVersion":2,"error":"JsonException: broken","attempts":5,
             "firstFailedAt":"2026-11-23T09:30:00Z","lastFailedAt":"2026-11-23T09:30:00Z","nextRetryAt":"2026-11-23T09:31:00Z","correlationId":"c-1"}
            """);
        JsonArray list = (await system.GetAsync($"manage/consumers/{Consumer}/parked?pageSize=200")).Json["items"]!.AsArray();
        Assert.Contains(list, item => (string?)item!["stream"] == $"account-{id}");

        (await system.PostAsync($"manage/consumers/{Consumer}/parked/account-{id}/retry", "")).MustBe(200, """{"hasCaughtUp":true,"events":2}""");

        Assert.Equal(1250, (int)(await system.GetAsync($"views/account-summary/{id}")).Json["data"]!["balance"]!["minorUnits"]!);
        (await system.GetAsync($"manage/consumers/{Consumer}/parked/account-{id}")).MustBeProblem(404, "not-parked");
        (await system.PostAsync($"manage/consumers/{Consumer}/parked/account-{id}/retry", "")).MustBeProblem(404, "not-parked");
    }

    [Fact]
    public async Task A_discard_leaves_out_the_commit_that_was_named_and_no_other()
    {
        string id = await ParkedAccountAsync(fromVersion: 2);
        string path = $"manage/consumers/{Consumer}/parked/account-{id}/discard";

        (await system.PostAsync(path, """{"version":1,"reason":"a test"}""")).MustBeProblem(412, "precondition-failed");
        (await system.PostAsync(path, """{"version":2,"reason":"a test"}""")).MustBe(200, """{"hasCaughtUp":true,"events":1}""");

        JsonNode view = (await system.GetAsync($"views/account-summary/{id}")).Json;
        Assert.Equal(0, (int)view["data"]!["balance"]!["minorUnits"]!);
        Assert.Equal(2, (int)view["seen"]![$"account-{id}"]!);
        Assert.Contains(system.Logs.Entries, entry => entry.Message.Contains($"discards version 2 of account-{id}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"version\":2}")]
    [InlineData("{\"version\":-1,\"reason\":\"x\"}")]
    [InlineData("{\"version\":2,\"reason\":\" \"}")]
    [InlineData("{\"version\":\"2\",\"reason\":\"x\"}")]
    [InlineData("{\"version\":2,")]
    [InlineData("null")]
    [InlineData("{\"version\":2,\"reason\":\"x\",\"force\":true}")]
    public async Task A_discard_without_version_and_reason_is_refused(string body) =>
        (await system.PostAsync($"manage/consumers/{Consumer}/parked/account-7/discard", body)).MustBeProblem(400, "invalid-request");

    [Theory]
    [InlineData("{\"reason\":\"\"}")]
    [InlineData("{\"reason\":7}")]
    [InlineData("{\"why\":\"x\"}")]
    [InlineData("{\"reason\":\"fine\\nwarn: a line that nobody logged\"}")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_retry_with_a_body_that_says_nothing_is_refused(string body)
    {
        (await system.PostAsync($"manage/consumers/{Consumer}/parked/account-7/retry", body)).MustBeProblem(400, "invalid-request");
        (await system.PostAsync($"manage/consumers/{Consumer}/retry", body)).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task A_reason_has_a_length_that_can_be_kept_for_ever()
    {
        string tooLong = new('x', 501);
        (await system.PostAsync($"manage/consumers/{Consumer}/parked/account-7/retry", $$"""{"reason":"{{tooLong}}"}""")).MustBeProblem(400, "invalid-request");
        (await system.PostAsync($"manage/consumers/{Consumer}/parked/account-7/discard", $$"""{"version":1,"reason":"{{tooLong}}"}""")).MustBeProblem(400, "invalid-request");
    }

    [Theory]
    [InlineData("parked?pageSize=0")]
    [InlineData("parked?pageSize=many")]
    [InlineData("parked?continuation=nonsense")]
    public async Task A_page_that_can_not_be_is_refused(string query) =>
        (await system.GetAsync($"manage/consumers/{Consumer}/{query}")).MustBeProblem(400, "invalid-request");

    [Theory]
    [InlineData("GET", "manage/consumers/nobody@1/parked/account-7")]
    [InlineData("POST", "manage/consumers/nobody@1/retry")]
    [InlineData("POST", "manage/consumers/nobody@1/parked/account-7/discard")]
    [InlineData("GET", "manage/actions?consumer=nobody@1")]
    [InlineData("GET", "manage/consumers/nobody@1/parked")]
    [InlineData("POST", "manage/consumers/nobody@1/parked/account-7/retry")]
    public async Task An_unknown_consumer_is_answered_with_the_known_ones(string method, string path) =>
        Assert.Contains(
            "transfer-process@1",
            (string?)(await system.SendAsync(new HttpMethod(method), path, content: null)).MustBeProblem(404, "unknown-consumer").Json["detail"],
            StringComparison.Ordinal);

    [Fact]
    public async Task All_of_a_consumer_are_retried_at_once()
    {
        string consumer = "customer-portfolio@1";
        string[] ids = [await ParkedAccountAsync(fromVersion: 1, consumer), await ParkedAccountAsync(fromVersion: 1, consumer)];

        (await system.PostAsync($"manage/consumers/{consumer}/retry", """{"reason":"the fix is out"}"""))
            .MustBe(200, """{"caughtUp":2,"stillFailing":0,"failing":[]}""");

        foreach (string id in ids)
        {
            (await system.GetAsync($"manage/consumers/{consumer}/parked/account-{id}")).MustBeProblem(404, "not-parked");
        }
        JsonNode action = (await system.GetAsync($"manage/actions?consumer={consumer}")).Json["items"]![0]!;
        Assert.Equal(
            ("retry-all", "the fix is out", "caught-up", "2 streams retried, 0 of them still failing"),
            ((string?)action["kind"], (string?)action["reason"], (string?)action["outcome"], (string?)action["detail"]));
        Assert.Null(action["stream"]);
    }

    /// <summary>An account of two commits that the summary has not seen, with the record of why.</summary>
    private async Task<string> ParkedAccountAsync(long fromVersion, string consumer = Consumer)
    {
        // An owner of its own: side by side in one view they would wait for each other on a clock that stands still.
        string id = await system.OpenAccountAsync(minorUnits: 1250, owner: $"owner-{Guid.NewGuid():N}");
        await system.Parked.TryWriteAsync(
            new ParkedStream
            {
                Consumer = consumer,
                Stream = $"account-{id}",
                Status = ParkedStatus.Parked,
                FromVersion = fromVersion,
                ThroughVersion = 2,
                Error = "JsonException: broken",
                Attempts = 5,
                FirstFailedAt = TestSystem.Now,
                LastFailedAt = TestSystem.Now,
                NextRetryAt = TestSystem.Now.AddMinutes(1),
                CorrelationId = "c-1",
            },
            TestContext.Current.CancellationToken);
        return id;
    }
}
