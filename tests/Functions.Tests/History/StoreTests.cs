using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.Functions.History;
using Serverless.Functions.Http;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.History;

/// <summary>The whole store over HTTP: two accounts with three commits and one.</summary>
public sealed class StoreTests : IAsyncLifetime
{
    private readonly TestSystem system = new();
    private readonly TestSystem other = new();
    private string busy = "";
    private string idle = "";

    public async ValueTask InitializeAsync()
    {
        await system.InitializeAsync();
        await other.InitializeAsync();
        busy = await system.OpenAccountAsync(minorUnits: 100);
        idle = await system.OpenAccountAsync();
        await system.DepositAsync(busy, 50);
    }

    public async ValueTask DisposeAsync()
    {
        await system.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task An_untouched_store_verifies_with_its_size()
    {
        JsonNode answer = (await system.GetAsync("manage/verify")).Json;

        Assert.Equal("""{"read":4,"commits":4,"streams":2,"broken":[],"total":4}""", answer.ToJsonString());
        Assert.Equal(0, (int)(await system.GetAsync("manage/verify?category=transfer")).Json["commits"]!);
    }

    [Fact]
    public async Task A_large_store_is_verified_and_exported_in_parts()
    {
        await FillAsync(HttpLimits.VerifiedCommitsPerCall);
        List<JsonNode> parts = [];
        for (string? query = ""; query is not null; query = (string?)parts[^1]["continuation"] is { } next ? $"?continuation={next}" : null)
        {
            parts.Add((await system.GetAsync($"manage/verify{query}")).Json);
        }
        List<string> lines = await ExportAsync(system, "");

        Assert.Equal(2, parts.Count);
        Assert.Equal(HttpLimits.VerifiedCommitsPerCall + 4, parts.Sum(p => (long)p["commits"]!));
        Assert.All(parts, p => Assert.Empty(p["broken"]!.AsArray()));
        Assert.Equal([true, false], parts.Select(p => p["total"] is not null));
        Assert.Equal(HttpLimits.VerifiedCommitsPerCall + 4, lines.Distinct().Count());
    }

    [Fact]
    public async Task A_forged_snapshot_is_found_in_its_stream_and_in_the_store()
    {
        StreamHead head = await system.Commits.ReadHeadAsync(StreamName.Create("account", busy), TestContext.Current.CancellationToken);
        Commit last = await system.Commits.ReadAsync(head.Stream, head.Version, TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);
        StateDocument rich = (await BankingContext.Create().Bind(other.Commits, TimeProvider.System, new CommandHandlerOptions())["account"]
            .ReadStateAsync(await RichAsync(), TestContext.Current.CancellationToken))!;
        await system.Commits.AppendAsync(
            head,
            last with { FirstVersion = head.Version + 1, Metadata = last.Metadata with { CommandId = "forged" } },
            new StoredSnapshot(head.Version + 1, AccountAggregate.Definition.Snapshots!.SchemaVersion, rich.State),
            TestContext.Current.CancellationToken);

        JsonNode store = (await system.GetAsync("manage/verify")).Json;
        JsonNode stream = (await system.GetAsync($"manage/streams/account-{busy}/verify")).Json;

        JsonNode broken = Assert.Single(store["broken"]!.AsArray())!;
        Assert.Equal(($"account-{busy}", "~snapshot"), ((string?)broken["stream"], (string?)broken["id"]));
        Assert.Equal((false, "~snapshot"), ((bool)stream["isIntact"]!, (string?)stream["broken"]!["id"]));
        Assert.Equal(5, (int)store["commits"]!);

        async Task<StreamName> RichAsync() => StreamName.Create("account", await other.OpenAccountAsync(minorUnits: 777_777_777));
    }

    [Fact]
    public async Task What_was_exported_and_imported_elsewhere_is_exported_the_same_and_importing_again_changes_nothing()
    {
        List<string> lines = await ExportAsync(system, "");

        JsonNode first = (await ImportAsync(other, lines)).Json;
        JsonNode again = (await ImportAsync(other, lines)).Json;

        Assert.Equal("""{"commits":4,"written":4,"known":0}""", first.ToJsonString());
        Assert.Equal("""{"commits":4,"written":0,"known":4}""", again.ToJsonString());
        Assert.Equal(lines.Order(StringComparer.Ordinal), (await ExportAsync(other, "")).Order(StringComparer.Ordinal));
        Assert.Equal(150, (int)(await other.GetAsync($"account/{busy}")).Json["state"]!["balance"]!["minorUnits"]!);
    }

    [Fact]
    public async Task One_stream_or_one_category_can_be_exported()
    {
        Assert.Equal(3, (await ExportAsync(system, $"stream=account-{busy}")).Count);
        Assert.Equal(4, (await ExportAsync(system, "category=account")).Count);
        Assert.Empty(await ExportAsync(system, "category=transfer"));
    }

    [Theory]
    [InlineData("manage/export?stream=account-nobody", 404, "unknown-stream")]
    [InlineData("manage/export?stream=account-x&category=account", 400, "invalid-request")]
    [InlineData("manage/export?category=loan", 404, "unknown-category")]
    [InlineData("manage/export?continuation=x", 400, "invalid-request")]
    [InlineData("manage/verify?category=loan", 404, "unknown-category")]
    [InlineData("manage/verify?continuation=x", 400, "invalid-request")]
    public async Task What_can_not_be_asked_is_a_problem(string path, int status, string code) =>
        (await system.GetAsync(path)).MustBeProblem(status, code);

    [Fact]
    public async Task An_import_is_on_record_and_a_dry_run_is_not()
    {
        List<string> lines = await ExportAsync(system, "");

        JsonNode tried = (await ImportAsync(other, lines, "?dryRun=true")).Json;
        Assert.Equal("""{"commits":4,"written":4,"known":0}""", tried.ToJsonString());
        Assert.Empty((await other.GetAsync("manage/actions?consumer=store")).Json["items"]!.AsArray());
        Assert.Empty(await ExportAsync(other, ""));

        await ImportAsync(other, lines);
        JsonNode action = Assert.Single((await other.GetAsync("manage/actions?consumer=store")).Json["items"]!.AsArray())!;
        Assert.Equal(("import", "imported", "commits: 4, written: 4, known: 0"), ((string?)action["kind"], (string?)action["outcome"], (string?)action["detail"]));
        Assert.Equal(("anonymous", "a copy"), ((string?)action["actor"], (string?)action["reason"]));
        Assert.Equal(
            new[] { busy, idle }.Order().Select(id => $"account-{id}"),
            action["streams"]!.AsArray().Select(s => (string)s!["stream"]!).Order(StringComparer.Ordinal));
        JsonNode brought = action["streams"]!.AsArray().Single(s => (string?)s!["stream"] == $"account-{busy}")!;
        StreamHead head = await other.Commits.ReadHeadAsync(StreamName.Create("account", busy), TestContext.Current.CancellationToken);
        Assert.Equal((1, 3, head.Hash), ((int)brought["firstVersion"]!, (int)brought["lastVersion"]!, (string?)brought["hash"]));
    }

    [Fact]
    public async Task A_forged_commit_is_not_added_to_an_existing_stream_unless_that_is_allowed_and_then_the_record_says_so()
    {
        List<string> lines = await ExportAsync(system, $"stream=account-{busy}");
        await ImportAsync(other, lines[..2]);

        Answer refused = await ImportAsync(other, lines);
        Answer tried = await ImportAsync(other, lines, "?dryRun=true");
        Assert.Equal(2, (await ExportAsync(other, "")).Count);
        Answer allowed = await ImportAsync(other, lines, "?reason=it%20is%20meant&intoExisting=true");

        foreach (Answer answer in (Answer[])[refused, tried])
        {
            answer.MustBeProblem(422, "import-refused");
            Assert.StartsWith($"Line 3: account-{busy} already has 2 events", (string?)answer.Json["detail"], StringComparison.Ordinal);
        }
        Assert.Equal("""{"commits":3,"written":1,"known":2}""", allowed.Json.ToJsonString());
        JsonNode[] actions = [.. (await other.GetAsync("manage/actions?consumer=store")).Json["items"]!.AsArray()!];
        Assert.Equal(["failed", "imported", "imported"], actions.Select(a => (string?)a["outcome"]).Order()); // All at the same time: the clock stands still.
        Assert.Equal("commits: 3, written: 1, known: 2; existing streams were allowed", (string?)actions.Single(a => (string?)a["reason"] == "it is meant")["detail"]);
    }

    [Fact]
    public async Task Imports_are_off_unless_a_setting_allows_them()
    {
        await using TestSystem closed = await TestSystem.StartAsync(new() { [ImportFunctions.Setting] = "false" });

        (await ImportAsync(closed, await ExportAsync(system, ""))).MustBeProblem(403, "forbidden");
        (await ImportAsync(closed, await ExportAsync(system, ""), "?dryRun=true")).MustBeProblem(403, "forbidden");
    }

    [Theory]
    [InlineData("?dryRun=false")]
    [InlineData("?reason=")]
    [InlineData("?reason=two%0Alines")]
    [InlineData("?reason=x&intoExisting=yes")]
    public async Task An_import_without_a_good_reason_is_refused(string query) =>
        (await ImportAsync(other, await ExportAsync(system, ""), query)).MustBeProblem(400, "invalid-request");

    [Fact]
    public async Task A_request_takes_as_many_streams_as_its_record_can_name()
    {
        for (int i = 0; i < RecordedImport.MaxStreams; i++)
        {
            await AppendFirstAsync(system.Commits, "account", $"many-{i}");
        }
        List<string> lines = await ExportAsync(system, "");

        Answer answer = await ImportAsync(other, lines);

        answer.MustBeProblem(422, "import-refused");
        Assert.Contains($"Too many streams in one request: maximum {RecordedImport.MaxStreams}.", (string?)answer.Json["detail"], StringComparison.Ordinal);
        Assert.Empty(await ExportAsync(other, ""));
    }

    [Fact]
    public async Task A_dry_run_tells_of_gaps_that_an_earlier_part_may_fill_and_an_import_refuses_them()
    {
        List<string> lines = await ExportAsync(system, $"stream=account-{busy}");

        JsonNode tried = (await ImportAsync(other, lines[1..], "?dryRun=true")).Json;
        Answer refused = await ImportAsync(other, lines[1..]);

        string reason = $"account-{busy} ends at version 0, and this commit begins at 2.";
        Assert.Equal(reason, (string?)Assert.Single(tried["gaps"]!.AsArray())!["reason"]);
        refused.MustBeProblem(422, "import-refused");
        Assert.Equal($"Line 1: {reason}", (string?)refused.Json["detail"]);
    }

    [Theory]
    [InlineData("a gap", "has come to version 1 in the lines before, and this commit begins at 3.", 2)]
    [InlineData("wrong order", "a stream comes in order.", 2)]
    [InlineData("a changed byte", "is not what was sealed.", 3)]
    [InlineData("garbage", "it is not a commit.", 4)]
    [InlineData("another category", "Unknown category 'accounts'.", 4)]
    public async Task Lines_that_can_not_be_imported_are_named_and_none_of_the_others_is_written(string what, string reason, int line)
    {
        List<string> lines = await ExportAsync(system, $"stream=account-{busy}");
        switch (what)
        {
            case "a gap":
                lines.RemoveAt(1);
                break;
            case "wrong order":
                (lines[0], lines[1]) = (lines[1], lines[0]);
                break;
            case "a changed byte":
                lines[2] = lines[2].Replace("\"minorUnits\":50", "\"minorUnits\":5000000", StringComparison.Ordinal);
                break;
            case "another category":
                lines.Add(await ForeignLineAsync());
                break;
            default:
                lines.Add("{\"id\":");
                break;
        }

        Answer answer = await ImportAsync(other, lines);

        answer.MustBeProblem(422, "import-refused");
        Assert.StartsWith($"Line {line}: ", (string)answer.Json["detail"]!, StringComparison.Ordinal);
        Assert.Contains(reason, (string)answer.Json["detail"]!, StringComparison.Ordinal);
        Assert.Empty(await ExportAsync(other, ""));
        Assert.Empty((await other.GetAsync("manage/actions?consumer=store")).Json["items"]!.AsArray());
    }

    [Fact]
    public async Task A_store_with_another_story_is_left_as_it_is()
    {
        List<string> lines = await ExportAsync(system, $"stream=account-{busy}");
        await other.PostAsync($"account/{busy}/open", """{"owner":"mallory","currency":"EUR"}""");
        List<string> before = await ExportAsync(other, "");

        Answer answer = await ImportAsync(other, lines);

        Assert.Equal($"Line 1: the store already has a different commit for account-{busy} at version 1.", (string?)answer.Json["detail"]);
        Assert.Equal(before, await ExportAsync(other, ""));
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_no_lines_is_refused()
    {
        Answer large = await other.SendAsync(HttpMethod.Post, "manage/import?reason=x", Body(new string(' ', HttpLimits.MaxImportBytes + 1), "application/jsonl"));
        Answer json = await other.SendAsync(HttpMethod.Post, "manage/import?reason=x", Body("{}", "application/json"));

        large.MustBeProblem(413, "body-too-large");
        json.MustBeProblem(415, "unsupported-media-type");
    }

    private static async Task<List<string>> ExportAsync(TestSystem from, string query)
    {
        List<string> lines = [];
        string? continuation = null;
        do
        {
            using HttpResponseMessage page = await from.Client.GetAsync(
                new Uri($"manage/export?{query}{(continuation is null ? "" : $"&continuation={continuation}")}", UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.True(page.IsSuccessStatusCode);
            lines.AddRange((await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
            continuation = page.Headers.TryGetValues("x-continuation", out IEnumerable<string>? values) ? values.Single() : null;
        }
        while (continuation is not null);
        return lines;
    }

    private static Task<Answer> ImportAsync(TestSystem into, IEnumerable<string> lines, string query = "") =>
        into.SendAsync(HttpMethod.Post, $"manage/import{(query.Length == 0 ? "?reason=a%20copy" : query)}", Body(string.Join('\n', lines), "application/jsonl"));

    private static ByteArrayContent Body(string text, string type) =>
        new(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private async Task FillAsync(int commits)
    {
        StreamHead head = await system.Commits.ReadHeadAsync(StreamName.Create("account", busy), TestContext.Current.CancellationToken);
        Commit last = await system.Commits.ReadAsync(head.Stream, head.Version, TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < commits; i++)
        {
            Commit next = last with { FirstVersion = head.Version + 1, Metadata = last.Metadata with { CommandId = $"fill-{i}" } };
            head = Assert.IsType<AppendResult.Appended>(await system.Commits.AppendAsync(head, next, TestContext.Current.CancellationToken)).Head;
        }
    }

    private static async Task<string> ForeignLineAsync()
    {
        InMemoryEventStore store = new();
        await AppendFirstAsync(store, "accounts", "1");
        using MemoryStream target = new();
        await CommitExport.WriteAsync(store.ReadAllItemsAsync(TestContext.Current.CancellationToken), target, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(target.ToArray()).TrimEnd();
    }

    private static async Task AppendFirstAsync(InMemoryEventStore store, string category, string id)
    {
        StreamName stream = StreamName.Create(category, id);
        await store.AppendAsync(
            StreamHead.StartOf(stream),
            new Commit
            {
                Stream = stream,
                FirstVersion = 1,
                Events = [new StoredEvent("x", 1, "{}"u8.ToArray())],
                Metadata = new CommitMetadata
                {
                    CommandId = "1",
                    CommandType = "x",
                    PolicyVersion = "1",
                    Actor = "a",
                    CorrelationId = "c",
                    Timestamp = TestSystem.Now,
                },
            },
            TestContext.Current.CancellationToken);
    }
}
