using System.Text.Json.Nodes;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests.Costs;

public sealed class CostCommandTests
{
    [Fact]
    public async Task The_example_of_the_page_is_what_the_tool_prints()
    {
        const string Command = "eventctl cost --commands-per-day 1000000 --event-size 600 --projections 3";
        Assert.Contains(Command, CostPage.Text, StringComparison.Ordinal);

        ToolRun run = (await ToolRun.RunAsync(Command.Split(' ')[1..])).MustEnd(ExitCodes.Ok);

        string[] missing = [.. run.Output.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0 && !CostPage.Lines.Contains(l))];
        Assert.True(missing.Length == 0, $"docs/costs.md does not say:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public async Task The_same_for_machines_adds_up()
    {
        JsonNode json = (await ToolRun.RunAsync("cost", "--commands-per-day", "1000", "--json")).MustEnd(ExitCodes.Ok).Json;

        Assert.Equal(json["work"]!.AsArray().Sum(l => (double)l!["requestUnitsPerDay"]!), (double)json["requestUnitsPerDay"]!, 0.001);
        Assert.Equal(30 * (double)json["requestUnitsPerDay"]!, (double)json["requestUnitsPerMonth"]!, 0.001);
        Assert.Equal((double)json["requestUnitsPerMonth"]! / 1e6 * 0.25, (double)json["money"]![0]!["dollarsPerMonth"]!, 0.001);
        Assert.All(json["work"]!.AsArray(), l => Assert.NotEqual("", (string?)l!["formula"]));
    }

    [Fact]
    public async Task Prices_are_the_callers()
    {
        string[] idle = ["cost", "--commands-per-day", "0", "--json"];
        JsonNode usual = (await ToolRun.RunAsync(idle)).Json["money"]!;
        JsonNode dear = (await ToolRun.RunAsync([.. idle, "--price-ru", "0.5", "--price-storage", "1"])).Json["money"]!;

        Assert.Equal(2 * (double)usual[0]!["dollarsPerMonth"]!, (double)dear[0]!["dollarsPerMonth"]!, 0.001);
        Assert.Equal(4 * (double)usual[3]!["dollarsPerMonth"]!, (double)dear[3]!["dollarsPerMonth"]!, 0.001);
    }

    [Theory]
    [InlineData("--commands-per-day is a number from 0 to 1000000000000.", "--commands-per-day", "-1")]
    [InlineData("--commands-per-day is a number from 0 to 1000000000000.", "--commands-per-day", "many")]
    [InlineData("--active-hours is a number from 0 to 24.", "--active-hours", "25")]
    [InlineData("--commits-per-write is a number from 1 to 1000.", "--commits-per-write", "0")]
    [InlineData("A commit would have 1001000670 bytes; the store takes 2080768: smaller or fewer events.", "--event-size", "1000000", "--events-per-command", "1000")]
    [InlineData("--price-ru is a number from 0 to 1000000.", "--price-ru", "NaN")]
    public async Task What_can_not_be_is_refused(string why, params string[] options) =>
        (await ToolRun.RunAsync(["cost", .. options])).MustFail(ExitCodes.Usage, why);
}
