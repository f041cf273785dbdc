using System.Text.Json.Nodes;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

public sealed class TrialCommandTests(Bank bank)
{
    private const string Ten = """{"amount":{"minorUnits":10,"currency":"EUR"}}""";

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task A_dry_run_tells_the_events_and_writes_nothing(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        ToolRun shown = (await bank.RunAsync(target, "try", stream, "withdraw", "--data", Ten)).MustEnd(ExitCodes.Ok);
        JsonNode json = (await bank.RunAsync(target, "try", stream, "withdraw", "--data", Ten, "--json")).MustEnd(ExitCodes.Ok).Json;

        Assert.StartsWith($"{stream} at version 2 would accept it.\n   account.money-withdrawn", shown.Output, StringComparison.Ordinal);
        Assert.Equal(("accepted", 90), ((string?)json["outcome"], (int)json["state"]!["balance"]!["minorUnits"]!));
        Assert.Equal(2, (int)(await bank.RunAsync(target, "stream", "state", stream, "--json")).Json["version"]!);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task What_would_be_refused_ends_with_one_and_the_reason_now_and_at_a_version(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        ToolRun now = (await bank.RunAsync(target, "try", stream, "withdraw", "--data", """{"amount":{"minorUnits":1000,"currency":"EUR"}}""")).MustEnd(ExitCodes.No);
        JsonNode then = (await bank.RunAsync(target, "try", stream, "withdraw", "--data", Ten, "--version", "1", "--json")).MustEnd(ExitCodes.No).Json;

        Assert.Contains("would refuse it: insufficient-funds.", now.Output, StringComparison.Ordinal);
        Assert.Equal(("rejected", "insufficient-funds", 1), ((string?)then["outcome"], (string?)then["code"], (int)then["version"]!));
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task A_body_comes_from_the_line_from_a_file_or_from_standard_input(string target)
    {
        string stream = await bank.NewAccountAsync(100);
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Ten, TestContext.Current.CancellationToken);
        try
        {
            (await bank.RunAsync(target, "try", stream, "withdraw", "--data", $"@{file}")).MustEnd(ExitCodes.Ok);
            (await ToolRun.RunAsync(new ToolWorld { Input = Ten }, ["try", stream, "withdraw", "--data", "-", .. bank.At(target)])).MustEnd(ExitCodes.Ok);
        }
        finally
        {
            File.Delete(file);
        }
        (await bank.RunAsync(target, "try", stream, "withdraw", "--data", $"@{file}")).MustFail(ExitCodes.Usage, file);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task What_is_no_command_is_refused(string target)
    {
        string stream = await bank.NewAccountAsync(100);

        (await bank.RunAsync(target, "try", stream, "explode")).MustFail(ExitCodes.NotFound, "'account' has no command 'explode'. It has: open, ");
        (await bank.RunAsync(target, "try", stream, "withdraw", "--data", "{")).MustFail(ExitCodes.Usage, "--data is not JSON");
        (await bank.RunAsync(target, "try", stream, "withdraw", "--data", "{}")).MustFail(ExitCodes.Usage, "amount");
        (await bank.RunAsync(target, "try", stream, "withdraw", "--data", Ten, "--version", "9")).MustFail(ExitCodes.NotFound, $"{stream} ends at version 2.");
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task Decisions_that_would_be_the_same_today_are_told_as_that(string target)
    {
        string stream = await bank.NewAccountAsync(100, 50);

        ToolRun shown = (await bank.RunAsync(target, "reconsider", stream)).MustEnd(ExitCodes.Ok);
        JsonNode json = (await bank.RunAsync(target, "reconsider", stream, "--json")).MustEnd(ExitCodes.Ok).Json;
        JsonNode later = (await bank.RunAsync(target, "reconsider", "--category", "account", "--from", "2100-01-01T00:00:00Z", "--json")).MustEnd(ExitCodes.Ok).Json;

        Assert.EndsWith("3 of 3 decisions in 1 streams would be the same under rules 1.\n", shown.Output, StringComparison.Ordinal);
        Assert.Equal((3, 3, true), ((int)json["commits"]!, (int)json["same"]!, (bool)json["isComplete"]!));
        Assert.Equal(0, (int)later["commits"]!);
        Assert.True((int)later["streams"]! >= 1);
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task Of_what_can_not_be_reconsidered_the_reason_is_told(string target)
    {
        (await bank.RunAsync(target, "reconsider", "account-nobody")).MustFail(ExitCodes.NotFound, "There is no account 'nobody'.");
        (await bank.RunAsync(target, "reconsider", "--category", "loan")).MustFail(ExitCodes.NotFound, "There is no 'loan' here.");
        (await bank.RunAsync(target, "reconsider")).MustFail(ExitCodes.Usage, "Name a stream, or a --category.");
        (await bank.RunAsync(target, "reconsider", "account-1", "--from", "2026-11-23", "--to", "2026-11-22")).MustFail(ExitCodes.Usage, "--to is an instant after --from");
    }

    [Theory]
    [MemberData(nameof(Bank.Targets), MemberType = typeof(Bank))]
    public async Task A_conversation_is_a_tree_of_causes(string target)
    {
        string from = (await bank.NewAccountAsync(500))["account-".Length..];
        string to = (await bank.NewAccountAsync())["account-".Length..];
        string transfer = Guid.NewGuid().ToString("N");
        string conversation = $"talk-{transfer}";
        (await bank.PostAsync(
            $"transfer/{transfer}/request", $$$"""{"from":"{{{from}}}","to":"{{{to}}}","amount":{"minorUnits":200,"currency":"EUR"}}""",
            ("X-Correlation-Id", conversation))).Dispose();
        JsonNode json;
        do
        {
            json = (await bank.RunAsync(target, "conversation", conversation, "--json")).MustEnd(ExitCodes.Ok).Json;
        }
        while (json["steps"]!.AsArray().All(s => (string?)s!["commit"]!["command"] != "mark-completed")); // What the process does by itself is read when it is done.
        ToolRun shown = (await bank.RunAsync(target, "conversation", conversation)).MustEnd(ExitCodes.Ok);

        Assert.Equal([0, 1], json["steps"]!.AsArray().Take(2).Select(s => (int)s!["depth"]!));
        Assert.StartsWith($"{conversation}\n└── request → transfer-{transfer}", shown.Output, StringComparison.Ordinal);
        Assert.Contains($"→ account-{to}", shown.Output, StringComparison.Ordinal);
        (await bank.RunAsync(target, "conversation", "nobody-said-this")).MustFail(ExitCodes.NotFound, "No commit belongs to a conversation 'nobody-said-this'.");
    }
}
