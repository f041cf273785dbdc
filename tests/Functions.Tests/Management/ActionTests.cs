using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Management;

/// <summary>Whatever an operator does is on record, under the name that the platform knows and no other.</summary>
public sealed class ActionTests(TestSystem system) : IClassFixture<TestSystem>
{
    private const string Consumer = "account-statement@1";

    [Fact]
    public async Task Every_action_is_recorded_with_actor_time_reason_and_outcome()
    {
        string id = await system.OpenAccountAsync(minorUnits: 1250);
        string path = $"manage/consumers/{Consumer}/parked/account-{id}";
        await ParkAsync(system, id, fromVersion: 2);
        await system.PostAsync($"{path}/discard", """{"version":9,"reason":"a slip"}""");
        await system.PostAsync($"{path}/discard", """{"version":2,"reason":"never happened"}""");
        await system.PostAsync($"{path}/retry", """{"reason":"to be sure"}""");

        JsonArray items = (await system.GetAsync($"manage/actions?consumer={Consumer}")).Json["items"]!.AsArray();

        JsonNode[] mine = [.. items.Where(i => (string?)i!["stream"] == $"account-{id}").OrderBy(i => (string?)i!["reason"], StringComparer.Ordinal)!];
        Answer.AssertJson(
            $$"""
            [
             {"id":"*","consumer":"account-statement@1","kind":"discard","stream":"account-{{id}}","version":9,"reason":"a slip","actor":"anonymous",
              "startedAt":"2026-11-23T09:30:00Z","completedAt":"2026-11-23T09:30:00Z","outcome":"other-version","detail":"parked at version 2"},
             {"id":"*","consumer":"account-statement@1","kind":"discard","stream":"account-{{id}}","version":2,"reason":"never happened","actor":"anonymous",
              "startedAt":"2026-11-23T09:30:00Z","completedAt":"2026-11-23T09:30:00Z","outcome":"caught-up","detail":"events: 1"},
             {"id":"*","consumer":"account-statement@1","kind":"retry","stream":"account-{{id}}","reason":"to be sure","actor":"anonymous",
              "startedAt":"2026-11-23T09:30:00Z","completedAt":"2026-11-23T09:30:00Z","outcome":"not-parked"}
            ]
            """,
            new JsonArray([.. mine.Select(m => m.DeepClone())]));
    }

    [Fact]
    public async Task The_actor_is_the_key_and_never_a_header_that_anybody_can_send()
    {
        await using TestSystem locked = await TestSystem.StartAsync(
            settings: new()
            {
                ["FunctionsHost:RequireKeys"] = "true",
                ["FunctionsHost:Keys:Host:night-shift"] = "m",
                ["Roles:manage:read"] = "key:night-shift",
                ["Roles:manage:operate"] = "key:night-shift",
            });

        await locked.PostAsync(
            $"manage/consumers/{Consumer}/parked/account-7/retry", "", ("x-functions-key", "m"), ("x-ms-client-principal-idp", "aad"), ("x-ms-client-principal-id", "somebody-else"));

        JsonNode action = (await locked.GetAsync($"manage/actions?consumer={Consumer}", ("x-functions-key", "m"))).Json["items"]![0]!;
        Assert.Equal("key:night-shift", (string?)action["actor"]);
    }

    [Fact]
    public async Task What_is_refused_before_it_begins_is_no_action()
    {
        await system.PostAsync($"manage/consumers/{Consumer}/parked/account-refused/discard", """{"version":2}""");

        JsonArray items = (await system.GetAsync($"manage/actions?consumer={Consumer}")).Json["items"]!.AsArray();
        Assert.DoesNotContain(items, i => (string?)i!["stream"] == "account-refused");
    }

    [Fact]
    public async Task An_action_whose_process_died_is_on_record_without_an_outcome()
    {
        OperatorAction action = new OperatorActions(system.Actions, system.Time).New("retry", "bank-totals@1", "key:master") with { Stream = "account-7" };
        await system.Actions.WriteAsync(action, TestContext.Current.CancellationToken);

        (await system.GetAsync("manage/actions?consumer=bank-totals@1")).MustBe(200, """
            {"consumer":"bank-totals@1","items":[
             {"id":"*","consumer":"bank-totals@1","kind":"retry","stream":"account-7","actor":"key:master","startedAt":"2026-11-23T09:30:00Z"}]}
            """);
    }

    [Fact]
    public async Task The_record_of_a_consumer_that_is_no_more_can_still_be_read_page_by_page()
    {
        OperatorActions actions = new(system.Actions, system.Time);
        for (int n = 0; n < 3; n++)
        {
            OperatorAction action = actions.New("retry", "account-summary@0", "key:master") with { Id = $"{n}", Stream = $"account-{n}" };
            await system.Actions.WriteAsync(action, TestContext.Current.CancellationToken);
        }

        JsonNode first = (await system.GetAsync("manage/actions?consumer=account-summary@0&pageSize=2")).Json;
        JsonNode second = (await system.GetAsync($"manage/actions?consumer=account-summary@0&pageSize=2&continuation={first["continuation"]}")).Json;

        Assert.Equal(["account-2", "account-1"], first["items"]!.AsArray().Select(i => (string?)i!["stream"]));
        Assert.Equal(["account-0"], second["items"]!.AsArray().Select(i => (string?)i!["stream"]));
        Assert.Null(second["continuation"]);
    }

    [Theory]
    [InlineData("manage/actions?consumer=")]
    [InlineData("manage/actions?consumer=account-summary@1&pageSize=0")]
    [InlineData("manage/actions?consumer=account-summary@1&pageSize=201")]
    [InlineData("manage/actions?consumer=account-summary@1&continuation=nonsense")]
    public async Task A_query_that_can_not_be_is_refused(string query) => (await system.GetAsync(query)).MustBeProblem(400, "invalid-request");

    private static Task<ParkedStream?> ParkAsync(TestSystem system, string id, long fromVersion) => system.Parked.TryWriteAsync(
        new ParkedStream
        {
            Consumer = Consumer,
            Stream = $"account-{id}",
            Status = ParkedStatus.Parked,
            FromVersion = fromVersion,
            ThroughVersion = 2,
            Error = "JsonException: broken",
            Attempts = 5,
            FirstFailedAt = TestSystem.Now,
            LastFailedAt = TestSystem.Now,
        },
        TestContext.Current.CancellationToken);
}
