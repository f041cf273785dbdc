using System.Text.Json.Nodes;
using Serverless.EventSourcing;
using Serverless.Functions.Tests.Commands;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.History;

/// <summary>
/// Two systems with one past. Then, nobody could write no notes; today, that is possible, and more than three are too many. Each command
/// came an hour after the one before, the first at half past nine.
/// </summary>
public sealed class WhatIfTests : IAsyncLifetime
{
    private readonly TestSystem then = new([]) { Context = new BoundedContext().Add(Notebook.Definition) };
    private readonly TestSystem today;

    public WhatIfTests() => today = new TestSystem([])
    {
        Context = new BoundedContext().Add(Notebook.With("2", c => c.Times > 3)),
        Commits = then.Commits,
        Refused = then.Refused,
    };

    public async ValueTask InitializeAsync()
    {
        await then.InitializeAsync();
        await today.InitializeAsync();
        foreach ((string id, int times) in ((string, int)[])[("a", 2), ("a", 0), ("a", 5), ("b", 0), ("b", 1)])
        {
            await then.PostAsync($"notebook/{id}/write", $$"""{"times":{{times}}}""", ("Idempotency-Key", $"{id}-{times}"), ("X-Correlation-Id", "day"));
            then.Time.Advance(TimeSpan.FromHours(1));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await then.DisposeAsync();
        await today.DisposeAsync();
    }

    [Fact]
    public async Task Under_the_rules_of_the_time_nothing_would_be_decided_otherwise() =>
        (await then.GetAsync("manage/reconsider?category=notebook")).MustBe(200, """
            {"category":"notebook","policy":"1","streams":2,"commits":3,"refused":2,"same":5,"verdicts":{"same":5},
             "commands":[{"command":"write","policy":"1","verdicts":{"same":5}}],"different":[],"unreadable":[],"isComplete":true}
            """);

    [Fact]
    public async Task Accepted_becomes_refused_and_refused_becomes_accepted() =>
        (await today.GetAsync("manage/streams/notebook-a/reconsider")).MustBe(200, """
            {"stream":"notebook-a","category":"notebook","policy":"2","streams":1,"commits":2,"refused":1,"same":1,
             "verdicts":{"now-accepted":1,"now-rejected":1,"same":1},
             "commands":[{"command":"write","policy":"1","verdicts":{"now-accepted":1,"now-rejected":1,"same":1}}],
             "different":[
              {"verdict":"now-accepted",
               "refused":{"stream":"notebook-a","version":2,"time":"2026-11-23T10:30:00Z","command":"write","commandData":{"times":0},"commandId":"a-0",
                "policy":"1","actor":"anonymous","correlationId":"day","traceParent":"*","code":"nothing-to-write","detail":"There is nothing to write."},
               "today":{"stream":"notebook-a","version":2,"outcome":"accepted","events":[],"state":{"notes":2}}},
              {"verdict":"now-rejected",
               "recorded":{"stream":"notebook-a","firstVersion":3,"lastVersion":7,"time":"2026-11-23T11:30:00Z","command":"write","commandData":{"times":5},
                "commandId":"a-5","policy":"1","actor":"anonymous","correlationId":"day","traceParent":"*",
                "events":[{"version":3,"type":"notebook.written","schemaVersion":1,"data":{}},{"version":4,"type":"notebook.written","schemaVersion":1,"data":{}},
                 {"version":5,"type":"notebook.written","schemaVersion":1,"data":{}},{"version":6,"type":"notebook.written","schemaVersion":1,"data":{}},
                 {"version":7,"type":"notebook.written","schemaVersion":1,"data":{}}],"hash":"*"},
               "today":{"stream":"notebook-a","version":2,"outcome":"rejected","code":"nothing-to-write","detail":"There is nothing to write."}}],
             "unreadable":[],"isComplete":true}
            """);

    [Fact]
    public async Task A_category_is_gone_through_page_by_page()
    {
        List<JsonNode> pages = await PagesAsync("manage/reconsider?category=notebook&decisions=2");

        Assert.Equal([false, false, true], pages.Select(p => (bool)p["isComplete"]!));
        Assert.Equal((2, 3, 2, 2), (Sum("streams"), Sum("commits"), Sum("refused"), Sum("same")));
        Assert.Equal(["now-accepted a-0", "now-rejected a-5", "now-accepted b-0"], pages.SelectMany(Differences));

        int Sum(string name) => pages.Sum(p => (int)p[name]!);
    }

    [Fact]
    public async Task Of_a_period_only_its_decisions_are_made_again_and_the_next_page_is_of_the_same_period()
    {
        string period = "from=2026-11-23T11:30:00%2B01:00&to=2026-11-23T12:30:00Z"; // From half past ten to before half past twelve.
        List<JsonNode> pages = await PagesAsync($"manage/reconsider?category=notebook&{period}&limit=1");

        Assert.All(pages, p => Assert.Equal(("2026-11-23T10:30:00Z", "2026-11-23T12:30:00Z"), ((string?)p["from"], (string?)p["to"])));
        Assert.Equal(["now-accepted a-0", "now-rejected a-5"], pages.SelectMany(Differences));
        Assert.Equal((1, 1), (pages.Sum(p => (int)p["refused"]!), pages.Sum(p => (int)p["commits"]!)));
    }

    [Fact]
    public async Task Before_anything_was_decided_there_is_nothing_to_decide_again()
    {
        JsonNode category = (await today.GetAsync("manage/reconsider?category=notebook&to=2026-11-23T09:30:00Z")).Json;
        JsonNode stream = (await today.GetAsync("manage/streams/notebook-a/reconsider?to=2020-01-01T00:00:00Z")).Json;

        Assert.Equal((2, 0, true), ((int)category["streams"]!, (int)category["commits"]!, (bool)category["isComplete"]!));
        Assert.Equal((1, 0, true), ((int)stream["streams"]!, (int)stream["commits"]!, (bool)stream["isComplete"]!));
    }

    [Fact]
    public async Task A_command_that_no_longer_exists_is_undecidable()
    {
        StreamName stream = StreamName.Create("notebook", "c");
        await then.Commits.AppendAsync(
            StreamHead.StartOf(stream),
            new Commit
            {
                Stream = stream,
                FirstVersion = 1,
                Events = [new StoredEvent("notebook.written", 1, "{}"u8.ToArray())],
                Metadata = new CommitMetadata
                {
                    CommandId = "old",
                    CommandType = "scribble",
                    CommandData = "{}"u8.ToArray(),
                    PolicyVersion = "0",
                    Actor = "ada",
                    CorrelationId = "old",
                    Timestamp = TestSystem.Now,
                },
            },
            TestContext.Current.CancellationToken);

        JsonNode answer = (await then.GetAsync("manage/reconsider?category=notebook")).Json;

        Assert.Equal(1, (int)answer["verdicts"]!["undecidable"]!);
        Assert.Equal(("0", 1), ((string?)answer["commands"]![0]!["policy"], (int)answer["commands"]![0]!["verdicts"]!["undecidable"]!));
        Assert.Equal("unknown-command", (string?)Assert.Single(answer["different"]!.AsArray())!["today"]!["code"]);
    }

    [Theory]
    [InlineData("manage/reconsider", 400, "invalid-request")]
    [InlineData("manage/reconsider?category=loan", 404, "unknown-category")]
    [InlineData("manage/reconsider?category=notebook&from=yesterday", 400, "invalid-request")]
    [InlineData("manage/reconsider?category=notebook&from=2026-11-23T09:30:00Z&to=2026-11-23T09:30:00Z", 400, "invalid-request")]
    [InlineData("manage/reconsider?category=notebook&limit=0", 400, "invalid-request")]
    [InlineData("manage/reconsider?category=notebook&decisions=10001", 400, "invalid-request")]
    [InlineData("manage/reconsider?category=notebook&continuation=nonsense", 400, "invalid-request")]
    [InlineData("manage/streams/notebook-nobody/reconsider", 404, "unknown-stream")]
    [InlineData("manage/streams/notebook-nobody/refused", 404, "unknown-stream")]
    [InlineData("manage/streams/notebook-a/refused?limit=x", 400, "invalid-request")]
    public async Task A_question_that_makes_no_sense_is_a_problem(string path, int status, string code) =>
        (await today.GetAsync(path)).MustBeProblem(status, code);

    [Fact]
    public async Task A_continuation_goes_on_only_with_its_own_question()
    {
        string continuation = (string)(await today.GetAsync("manage/reconsider?category=notebook&decisions=1")).Json["continuation"]!;

        Assert.Equal(200, (await today.GetAsync($"manage/reconsider?category=notebook&continuation={continuation}")).Status);
        (await today.GetAsync($"manage/reconsider?category=notebook&from=2026-11-23T09:30:00Z&continuation={continuation}")).MustBeProblem(400, "invalid-request");
        (await today.GetAsync($"manage/streams/notebook-a/reconsider?continuation={continuation}")).MustBeProblem(400, "invalid-request");
    }

    [Fact]
    public async Task Refused_commands_are_listed_page_by_page_also_of_a_stream_that_never_began()
    {
        await then.PostAsync("notebook/c/write", """{"times":0}""", ("Idempotency-Key", "c-1"));
        await then.PostAsync("notebook/c/write", """{"times":0}""", ("Idempotency-Key", "c-2"));

        JsonNode first = (await today.GetAsync("manage/streams/notebook-c/refused?limit=1")).Json;
        JsonNode second = (await today.GetAsync((string)first["next"]!)).Json;

        Assert.Equal(("c-1", 0, "nothing-to-write"), (
            (string?)first["refused"]![0]!["commandId"], (int)first["refused"]![0]!["version"]!, (string?)first["refused"]![0]!["code"]));
        Assert.Equal("c-2", (string?)Assert.Single(second["refused"]!.AsArray())!["commandId"]);
        Assert.Null(second["next"]);
        Assert.Equal(2, (int)(await today.GetAsync("manage/streams/notebook-c/reconsider")).Json["refused"]!);
    }

    private async Task<List<JsonNode>> PagesAsync(string path)
    {
        List<JsonNode> pages = [];
        for (string? next = path; next is not null; next = (string?)pages[^1]["next"])
        {
            pages.Add((await today.GetAsync(next)).Json);
        }
        return pages;
    }

    private static IEnumerable<string> Differences(JsonNode page) =>
        page["different"]!.AsArray().Select(d => $"{d!["verdict"]} {(d["recorded"] ?? d["refused"])!["commandId"]}");
}
