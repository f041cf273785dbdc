using System.Text.Json.Nodes;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

/// <summary>The tool as a client of the API: commands and views.</summary>
public sealed class ClientCommandTests(Bank bank)
{
    private const string FiveEuros = """{"amount":{"minorUnits":500,"currency":"EUR"}}""";

    [Fact]
    public async Task A_command_is_executed_once_under_its_key()
    {
        string stream = await bank.NewAccountAsync();

        ToolRun first = (await bank.RunAsync("http", "send", stream, "deposit", "--data", FiveEuros, "--id", "d-1")).MustEnd(ExitCodes.Ok);
        ToolRun second = (await bank.RunAsync("http", "send", stream, "deposit", "--data", FiveEuros, "--id", "d-1")).MustEnd(ExitCodes.Ok);
        JsonNode third = (await bank.RunAsync("http", "send", stream, "deposit", "--data", FiveEuros, "--json", "--if-match", "2")).MustEnd(ExitCodes.Ok).Json;

        Assert.Contains($"Command d-1 was accepted: {stream} is at version 2.", first.Output, StringComparison.Ordinal);
        Assert.Contains($"Command d-1 was accepted before: {stream} is at version 2.", second.Output, StringComparison.Ordinal);
        Assert.Equal((3, "account.money-deposited"), ((int)third["version"]!, (string?)third["events"]![0]!["type"]));
    }

    [Fact]
    public async Task A_command_that_is_not_accepted_says_why()
    {
        string stream = await bank.NewAccountAsync();

        (await bank.RunAsync("http", "send", stream, "withdraw", "--data", FiveEuros)).MustFail(ExitCodes.No, "");
        (await bank.RunAsync("http", "send", stream, "deposit", "--data", FiveEuros, "--if-match", "7")).MustFail(ExitCodes.No, "7");
        (await bank.RunAsync("http", "send", stream, "deposit", "--data", "{}")).MustFail(ExitCodes.Usage, "");
        (await bank.RunAsync("http", "send", stream, "depose", "--data", "{}")).MustFail(ExitCodes.NotFound, "deposit");
        (await bank.RunAsync("store", "send", stream, "deposit", "--data", FiveEuros)).MustFail(ExitCodes.Usage, "takes the HTTP API");
    }

    [Fact]
    public async Task A_command_can_wait_in_the_inbox()
    {
        string stream = await bank.NewAccountAsync();

        JsonNode stored = (await bank.RunAsync("http", "send", stream, "deposit", "--data", FiveEuros, "--id", "later-1", "--later", "--json")).MustEnd(ExitCodes.Ok).Json;

        Assert.Equal("later-1", (string?)stored["commandId"]);
    }

    [Fact]
    public async Task Views_are_listed_and_read()
    {
        string stream = await bank.NewAccountAsync(500);
        string id = stream["account-".Length..];

        JsonNode document = (await bank.RunAsync("http", "view", "get", "account-summary", id, "--seen", $"{stream}:2", "--json")).MustEnd(ExitCodes.Ok).Json;
        ToolRun views = (await bank.RunAsync("http", "view", "list")).MustEnd(ExitCodes.Ok);
        ToolRun listed = (await bank.RunAsync("http", "view", "list", "account-summary", "--json")).MustEnd(ExitCodes.Ok);
        ToolRun shown = (await bank.RunAsync("http", "view", "get", "account-summary", id)).MustEnd(ExitCodes.Ok);

        Assert.Equal(500, (int)document["data"]!["balance"]!["minorUnits"]!);
        Assert.Contains("account-statement", views.Output, StringComparison.Ordinal);
        Assert.Contains(listed.JsonLines, l => (string?)l["key"] == id);
        Assert.Contains($"has seen {stream} up to version 2", shown.Output, StringComparison.Ordinal);
        (await bank.RunAsync("http", "view", "get", "account-summary", "nobody")).MustFail(ExitCodes.NotFound, "nobody");
    }
}
