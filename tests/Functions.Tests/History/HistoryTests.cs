using System.Text.Json.Nodes;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.History;

/// <summary>An account with 100 paid in; the clock stands at half past nine and is moved by the tests.</summary>
public sealed class HistoryTests : IAsyncLifetime
{
    private readonly TestSystem system = new();
    private string id = "";

    private string Stream => $"manage/streams/account-{id}";

    public async ValueTask InitializeAsync()
    {
        await system.InitializeAsync();
        id = await system.OpenAccountAsync();
        system.Time.Advance(TimeSpan.FromHours(1));
        await system.DepositAsync(id, 100, ("X-Correlation-Id", "shopping"), ("Idempotency-Key", "pay-1"));
    }

    public ValueTask DisposeAsync() => system.DisposeAsync();

    [Theory]
    [InlineData("?version=1", 1, 0)]
    [InlineData("?version=2", 2, 100)]
    [InlineData("?at=2026-11-23T09:30:00Z", 1, 0)]
    [InlineData("?at=2026-11-23T12:30:00%2B02:00", 2, 100)]
    [InlineData("", 2, 100)]
    public async Task The_state_as_it_was(string point, int version, int balance)
    {
        JsonNode answer = (await system.GetAsync(Stream + point)).Json;

        Assert.Equal((version, balance), ((int)answer["version"]!, (int)answer["state"]!["balance"]!["minorUnits"]!));
    }

    [Theory]
    [InlineData("?version=3", 404, "unknown-version")]
    [InlineData("?version=0", 400, "invalid-request")]
    [InlineData("?version=x", 400, "invalid-request")]
    [InlineData("?version=1&at=2026-11-23T09:30:00Z", 400, "invalid-request")]
    [InlineData("?at=yesterday", 400, "invalid-request")]
    [InlineData("?at=2026-11-23T09:29:59Z", 404, "unknown-stream")]
    [InlineData("/commits?from=3", 404, "unknown-version")]
    [InlineData("/explain?from=3", 404, "unknown-version")]
    [InlineData("/explain?limit=0", 400, "invalid-request")]
    [InlineData("/nothing", 404, "unknown-route")]
    public async Task A_point_that_does_not_exist_is_a_problem(string query, int status, string code) =>
        (await system.GetAsync(Stream + query)).MustBeProblem(status, code);

    [Theory]
    [InlineData("account", 400, "invalid-request")]
    [InlineData("loan-1", 404, "unknown-category")]
    [InlineData("account-nobody", 404, "unknown-stream")]
    [InlineData("account-nobody/commits", 404, "unknown-stream")]
    [InlineData("account-nobody/explain", 404, "unknown-stream")]
    [InlineData("account-nobody/reconsider", 404, "unknown-stream")]
    [InlineData("account-nobody/refused", 404, "unknown-stream")]
    [InlineData("account-nobody/verify", 404, "unknown-stream")]
    public async Task A_stream_that_does_not_exist_is_a_problem(string path, int status, string code) =>
        (await system.GetAsync($"manage/streams/{path}")).MustBeProblem(status, code);

    [Fact]
    public async Task Commits_are_listed_with_the_command_behind_them_page_by_page()
    {
        JsonNode first = (await system.GetAsync($"{Stream}/commits?limit=1")).Json;
        Answer second = await system.GetAsync((string)first["next"]!);

        Assert.Equal("open", (string?)first["commits"]![0]!["command"]);
        second.MustBe(200, $$$$"""
            {"stream":"account-{{{{id}}}}","commits":[{"stream":"account-{{{{id}}}}","firstVersion":2,"lastVersion":2,"time":"2026-11-23T10:30:00Z",
             "command":"deposit","commandData":{"amount":{"minorUnits":100,"currency":"EUR"}},"commandId":"pay-1","policy":"1","actor":"anonymous",
             "correlationId":"shopping","traceParent":"*",
             "events":[{"version":2,"type":"account.money-deposited","schemaVersion":1,"data":{"amount":{"minorUnits":100,"currency":"EUR"}}}],"hash":"*"}]}
            """);
    }

