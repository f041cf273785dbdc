using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Tests.Support;

/// <summary>How a run of the tool ended, and what it said.</summary>
public sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public JsonNode Json => JsonNode.Parse(Output)!;

    public JsonNode[] JsonLines => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];

    /// <summary>In this process, without a terminal and without any environment variable.</summary>
    public static Task<ToolRun> RunAsync(params string[] args) => RunAsync(new ToolWorld(), args);

    internal static async Task<ToolRun> RunAsync(ToolWorld world, params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        using MemoryStream bytes = new();
        int exitCode = await Tool.RunAsync(
            args,
            new ToolEnvironment
            {
                Input = new MemoryStream(Encoding.UTF8.GetBytes(world.Input)),
                OutputBytes = bytes,
                Output = output,
                Error = error,
                IsOutputTerminal = world.IsTerminal,
                IsErrorTerminal = world.IsTerminal,
                Variable = name => world.Variables.GetValueOrDefault(name),
            },
            world.Cancellation ?? TestContext.Current.CancellationToken);
        return new ToolRun(exitCode, output.ToString() + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }

    public ToolRun MustEnd(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Ended with one line that says why, and nothing else.</summary>
    public void MustFail(int exitCode, string why)
    {
        MustEnd(exitCode);
        Assert.Equal("", Output);
        Assert.Contains(why, Error, StringComparison.Ordinal);
        Assert.Equal(1, Error.Count(c => c == '\n'));
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }
}

/// <summary>What surrounds a run of the tool.</summary>
internal sealed record ToolWorld
{
    public string Input { get; init; } = "";

    public bool IsTerminal { get; init; }

    public Dictionary<string, string> Variables { get; init; } = [];

    public CancellationToken? Cancellation { get; init; }
}
