using System.Text.Json.Nodes;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

public sealed class ProjectionCommandTests(Bank bank)
{
    [Fact]
    public async Task Versions_are_listed_and_shown_with_their_progress()
    {
        JsonNode all = (await bank.RunAsync("http", "projection", "list", "--json")).MustEnd(ExitCodes.Ok).Json;
        ToolRun shown = (await bank.RunAsync("http", "projection", "list")).MustEnd(ExitCodes.Ok);
        JsonNode one = (await bank.RunAsync("http", "projection", "status", "account-summary", "--json")).MustEnd(ExitCodes.Ok).Json;
        ToolRun waited = (await bank.RunAsync("http", "projection", "status", "account-summary", "--wait")).MustEnd(ExitCodes.Ok);

        Assert.Contains("account-summary", all["projections"]!.AsArray().Select(p => (string?)p!["projection"]));
        Assert.Equal(1, (int)one["serving"]!);
        Assert.Contains("serving *", shown.Output, StringComparison.Ordinal);
        Assert.Contains("serving *", waited.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_is_rebuilt_and_it_is_on_record()
    {
        string stream = await bank.NewAccountAsync(100);

        JsonNode rebuilt = (await bank.RunAsync("http", "projection", "rebuild", "account-summary", stream, "--reason", "to see", "--json")).MustEnd(ExitCodes.Ok).Json;
        ToolRun shown = (await bank.RunAsync("http", "projection", "rebuild", "account-summary", stream, "--reason", "again")).MustEnd(ExitCodes.Ok);
        JsonNode[] actions = (await bank.RunAsync("http", "actions", "account-summary@1", "--json")).MustEnd(ExitCodes.Ok).JsonLines;

        string key = stream["account-".Length..];
        Assert.Equal((1, stream, key), ((int)rebuilt["version"]!, (string?)rebuilt["stream"], (string?)rebuilt["key"]));
        Assert.StartsWith($"account-summary@1 of {key}: ", shown.Output, StringComparison.Ordinal);
        Assert.Contains(actions, a => (string?)a["kind"] == "rebuild" && (string?)a["stream"] == stream && (string?)a["reason"] == "again");
    }

    [Theory]
    [InlineData(ExitCodes.No, "pause", "account-summary", "--version", "1", "--reason", "x")]
    [InlineData(ExitCodes.No, "retire", "account-summary", "--version", "1", "--reason", "x")]
    [InlineData(ExitCodes.No, "takeover", "account-summary", "--version", "9", "--reason", "x", "--force")]
    [InlineData(ExitCodes.NotFound, "status", "nobody")]
    [InlineData(ExitCodes.NotFound, "resume", "nobody", "--version", "1", "--reason", "x")]
    [InlineData(ExitCodes.NotFound, "rebuild", "account-summary", "account-nobody", "--reason", "x")]
    [InlineData(ExitCodes.Usage, "rebuild", "account-summary", "transfer-1", "--reason", "x")]
    [InlineData(ExitCodes.Usage, "pause", "account-summary", "--version", "2")]
    public async Task What_can_not_be_ordered_is_refused(int exitCode, params string[] command)
    {
        ToolRun run = await bank.RunAsync("http", ["projection", .. command]);

        run.MustFail(exitCode, "");
    }

    [Theory]
    [InlineData("list")]
    [InlineData("status", "account-summary")]
    public async Task A_store_has_no_versions(params string[] command) =>
        (await bank.RunAsync("store", ["projection", .. command])).MustFail(ExitCodes.Usage, "ask the API, with --url");
}