    [Fact]
    public async Task An_event_is_explained_by_the_state_before_and_after_it()
    {
        JsonNode answer = (await system.GetAsync($"{Stream}/explain?from=2")).Json;

        JsonNode explained = Assert.Single(answer["events"]!.AsArray())!;
        Assert.Equal((2, "deposit", 0, 100), (
            (int)explained["version"]!, (string?)explained["command"], (int)explained["before"]!["balance"]!["minorUnits"]!, (int)explained["after"]!["balance"]!["minorUnits"]!));
        Assert.Contains(explained["changes"]!.AsArray(), c => (string?)c!["path"] == "$.balance.minorUnits" && (int)c["before"]! == 0 && (int)c["after"]! == 100);
    }

    [Fact]
    public async Task A_command_is_tried_now_and_then_without_writing()
    {
        string withdraw = """{"amount":{"minorUnits":60,"currency":"EUR"}}""";

        JsonNode now = (await system.PostAsync($"{Stream}/try/withdraw", withdraw)).Json;
        JsonNode then = (await system.PostAsync($"{Stream}/try/withdraw?version=1", withdraw)).Json;

        Assert.Equal(("accepted", 2, 40), ((string?)now["outcome"], (int)now["version"]!, (int)now["state"]!["balance"]!["minorUnits"]!));
        Assert.Equal(("rejected", 1, "insufficient-funds"), ((string?)then["outcome"], (int)then["version"]!, (string?)then["code"]));
        Assert.Equal(2, (int)(await system.GetAsync(Stream)).Json["version"]!);
    }

    [Fact]
    public async Task A_command_is_tried_on_what_was_before_the_stream_and_on_a_stream_that_is_not_there()
    {
        string open = """{"owner":"ada","currency":"EUR"}""";

        foreach (string path in (string[])[$"{Stream}/try/open?version=0", $"{Stream}/try/open?at=2026-11-23T09:29:59Z", "manage/streams/account-nobody/try/open"])
        {
            JsonNode answer = (await system.PostAsync(path, open)).Json;
            Assert.Equal(("accepted", 0, "account.opened"), ((string?)answer["outcome"], (int)answer["version"]!, (string?)answer["events"]![0]!["type"]));
        }
        Assert.Equal("rejected", (string?)(await system.PostAsync($"{Stream}/try/open", open)).Json["outcome"]);
        (await system.GetAsync("manage/streams/account-nobody")).MustBeProblem(404, "unknown-stream");
    }

    [Fact]
    public async Task What_is_tried_and_refused_is_not_recorded()
    {
        Assert.Equal("rejected", (string?)(await system.PostAsync($"{Stream}/try/close", "{}")).Json["outcome"]);

        Assert.Empty((await system.GetAsync($"{Stream}/refused")).Json["refused"]!.AsArray());
    }

    [Theory]
    [InlineData("try/fly", "{}", 404, "unknown-command")]
    [InlineData("try/withdraw", "{", 400, "malformed-json")]
    [InlineData("try/withdraw", "{}", 400, "invalid-command")]
    [InlineData("try/withdraw?version=-1", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", 400, "invalid-request")]
    [InlineData("try/withdraw?at=yesterday", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", 400, "invalid-request")]
    [InlineData("try/withdraw?version=1&at=2026-11-23T09:30:00Z", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", 400, "invalid-request")]
    [InlineData("try/withdraw?version=9", """{"amount":{"minorUnits":1,"currency":"EUR"}}""", 404, "unknown-version")]
    public async Task What_can_not_be_tried_is_a_problem(string path, string body, int status, string code) =>
        (await system.PostAsync($"{Stream}/{path}", body)).MustBeProblem(status, code);

    [Fact]
    public async Task An_untouched_stream_is_intact() =>
        (await system.GetAsync($"{Stream}/verify")).MustBe(200, $$"""
            {"stream":"account-{{id}}","commits":2,"isIntact":true,"hash":"*"}
            """);

    [Fact]
    public async Task A_conversation_is_followed_across_streams()
    {
        string other = await system.OpenAccountAsync();
        await system.DepositAsync(other, 1, ("X-Correlation-Id", "shopping"));

        JsonNode answer = (await system.GetAsync("manage/conversations/shopping")).Json;

        Assert.Equal(
            [$"0 account-{id}", $"0 account-{other}"],
            answer["steps"]!.AsArray().Select(s => $"{s!["depth"]} {s["commit"]!["stream"]}").Order(StringComparer.Ordinal)
                .OrderBy(s => s.EndsWith(id, StringComparison.Ordinal) ? 0 : 1));
        (await system.GetAsync("manage/conversations/none")).MustBeProblem(404, "unknown-conversation");
    }
}
