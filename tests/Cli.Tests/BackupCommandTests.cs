using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using Serverless.Cli.Answers;
using Serverless.Cli.Targets;
using Serverless.Cli.Tests.Support;
using Serverless.CosmosEmulator;
using Serverless.EventSourcing;
using Serverless.LocalHost;

namespace Serverless.Cli.Tests;

/// <summary>The whole store: out, in, and whether it is what was written.</summary>
public sealed class BackupCommandTests(Bank bank) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cli-").FullName;

    private string Data => Path.Combine(folder, "data");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task An_empty_local_store_seeded_from_elsewhere_exports_the_same(string target)
    {
        string stream = await bank.NewAccountAsync(100, 50);
        string file = Path.Combine(folder, "commits.jsonl");

        ToolRun exported = (await bank.RunAsync(target, "export", "--category", "account", "--out", file)).MustEnd(ExitCodes.Ok);
        string[] lines = await File.ReadAllLinesAsync(file, Token);
        ToolRun tried = (await ToolRun.RunAsync("import", file, "--dry-run", "--store", bank.Cosmos.AbsoluteUri, "--json")).MustEnd(ExitCodes.Ok);
        ToolRun imported = (await ToolRun.RunAsync("import", file, "--reason", "a copy", "--store", Data, "--json")).MustEnd(ExitCodes.Ok);
        ToolRun again = (await ToolRun.RunAsync("import", file, "--reason", "a copy", "--store", Data, "--json")).MustEnd(ExitCodes.Ok);
        ToolRun copy = (await ToolRun.RunAsync("export", "--out", "-", "--store", Data)).MustEnd(ExitCodes.Ok);
        ToolRun verified = (await ToolRun.RunAsync("store", "verify", "--store", Data, "--json")).MustEnd(ExitCodes.Ok);

        Assert.StartsWith($"{file} has ", exported.Output, StringComparison.Ordinal);
        Assert.Equal($$"""{"commits":{{lines.Length}},"written":0,"known":{{lines.Length}},"dryRun":true}""", tried.Output.Trim());
        Assert.Equal($$"""{"commits":{{lines.Length}},"written":{{lines.Length}},"known":0,"dryRun":false}""", imported.Output.Trim());
        Assert.Equal($$"""{"commits":{{lines.Length}},"written":0,"known":{{lines.Length}},"dryRun":false}""", again.Output.Trim());
        Assert.Equal(lines.Order(StringComparer.Ordinal), copy.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal((lines.Length, true), ((int)verified.Json["commits"]!, (bool)verified.Json["isIntact"]!));
        Assert.Equal(150, (int)(await ToolRun.RunAsync("stream", "state", stream, "--store", Data, "--json")).Json["state"]!["balance"]!["minorUnits"]!);
    }

    [Fact]
    public async Task What_is_exported_over_http_can_be_imported_over_http()
    {
        string stream = await bank.NewAccountAsync(100, 50);
        ToolRun exported = (await bank.RunAsync("http", "export", "--stream", stream, "--out", "-")).MustEnd(ExitCodes.Ok);
        await using LocalSystem elsewhere = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = null }, Token);
        string[] there = ["--url", elsewhere.ApiAddress.AbsoluteUri];
        ToolWorld world = new() { Input = exported.Output };

        ToolRun tried = (await ToolRun.RunAsync(world, ["import", "-", "--dry-run", .. there])).MustEnd(ExitCodes.Ok);
        ToolRun imported = (await ToolRun.RunAsync(world, ["import", "-", "--reason", "a copy", .. there])).MustEnd(ExitCodes.Ok);
        ToolRun again = (await ToolRun.RunAsync(world, ["import", "-", "--reason", "a copy", .. there])).MustEnd(ExitCodes.Ok);
        ToolRun actions = (await ToolRun.RunAsync(["actions", "store", "--json", .. there])).MustEnd(ExitCodes.Ok);

        Assert.Equal("Of 3 commits 3 would be written; 0 were there already. Nothing was.\n", tried.Output);
        Assert.Equal("3 of 3 commits were written; 0 were there already.\n", imported.Output);
        Assert.Equal("0 of 3 commits were written; 3 were there already.\n", again.Output);
        Assert.Equal(exported.Output, (await ToolRun.RunAsync(["export", "--out", "-", .. there])).Output);
        Assert.Equal([("import", "a copy"), ("import", "a copy")], actions.JsonLines.Select(a => ((string?)a["kind"], (string?)a["reason"])));
        Assert.All(actions.JsonLines, a => Assert.Equal((stream, 3), ((string?)a["streams"]![0]!["stream"], (int)a["streams"]![0]!["lastVersion"]!)));
    }

    [Fact]
    public async Task An_import_without_a_reason_is_refused_before_anything_is_read() =>
        (await ToolRun.RunAsync("import", "missing.jsonl", "--store", Data)).MustFail(ExitCodes.Usage, "Say why you import, with --reason.");

    [Fact]
    public async Task An_import_straight_into_a_store_adds_to_an_existing_stream_only_when_told_to_and_is_on_record()
    {
        string stream = await bank.NewAccountAsync(100, 50);
        string[] lines = (await bank.RunAsync("store", "export", "--stream", stream, "--out", "-")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] import = ["import", "-", "--reason", "a copy", "--store", Data];
        (await ToolRun.RunAsync(new ToolWorld { Input = lines[0] }, import)).MustEnd(ExitCodes.Ok);
        ToolWorld all = new() { Input = string.Join('\n', lines) };

        (await ToolRun.RunAsync(all, import)).MustFail(ExitCodes.Usage, $"Line 2: {stream} already has 1 events");
        (await ToolRun.RunAsync(all, [.. import, "--into-existing"])).MustEnd(ExitCodes.Ok);

        ToolRun actions = (await ToolRun.RunAsync("actions", "store", "--json", "--store", Data)).MustEnd(ExitCodes.Ok);
        Assert.Equal(["imported", "failed", "imported"], actions.JsonLines.Select(a => (string?)a["outcome"]));
        Assert.All(actions.JsonLines, a => Assert.Equal(($"tool:{Environment.UserName}", "a copy"), ((string?)a["actor"], (string?)a["reason"])));
        Assert.EndsWith("existing streams were allowed", (string?)actions.JsonLines.First()["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_keep_what_begins_a_stream_apart_from_what_continues_one()
    {
        static string Line(string stream, int number) => $$"""{"stream":"{{stream}}","n":{{number}}}""";
        List<string> file = [];
        for (int n = 0; n < 5; n++)
        {
            file.AddRange(Enumerable.Range(0, RecordedImport.MaxStreams + 10).Select(i => Line($"account-{i}", n)));
        }
        using MemoryStream source = new(Encoding.UTF8.GetBytes(string.Join("\n\n", file)));

        List<ImportPart> parts = await new ImportParts(3_000).ReadAsync(source, Token).ToListAsync(Token);

        HashSet<string> begun = [];
        List<(string Text, long Number)> sent = [];
        foreach (ImportPart part in parts)
        {
            string[] lines = Encoding.UTF8.GetString(part.Lines.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            HashSet<string> streams = [.. lines.Select(l => l.Split('"')[3])];
            Assert.True(part.Lines.Length <= 3_000 && streams.Count <= RecordedImport.MaxStreams);
            Assert.All(streams, s => Assert.Equal(part.Continues, begun.Contains(s)));
            begun.UnionWith(streams);
            sent.AddRange(lines.Zip(part.Numbers));
        }
        Assert.Equal(file.Select((text, i) => (text, (long)(2 * i + 1))).OrderBy(l => l.Item2), sent.OrderBy(l => l.Number));
        Assert.All(sent.GroupBy(l => l.Text.Split('"')[3]), s => Assert.Equal(s.Select(l => l.Number).Order(), s.Select(l => l.Number)));
    }

    [Theory]
    [InlineData("a gap", "Line 2: ", "has come to version 1 in the lines before, and this commit begins at 3.")]
    [InlineData("a gap at the beginning", "Line 1: ", "ends at version 0, and this commit begins at 2.")]
    [InlineData("wrong order", "Line 2: ", "a stream comes in order.")]
    [InlineData("a changed byte", "Line 3: ", "is not what was sealed.")]
    [InlineData("garbage", "Line 4: ", "it is not a commit.")]
    public async Task A_bad_file_is_refused_with_its_line_and_nothing_of_it_is_written(string what, string line, string reason)
    {
        string stream = await bank.NewAccountAsync(100, 50);
        List<string> lines = [.. (await bank.RunAsync("store", "export", "--stream", stream, "--out", "-")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        switch (what)
        {
            case "a gap":
                lines.RemoveAt(1);
                break;
            case "a gap at the beginning":
                lines.RemoveAt(0);
                break;
            case "wrong order":
                (lines[0], lines[1]) = (lines[1], lines[0]);
                break;
            case "a changed byte":
                lines[2] = lines[2].Replace("\"minorUnits\":50", "\"minorUnits\":99", StringComparison.Ordinal);
                break;
            default:
                lines.Add("garbage");
                break;
        }
        await using LocalSystem elsewhere = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = 0 }, Token);
        ToolWorld world = new() { Input = string.Join('\n', lines) };

        foreach (string[] there in (string[][])[["--url", elsewhere.ApiAddress.AbsoluteUri], ["--store", elsewhere.CosmosAddress!.AbsoluteUri]])
        {
            foreach (string[] mode in (string[][])[["--dry-run"], ["--reason", "a copy"]])
            {
                ToolRun run = await ToolRun.RunAsync(world, ["import", "-", .. mode, .. there]);
                run.MustFail(ExitCodes.Usage, reason);
                Assert.StartsWith(line, run.Error, StringComparison.Ordinal);
            }
            Assert.Equal("", (await ToolRun.RunAsync(["export", "--out", "-", .. there])).MustEnd(ExitCodes.Ok).Output);
        }
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_its_lines_are_counted_as_in_the_file()
    {
        string stream = await bank.NewAccountAsync(100, 50, 25, 12);
        string[] lines = (await bank.RunAsync("store", "export", "--stream", stream, "--out", "-")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await using LocalSystem elsewhere = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = null }, Token);
        using ApiClient api = new(elsewhere.ApiAddress, key: null);

        List<ImportedPartDocument> tried = await ImportAsync(isDryRun: true, lines);
        CommitImportException gap = await Assert.ThrowsAsync<CommitImportException>(() => ImportAsync(isDryRun: true, lines[1..]));
        lines[3] = lines[3].Replace("\"minorUnits\":25", "\"minorUnits\":99", StringComparison.Ordinal);
        CommitImportException changed = await Assert.ThrowsAsync<CommitImportException>(() => ImportAsync(isDryRun: false, lines));

        Assert.True(tried.Count > 1);
        Assert.Equal((5, 5), (tried.Sum(p => p.Commits), tried.Sum(p => p.Written)));
        Assert.Equal($"Line 1: {stream} ends at version 0, and this commit begins at 2.", gap.Message);
        Assert.Equal($"Line 4: the commit 0000000004 of {stream} is not what was sealed.", changed.Message);

        async Task<List<ImportedPartDocument>> ImportAsync(bool isDryRun, string[] some)
        {
            using MemoryStream source = new(Encoding.UTF8.GetBytes(string.Join('\n', some)));
            return await new HttpImport(api, new ImportOptions(isDryRun, IntoExisting: false, "a copy"), new ImportParts(1_500)).RunAsync(source, Token).ToListAsync(Token);
        }
    }

    [Fact]
    public async Task A_changed_commit_is_found_by_both_ways_and_the_tool_ends_with_one()
    {
        string stream = await bank.NewAccountAsync(100, 50);
        string other = await bank.NewAccountAsync();
        foreach (string each in (string[])[stream, other])
        {
            ToolRun exported = await bank.RunAsync("store", "export", "--stream", each, "--out", "-");
            (await ToolRun.RunAsync(new ToolWorld { Input = exported.Output }, "import", "-", "--reason", "a copy", "--store", Data)).MustEnd(ExitCodes.Ok);
        }
        await TamperAsync(stream);

        ToolRun store = (await ToolRun.RunAsync("store", "verify", "--store", Data, "--json")).MustEnd(ExitCodes.No);
        ToolRun shown = (await ToolRun.RunAsync("store", "verify", "--store", Data)).MustEnd(ExitCodes.No);
        ToolRun elsewhere = (await ToolRun.RunAsync("store", "verify", "--category", "transfer", "--store", Data)).MustEnd(ExitCodes.Ok);
        ToolRun one = (await ToolRun.RunAsync("stream", "verify", stream, "--store", Data)).MustEnd(ExitCodes.No);
        await using LocalSystem system = await LocalSystem.StartAsync(new LocalHostOptions { Port = 0, CosmosPort = null, DataDirectory = Data }, Token);
        ToolRun http = (await ToolRun.RunAsync("store", "verify", "--url", system.ApiAddress.AbsoluteUri, "--json")).MustEnd(ExitCodes.No);

        JsonNode broken = Assert.Single(store.Json["broken"]!.AsArray())!;
        Assert.Equal((stream, "0000000002", "Its content is not what was sealed."), ((string?)broken["stream"], (string?)broken["id"], (string?)broken["reason"]));
        Assert.Equal((4, 2), ((int)store.Json["commits"]!, (int)store.Json["streams"]!));
        Assert.Equal(store.Output, http.Output);
        Assert.Contains("1 streams are broken; 4 commits of 2 streams were looked at.", shown.Output, StringComparison.Ordinal);
        Assert.Contains("Everything is what was written: 0 commits of 0 streams.", elsewhere.Output, StringComparison.Ordinal);
        Assert.Contains($"{stream} is broken at commit 0000000002", one.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task An_untouched_store_verifies(string target)
    {
        await bank.NewAccountAsync(100);

        JsonNode verified = (await bank.RunAsync(target, "store", "verify", "--json")).MustEnd(ExitCodes.Ok).Json;

        Assert.True((int)verified["commits"]! >= 2);
        Assert.Empty(verified["broken"]!.AsArray());
        (await bank.RunAsync(target, "store", "verify", "--category", "loan")).MustFail(ExitCodes.NotFound, "There is no 'loan' here.");
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task An_export_that_can_not_be_leaves_no_file(string target)
    {
        string file = Path.Combine(folder, "x.jsonl");

        (await bank.RunAsync(target, "export", "--stream", "account-nobody", "--out", file)).MustFail(ExitCodes.NotFound, "There is no account 'nobody'.");
        (await bank.RunAsync(target, "export", "--stream", "account-1", "--category", "account", "--out", file)).MustFail(ExitCodes.Usage, "can't be combined");
        Assert.Empty(Directory.GetFiles(folder));

        await File.WriteAllTextAsync(file, "mine", Token);
        (await bank.RunAsync(target, "export", "--out", file)).MustFail(ExitCodes.Usage, $"{file} exists.");
        Assert.Equal("mine", await File.ReadAllTextAsync(file, Token));
    }

    private async Task TamperAsync(string stream)
    {
        await using EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { DataDirectory = Data });
        using CosmosClient client = new(cosmos.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, HttpClientFactory = cosmos.CreateClient });
        Container events = client.GetContainer("serverless", "events");
        Dictionary<string, object> item = await events.ReadItemAsync<Dictionary<string, object>>("0000000002", new PartitionKey(stream), cancellationToken: Token);
        item["actor"] = "mallory";
        await events.ReplaceItemAsync(item, "0000000002", new PartitionKey(stream), cancellationToken: Token);
    }
}
