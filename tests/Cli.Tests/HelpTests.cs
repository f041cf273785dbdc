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
                help.Output.Contains("Examples:\n  eventctl ", StringComparison.Ordinal) || help.Output.Contains("Commands:", StringComparison.Ordinal),
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
            foreach (string example in help.Output.Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("eventctl ", StringComparison.Ordinal)))
            {
                string command = example["eventctl ".Length..].Split(" | ")[0].Split(" && ")[0];
                ParseResult parsed = Tool.Create(NoEnvironment).Parse(command, Tool.Parsing);
                Assert.True(parsed.Errors.Count == 0, $"{example}: {string.Join(' ', parsed.Errors)}");
                examples++;
            }
        }
        Assert.NotEqual(0, examples);
    }

    [Theory]
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

    [Theory]
    [InlineData("Commands:")]
    [InlineData("explain", "stream")]
    [InlineData("discard", "parked", "--json")]
    public async Task Without_a_command_there_is_help(string shown, params string[] args)
    {
        ToolRun run = (await ToolRun.RunAsync(args)).MustEnd(ExitCodes.Ok);

        Assert.Contains(shown, run.Output, StringComparison.Ordinal);
        Assert.Equal("", run.Error);
    }

    [Theory]
    [InlineData("Did you mean 'stream'?", "strem")]
    [InlineData("Did you mean 'state'?", "stream", "stat", "account-1")]
    [InlineData("Did you mean '--version'?", "stream", "state", "account-1", "--verson", "3")]
    [InlineData("'--nothing' is no option of 'eventctl stream state'. Help", "stream", "state", "account-1", "--nothing")]
    [InlineData("--version takes a whole number, not 'three'.", "stream", "state", "account-1", "--version", "three")]
    [InlineData("--version takes a whole number, not '99999999999999999999'.", "stream", "state", "account-1", "--version", "99999999999999999999")]
    [InlineData("--version takes a value.", "stream", "state", "account-1", "--version")]
    [InlineData("'stream' is missing: Category and id, such as account-alice-1.", "stream", "state")]
    public async Task What_is_wrong_is_said_in_plain_words_with_the_nearest_name(string shown, params string[] args) =>
        (await ToolRun.RunAsync(args)).MustFail(ExitCodes.Usage, shown);

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("powershell")]
    public async Task A_shell_gets_a_script_that_asks_the_tool(string shell)
    {
        ToolRun script = (await ToolRun.RunAsync("completions", shell)).MustEnd(ExitCodes.Ok);
        ToolRun words = (await ToolRun.RunAsync("[suggest:12]", "eventctl str")).MustEnd(ExitCodes.Ok);

        Assert.Contains("[suggest:", script.Output, StringComparison.Ordinal);
        Assert.Contains("stream", words.Output.Split('\n'));
    }

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
