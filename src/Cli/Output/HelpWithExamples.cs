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
        ["serverless stream refused"] = ["serverless stream refused account-alice-1", "serverless stream refused account-alice-1 --limit 20 --json"],
        ["serverless try"] =
        [
            """serverless try account-alice-1 withdraw --data '{"amount":{"minorUnits":500,"currency":"EUR"}}'""",
            "serverless try account-alice-1 withdraw --data @withdrawal.json --version 3",
        ],
        ["serverless reconsider"] = ["serverless reconsider account-alice-1", "serverless reconsider --category account --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --json"],
        ["serverless conversation"] = ["serverless conversation 0197a3c4d5e6f708"],
        ["serverless store verify"] = ["serverless store verify", "serverless store verify --category account --stop-at-first --json"],
        ["serverless export"] =
        [
            "serverless export --out commits.jsonl",
            "serverless export --stream account-alice-1 --out - | serverless --store ./data import -",
        ],
        ["serverless import"] = ["serverless import commits.jsonl --dry-run", "serverless --store ./data import commits.jsonl"],
        ["serverless consumers"] = ["serverless consumers"],
        ["serverless consumer"] = ["serverless consumer account-summary@1"],
        ["serverless parked list"] = ["serverless parked list account-summary@1"],
        ["serverless parked retry"] =
        [
            "serverless parked retry account-summary@1 account-alice-1 --reason fixed",
            "serverless parked retry account-summary@1",
        ],
        ["serverless parked discard"] = ["serverless parked discard account-summary@1 account-alice-1 --version 7 --reason duplicate"],
        ["serverless projection list"] = ["serverless projection list"],
        ["serverless projection status"] = ["serverless projection status account-summary", "serverless projection status account-summary --wait"],
        ["serverless projection pause"] = ["serverless projection pause account-summary --version 2 --reason busy"],
        ["serverless projection resume"] = ["serverless projection resume account-summary --version 2 --reason quiet"],
        ["serverless projection takeover"] = ["serverless projection takeover account-summary --version 2 --reason checked --force"],
        ["serverless projection rollback"] = ["serverless projection rollback account-summary --version 1 --reason wrong-totals"],
        ["serverless projection retire"] = ["serverless projection retire account-summary --version 1 --reason superseded"],
        ["serverless projection build"] = ["serverless --store ./data projection build account-summary --version 2"],
        ["serverless projection rebuild"] = ["serverless projection rebuild account-summary account-alice-1 --reason damaged"],
        ["serverless actions"] = ["serverless actions account-summary@1", "serverless actions store --json"],
        ["serverless cost"] =
        [
            "serverless cost --commands-per-day 1000000 --event-size 600 --projections 3",
            "serverless cost --commands-per-day 0 --active-hours 1 --price-ru 0.285 --json",
        ],
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
