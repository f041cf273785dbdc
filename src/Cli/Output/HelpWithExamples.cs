using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Serverless.Cli.Output;

/// <summary>The help of System.CommandLine, and below it how the command looks when it is used.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        ["eventctl"] =
        [
            "eventctl --url http://localhost:7071 stream state account-alice-1",
            "eventctl --store ./data stream commits account-alice-1 --json",
        ],
        ["eventctl stream list"] = ["eventctl stream list account", "eventctl stream list account --prefix alice --limit 20"],
        ["eventctl tail"] = ["eventctl tail", "eventctl tail --follow --category account --command open"],
        ["eventctl stream state"] =
        [
            "eventctl stream state account-alice-1",
            "eventctl stream state account-alice-1 --version 3",
            "eventctl stream state account-alice-1 --at 2026-11-23T09:30:00Z --json",
        ],
        ["eventctl stream commits"] =
        [
            "eventctl stream commits account-alice-1",
            "eventctl stream commits account-alice-1 --from 100 --limit 20",
        ],
        ["eventctl stream explain"] = ["eventctl stream explain account-alice-1"],
        ["eventctl stream refused"] = ["eventctl stream refused account-alice-1", "eventctl stream refused account-alice-1 --limit 20 --json"],
        ["eventctl send"] =
        [
            """eventctl send account-alice-1 withdraw --data '{"amount":{"minorUnits":500,"currency":"EUR"}}' --id command-1""",
            "eventctl send account-alice-1 close --later",
        ],
        ["eventctl view list"] = ["eventctl view list", "eventctl view list account-summary --limit 20"],
        ["eventctl view get"] = ["eventctl view get account-summary alice-1", "eventctl view get account-summary alice-1 --seen account-alice-1:3 --json"],
        ["eventctl try"] =
        [
            """eventctl try account-alice-1 withdraw --data '{"amount":{"minorUnits":500,"currency":"EUR"}}'""",
            "eventctl try account-alice-1 withdraw --data @withdrawal.json --version 3",
        ],
        ["eventctl reconsider"] = ["eventctl reconsider account-alice-1", "eventctl reconsider --category account --from 2026-11-01T00:00:00Z --to 2026-12-01T00:00:00Z --json"],
        ["eventctl conversation"] = ["eventctl conversation 0197a3c4d5e6f708"],
        ["eventctl store verify"] = ["eventctl store verify", "eventctl store verify --category account --stop-at-first --json"],
        ["eventctl export"] =
        [
            "eventctl export --out commits.jsonl",
            "eventctl export --stream account-alice-1 --out - | eventctl --store ./data import - --reason \"to try it here\"",
        ],
        ["eventctl import"] = ["eventctl import commits.jsonl --dry-run", "eventctl --store ./data import commits.jsonl --reason \"seed the test store\""],
        ["eventctl consumers"] = ["eventctl consumers"],
        ["eventctl consumer"] = ["eventctl consumer account-summary@1"],
        ["eventctl parked list"] = ["eventctl parked list", "eventctl parked list account-summary@1"],
        ["eventctl parked retry"] =
        [
            "eventctl parked retry account-summary@1 account-alice-1 --reason fixed",
            "eventctl parked retry account-summary@1",
        ],
        ["eventctl parked discard"] = ["eventctl parked discard account-summary@1 account-alice-1 --version 7 --reason duplicate"],
        ["eventctl projection list"] = ["eventctl projection list"],
        ["eventctl projection status"] = ["eventctl projection status account-summary", "eventctl projection status account-summary --wait"],
        ["eventctl projection pause"] = ["eventctl projection pause account-summary --version 2 --reason busy"],
        ["eventctl projection resume"] = ["eventctl projection resume account-summary --version 2 --reason quiet"],
        ["eventctl projection takeover"] = ["eventctl projection takeover account-summary --version 2 --reason checked --force"],
        ["eventctl projection rollback"] = ["eventctl projection rollback account-summary --version 1 --reason wrong-totals"],
        ["eventctl projection retire"] = ["eventctl projection retire account-summary --version 1 --reason superseded"],
        ["eventctl projection build"] = ["eventctl --store ./data projection build account-summary --version 2"],
        ["eventctl projection rebuild"] = ["eventctl projection rebuild account-summary account-alice-1 --reason damaged"],
        ["eventctl actions"] = ["eventctl actions account-summary@1", "eventctl actions store --json"],
        ["eventctl cost"] =
        [
            "eventctl cost --commands-per-day 1000000 --event-size 600 --projections 3",
            "eventctl cost --commands-per-day 0 --active-hours 1 --price-ru 0.285 --json",
        ],
        ["eventctl completions"] = ["eventctl completions bash"],
        ["eventctl stream verify"] = ["eventctl stream verify account-alice-1 && echo intact"],
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
