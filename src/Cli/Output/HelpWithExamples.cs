using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Serverless.Cli.Output;

/// <summary>The help of System.CommandLine, and below it how the command looks when it is used.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        ["serverless"] =
        [
            "serverless --url http://localhost:7071 stream state account-alice-1",
            "serverless --store ./data stream commits account-alice-1 --json",
        ],
        ["serverless stream state"] =
        [
            "serverless stream state account-alice-1",
            "serverless stream state account-alice-1 --version 3",
            "serverless stream state account-alice-1 --at 2026-11-23T09:30:00Z --json",
        ],
        ["serverless stream commits"] =
        [
            "serverless stream commits account-alice-1",
            "serverless stream commits account-alice-1 --from 100 --limit 20",
        ],
        ["serverless stream explain"] = ["serverless stream explain account-alice-1"],
        ["serverless stream verify"] = ["serverless stream verify account-alice-1 && echo intact"],
    };

    public static void AddTo(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    /// <summary>Who asks for help may leave out what the command needs.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int result = inner.Invoke(parseResult);
        if (Examples.TryGetValue(Tool.PathOf(parseResult.CommandResult.Command), out string[]? examples))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in examples)
            {
                output.WriteLine($"  {example}");
            }
            output.WriteLine();
        }
        return result;
    }
}
