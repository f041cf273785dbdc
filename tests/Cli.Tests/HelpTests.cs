using System.CommandLine;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

public sealed class HelpTests
{
    [Fact]
    public async Task Every_command_has_help_with_an_example()
    {
        foreach (string[] path in PathsBelow(Tool.Create(NoEnvironment)))
        {
            ToolRun help = (await ToolRun.RunAsync([.. path, "--help"])).MustEnd(ExitCodes.Ok);

            Assert.Equal("", help.Error);
            Assert.True(
                help.Output.Contains("Examples:\n  serverless ", StringComparison.Ordinal) || help.Output.Contains("Commands:", StringComparison.Ordinal),
                $"{string.Join(' ', path)} has no example.");
        }
    }

    [Fact]
    public async Task Every_example_can_be_parsed()
    {
        int examples = 0;
        foreach (string[] path in PathsBelow(Tool.Create(NoEnvironment)))
        {
            ToolRun help = await ToolRun.RunAsync([.. path, "--help"]);
            foreach (string example in help.Output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("serverless ", StringComparison.Ordinal)))
            {
                string command = example["serverless ".Length..].Split(" | ")[0].Split(" && ")[0];
                ParseResult parsed = Tool.Create(NoEnvironment).Parse(command, Tool.Parsing);
                Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join(' ', parsed.Errors)}");
                examples++;
            }
        }
        Assert.NotEqual(0, examples);
    }

    [Theory]
    [InlineData]
    [InlineData("stream")]
    [InlineData("stream", "stat", "account-1")]
    [InlineData("stream", "state")]
    [InlineData("stream", "state", "account-1", "--nothing")]
    public async Task What_is_no_command_is_refused_with_the_way_to_help(params string[] args) =>
        (await ToolRun.RunAsync(args)).MustFail(ExitCodes.Usage, " --help");

    [Theory]
    [InlineData("strem", "strem")]
    [InlineData("stat", "stream", "stat")]
    public async Task A_command_that_there_is_not_is_named(string word, params string[] args) =>
        (await ToolRun.RunAsync(args)).MustFail(ExitCodes.Usage, $"'{word}'");

    private static ToolEnvironment NoEnvironment => new()
    {
        Input = Stream.Null,
        OutputBytes = Stream.Null,
        Output = TextWriter.Null,
        Error = TextWriter.Null,
        Variable = _ => null,
    };

    private static IEnumerable<string[]> PathsBelow(Command command) =>
        [[], .. command.Subcommands.SelectMany(c => PathsBelow(c).Select(string[] (p) => [c.Name, .. p]))];
}
