using System.Text.Json.Nodes;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.History;

/// <summary>What was done lately, over all streams; each test has a bank of its own, since it asks for everything.</summary>
public sealed class RecentTests : IAsyncLifetime
{
    private readonly TestSystem system = new();

    public ValueTask InitializeAsync() => system.InitializeAsync();

    public ValueTask DisposeAsync() => system.DisposeAsync();

    [Fact]
    public async Task The_newest_commits_come_first_without_their_data()
    {
        await OpenAsync("a", ("Idempotency-Key", "open-a"));
        system.Time.Advance(TimeSpan.FromSeconds(2));
        await system.DepositAsync("a", 1250, ("Idempotency-Key", "pay-a"), ("X-Correlation-Id", "visit"));

        Answer answer = (await system.GetAsync("manage/commits")).MustBe(200, """
            {"commits":[
              {"stream":"account-a","firstVersion":2,"lastVersion":2,"time":"2026-11-23T09:30:02Z","command":"deposit","commandId":"pay-a","policy":"*",
               "actor":"anonymous","correlationId":"visit","traceParent":"*","events":["account.money-deposited"]},
              {"stream":"account-a","firstVersion":1,"lastVersion":1,"time":"2026-11-23T09:30:00Z","command":"open","commandId":"open-a","policy":"*",
               "actor":"anonymous","correlationId":"open-a","traceParent":"*","events":["account.opened"]}],
             "looked":2,"newest":"2026-11-23T09:30:02Z"}
            """);
        Assert.DoesNotContain("1250", answer.Body, StringComparison.Ordinal);
        Assert.Equal(["pay-a"], await CommandsAsync("manage/commits?since=2026-11-23T09:30:02Z"));
        Assert.Empty(await CommandsAsync("manage/commits?since=2026-11-23T09:30:03Z"));
    }

    [Fact]
    public async Task Commits_are_found_by_category_command_actor_trace_and_command_id()
    {
        await OpenAsync("a", ("Idempotency-Key", "open-a"));
        await system.DepositAsync("a", 1, ("Idempotency-Key", "pay-1"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        await system.PostAsync("transfer/t/request", """{"from":"a","to":"b","amount":{"minorUnits":1,"currency":"EUR"}}""", ("Idempotency-Key", "t"));

        Assert.Equal(["t"], await CommandsAsync("manage/commits?category=transfer"));
        Assert.Equal(["open-a"], await CommandsAsync("manage/commits?command=open"));
        Assert.Equal(3, (await CommandsAsync("manage/commits?actor=anonymous")).Length);
        Assert.Empty(await CommandsAsync("manage/commits?actor=somebody"));
        Assert.Equal(["pay-1"], await CommandsAsync("manage/commits?trace=0af7651916cd43dd8448eb211c80319c"));
        Assert.Equal(["pay-1"], await CommandsAsync("manage/commits?commandId=pay-1"));
        (await system.GetAsync("manage/commits?category=nothing")).MustBeProblem(404, "unknown-category");
        (await system.GetAsync("manage/commits?continuation=nonsense")).MustBeProblem(400, "invalid-request");
        (await system.GetAsync("manage/commits?since=yesterday")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task Pages_of_commits_go_on_where_the_one_before_ended()
    {
        await OpenAsync("a", ("Idempotency-Key", "c0"));
        for (int n = 1; n < 5; n++)
        {
            await system.DepositAsync("a", 1, ("Idempotency-Key", $"c{n}"));
        }
        List<string> read = [];
        string? continuation = null;
        do
        {
            JsonNode page = (await system.GetAsync($"manage/commits?pageSize=2{(continuation is null ? "" : $"&continuation={continuation}")}")).Json;
            read.AddRange(page["commits"]!.AsArray().Select(c => (string)c!["commandId"]!));
            continuation = (string?)page["continuation"];
        }
        while (continuation is not null);

        Assert.Equal(["c4", "c3", "c2", "c1", "c0"], read);
    }

    [Fact]
    public async Task Streams_are_listed_by_category_and_by_the_beginning_of_their_ids()
    {
        foreach (string id in (string[])["al", "ada", "alice", "alice-2", "bob"])
        {
            await OpenAsync(id);
        }

        (await system.GetAsync("manage/streams?category=account&prefix=al")).MustBe(
            200, """{"category":"account","streams":["account-al","account-alice","account-alice-2"]}""");
        JsonNode first = (await system.GetAsync("manage/streams?category=account&pageSize=2")).Json;
        Assert.Equal(["account-ada", "account-al"], first["streams"]!.AsArray().Select(s => (string)s!));
        JsonNode second = (await system.GetAsync(((string)first["next"]!)["/api/".Length..])).Json;
        Assert.Equal(["account-alice", "account-alice-2"], second["streams"]!.AsArray().Select(s => (string)s!));
        (await system.GetAsync("manage/streams?category=account&prefix=z")).MustBe(200, """{"category":"account","streams":[]}""");
        (await system.GetAsync("manage/streams")).MustBeProblem(400, "invalid-request");
        (await system.GetAsync("manage/streams?category=account&prefix=a/b")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task Refused_commands_of_all_streams_are_listed_newest_first()
    {
        await OpenAsync("a");
        await OpenAsync("b");
        await system.PostAsync("account/a/withdraw", """{"amount":{"minorUnits":7,"currency":"EUR"}}""", ("Idempotency-Key", "no-1"));
        await system.PostAsync("account/b/withdraw", """{"amount":{"minorUnits":8,"currency":"EUR"}}""", ("Idempotency-Key", "no-2"));

        JsonArray refused = (await system.GetAsync("manage/refused")).Json["refused"]!.AsArray();

        Assert.Equal(["no-2", "no-1"], refused.Select(r => (string)r!["commandId"]!));
        Assert.Equal(8, (int)refused[0]!["commandData"]!["amount"]!["minorUnits"]!);
        Assert.Single((await system.GetAsync("manage/refused?pageSize=1&category=account")).Json["refused"]!.AsArray());
        Assert.Empty((await system.GetAsync("manage/refused?category=transfer")).Json["refused"]!.AsArray());
    }

    private async Task OpenAsync(string id, params (string, string)[] headers) =>
        Assert.Equal(201, (await system.PostAsync($"account/{id}/open", """{"owner":"ada","currency":"EUR"}""", headers)).Status);

    private async Task<string[]> CommandsAsync(string path) =>
        [.. (await system.GetAsync(path)).Json["commits"]!.AsArray().Select(c => (string)c!["commandId"]!)];
}
