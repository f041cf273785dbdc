using System.Text.Json.Nodes;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

/// <summary>One stream, over HTTP and straight from the store: the same answers in the same words.</summary>
public sealed class StreamCommandTests(Bank bank)
{
    [Fact]
    public async Task Streams_of_a_category_are_listed_page_by_page()
    {
        string first = await bank.NewAccountAsync();
        string prefix = first["account-".Length..][..20];

        Assert.Equal($"Stream\n{first}\n", (await bank.RunAsync("http", "stream", "list", "account", "--prefix", prefix)).MustEnd(0).Output);
        Assert.Equal([first], (await bank.RunAsync("http", "stream", "list", "account", "--prefix", prefix, "--json")).MustEnd(0).JsonLines.Select(l => (string?)l));
        Assert.Single((await bank.RunAsync("http", "stream", "list", "account", "--limit", "1", "--json")).MustEnd(0).JsonLines);
        (await bank.RunAsync("http", "stream", "list", "loan")).MustFail(ExitCodes.NotFound, "loan");
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task The_state_is_shown_as_it_is_and_as_it_was(string target)
    {
        string stream = await bank.NewAccountAsync(100, 250);

        JsonNode now = (await bank.RunAsync(target, "stream", "state", stream, "--json")).MustEnd(0).Json;
        JsonNode before = (await bank.RunAsync(target, "stream", "state", stream, "--version", "2", "--json")).MustEnd(0).Json;
        ToolRun shown = (await bank.RunAsync(target, "stream", "state", stream)).MustEnd(0);

        Assert.Equal((3, 350), ((int)now["version"]!, (int)now["state"]!["balance"]!["minorUnits"]!));
        Assert.Equal((2, 100), ((int)before["version"]!, (int)before["state"]!["balance"]!["minorUnits"]!));
        Assert.StartsWith($"{stream} at version 3\n", shown.Output, StringComparison.Ordinal);
        Assert.Contains("\"minorUnits\": 350", shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task The_state_at_an_instant_is_the_one_after_the_last_commit_before_it(string target)
    {
        string stream = await bank.NewAccountAsync(100);
        JsonNode[] commits = (await bank.RunAsync(target, "stream", "commits", stream, "--json")).MustEnd(0).JsonLines;
        string opened = (string)commits[0]["time"]!;

        JsonNode then = (await bank.RunAsync(target, "stream", "state", stream, "--at", opened, "--json")).MustEnd(0).Json;

        Assert.Equal(1, (int)then["version"]!);
        (await bank.RunAsync(target, "stream", "state", stream, "--at", "2001-01-01T00:00:00Z"))
            .MustFail(ExitCodes.NotFound, $"{stream} did not exist at 2001-01-01T00:00:00Z.");
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task Commits_are_listed_with_the_command_behind_each(string target)
    {
        string stream = await bank.NewAccountAsync(100, 250);

        JsonNode[] commits = (await bank.RunAsync(target, "stream", "commits", stream, "--json")).MustEnd(0).JsonLines;
        JsonNode[] some = (await bank.RunAsync(target, "stream", "commits", stream, "--from", "2", "--limit", "1", "--json")).MustEnd(0).JsonLines;
        ToolRun shown = (await bank.RunAsync(target, "stream", "commits", stream)).MustEnd(0);

        Assert.Equal(["open", "deposit", "deposit"], commits.Select(c => (string?)c["command"]));
        Assert.Equal(250, (int)commits[2]["commandData"]!["amount"]!["minorUnits"]!);
        Assert.Equal([2], some.Select(c => (int)c["firstVersion"]!));
        Assert.Contains("account.money-deposited", shown.Output, StringComparison.Ordinal);
        Assert.Contains((string)commits[2]["correlationId"]!, shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task Explain_tells_what_each_event_changed(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        JsonNode[] events = (await bank.RunAsync(target, "stream", "explain", stream, "--from", "2", "--json")).MustEnd(0).JsonLines;
        ToolRun shown = (await bank.RunAsync(target, "stream", "explain", stream)).MustEnd(0);

        Assert.Equal("$.balance.minorUnits", (string)Assert.Single(events)["changes"]![0]!["path"]!);
        Assert.Contains("$.balance.minorUnits: 0 → 100", shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task Refused_commands_are_listed_with_their_reasons(string target)
    {
        string stream = await bank.NewAccountAsync(100);
        await bank.RefuseAsync(stream, 101);
        await bank.RefuseAsync(stream, 102);

        JsonNode[] refused = (await bank.RunAsync(target, "stream", "refused", stream, "--json")).MustEnd(0).JsonLines;
        JsonNode[] some = (await bank.RunAsync(target, "stream", "refused", stream, "--limit", "1", "--json")).MustEnd(0).JsonLines;
        ToolRun shown = (await bank.RunAsync(target, "stream", "refused", stream)).MustEnd(0);

        Assert.Equal([101, 102], refused.Select(r => (int)r["commandData"]!["amount"]!["minorUnits"]!).Order());
        Assert.All(refused, r => Assert.Equal(("withdraw", 2, "insufficient-funds"), ((string?)r["command"], (int)r["version"]!, (string?)r["code"])));
        Assert.Single(some);
        Assert.Contains("insufficient-funds: ", shown.Output, StringComparison.Ordinal);
        Assert.Contains((string)refused[0]["correlationId"]!, shown.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("store")]
    public async Task A_stream_that_refused_nothing_has_an_empty_list(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        Assert.Empty((await bank.RunAsync(target, "stream", "refused", stream, "--json")).MustEnd(0).Output);
    }

    [Theory]
    [InlineData("stream", "state")]
    [InlineData("stream", "commits")]
    [InlineData("stream", "explain")]
    [InlineData("stream", "refused")]
    [InlineData("stream", "verify")]
    public async Task Both_targets_print_the_same_json(params string[] command)
    {
        string stream = await bank.NewAccountAsync(100, 250);
        await bank.RefuseAsync(stream, 351);

        ToolRun http = (await bank.RunAsync("http", [.. command, stream, "--json"])).MustEnd(0);
        ToolRun store = (await bank.RunAsync("store", [.. command, stream, "--json"])).MustEnd(0);

        Assert.Equal(http.Output, store.Output);
    }

    [Theory]
    [InlineData("http", "state")]
    [InlineData("http", "commits")]
    [InlineData("http", "explain")]
    [InlineData("http", "refused")]
    [InlineData("http", "verify")]
    [InlineData("store", "state")]
    [InlineData("store", "commits")]
    [InlineData("store", "explain")]
    [InlineData("store", "refused")]
    [InlineData("store", "verify")]
    public async Task What_is_not_there_is_named(string target, string command)
    {
        (await bank.RunAsync(target, "stream", command, "account-nobody")).MustFail(ExitCodes.NotFound, "There is no account 'nobody'.");
        (await bank.RunAsync(target, "stream", command, "loan-1")).MustFail(ExitCodes.NotFound, "There is no 'loan' here. There is: account, transfer.");
        (await bank.RunAsync(target, "stream", command, "account")).MustFail(ExitCodes.Usage, "'account' is not a stream name");
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task A_version_beyond_the_end_is_named(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        (await bank.RunAsync(target, "stream", "state", stream, "--version", "3")).MustFail(ExitCodes.NotFound, $"{stream} ends at version 2.");
        (await bank.RunAsync(target, "stream", "commits", stream, "--from", "3")).MustFail(ExitCodes.NotFound, $"{stream} ends at version 2.");
    }

    [Theory]
    [InlineData("--version", "0")]
    [InlineData("--version", "x")]
    [InlineData("--at", "yesterday")]
    [InlineData("--version", "1", "--at", "2026-11-23T09:30:00Z")]
    [InlineData("--limit", "3")]
    [InlineData]
    public async Task A_point_that_is_none_is_refused_before_anybody_is_asked(params string[] point) =>
        (await ToolRun.RunAsync(["stream", "state", "account-1", .. point])).MustFail(ExitCodes.Usage, point.FirstOrDefault() ?? "--url");

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task An_untouched_stream_verifies(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        ToolRun shown = (await bank.RunAsync(target, "stream", "verify", stream)).MustEnd(0);

        Assert.Contains($"{stream} is what was written: 2 commits", shown.Output, StringComparison.Ordinal);
    }
}
