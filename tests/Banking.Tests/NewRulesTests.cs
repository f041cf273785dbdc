using System.Runtime.CompilerServices;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Testing;
using AccountDecision = Serverless.EventSourcing.Decision<Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Banking.Tests;

/// <summary>What rules make of streams that were exported: how a change of a rule is looked at before it is deployed.</summary>
public sealed class NewRulesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_the_rules_of_today_the_exported_past_is_decided_as_it_was()
    {
        (await RunAsync(AccountAggregate.Definition)).ThenSame();
        await using FileStream export = Export();
        (await RulesSpec.RunAsync(export, TransferAggregate.Definition, Token)).ThenSame();
    }

    [Fact]
    public async Task A_limit_on_withdrawals_shows_whom_it_would_have_met()
    {
        var limited = AccountAggregate.Definition.WithRules("2", (command, state) => command is WithdrawMoney { Amount.MinorUnits: > 1_000 }
            ? AccountDecision.Reject(AccountRejection.AmountOutOfRange)
            : Account.Decide(command, state));

        RulesReport report = await RunAsync(limited);

        report.ThenDiffers("""account-alice-1@3 withdraw {"amount":{"currency":"EUR","minorUnits":2500}}: rejected amount-out-of-range""");
    }

    [Fact]
    public async Task A_difference_that_was_not_expected_is_shown_and_so_is_one_that_is_missing()
    {
        var never = AccountAggregate.Definition.WithRules("2", (command, state) => command is FreezeAccount
            ? AccountDecision.Accept()
            : Account.Decide(command, state));
        RulesReport report = await RunAsync(never);

        string line = Assert.Single(report.Lines);
        Assert.EndsWith("freeze {\"reason\":\"court order 17/26\"}: nothing to do", line, StringComparison.Ordinal);
        Assert.Contains($"  + {line}", Assert.Throws<SpecificationException>(report.ThenSame).Message, StringComparison.Ordinal);
        Assert.Contains("  - another", Assert.Throws<SpecificationException>(() => report.ThenDiffers(line, "another")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_without_a_command_of_the_aggregate_is_no_proof_of_anything()
    {
        using MemoryStream nothing = new();

        RulesReport report = await RulesSpec.RunAsync(nothing, AccountAggregate.Definition, Token);

        Assert.Throws<SpecificationException>(report.ThenSame);
    }

    private static async Task<RulesReport> RunAsync(Aggregate<AccountCommand, AccountState, AccountEvent, AccountRejection> aggregate)
    {
        await using FileStream export = Export();
        return await RulesSpec.RunAsync(export, aggregate, Token);
    }

    private static FileStream Export([CallerFilePath] string here = "") =>
        File.OpenRead(Path.Combine(Path.GetDirectoryName(here)!, "Evolution", "version-1.commits.jsonl"));
}
