using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

/// <summary>Where the tool asks, and what it says when nobody answers there.</summary>
public sealed class TargetTests(Bank bank)
{
    [Fact]
    public async Task The_api_may_be_named_with_or_without_its_last_part()
    {
        string stream = await bank.NewAccountAsync();

        foreach (string url in (string[])[bank.Api.AbsoluteUri, bank.Api.AbsoluteUri.TrimEnd('/'), new Uri(bank.Api, "/").AbsoluteUri])
        {
            (await ToolRun.RunAsync("stream", "verify", stream, "--url", url, "--key", bank.Key)).MustEnd(0);
        }
    }

    [Fact]
    public async Task Variables_stand_in_for_options_and_options_win()
    {
        string stream = await bank.NewAccountAsync();
        ToolWorld api = new() { Variables = { ["EVENTCTL_URL"] = bank.Api.AbsoluteUri, ["EVENTCTL_KEY"] = bank.Key } };
        ToolWorld store = new() { Variables = { ["EVENTCTL_STORE"] = bank.Cosmos.AbsoluteUri } };
        ToolWorld nowhere = new() { Variables = { ["EVENTCTL_URL"] = "http://127.0.0.1:1/" } };

        (await ToolRun.RunAsync(api, "stream", "verify", stream)).MustEnd(0);
        (await ToolRun.RunAsync(store, "stream", "verify", stream)).MustEnd(0);
        (await ToolRun.RunAsync(nowhere, "stream", "verify", stream, "--store", bank.Cosmos.AbsoluteUri)).MustEnd(0);
    }

    [Fact]
    public async Task Neither_and_both_are_refused()
    {
        ToolWorld both = new() { Variables = { ["EVENTCTL_URL"] = "http://localhost:1", ["EVENTCTL_STORE"] = "x" } };

        (await ToolRun.RunAsync("stream", "verify", "account-1")).MustFail(ExitCodes.Usage, "--url (or EVENTCTL_URL)");
        (await ToolRun.RunAsync(both, "stream", "verify", "account-1")).MustFail(ExitCodes.Usage, "name one");
        (await ToolRun.RunAsync("stream", "verify", "account-1", "--url", "http://localhost:1", "--store", "x")).MustFail(ExitCodes.Usage, "name one");
        (await ToolRun.RunAsync("stream", "verify", "account-1", "--url", "localhost")).MustFail(ExitCodes.Usage, "--url takes the address");
    }

    [Fact]
    public async Task An_address_where_nobody_answers_is_told()
    {
        (await ToolRun.RunAsync("stream", "verify", "account-1", "--url", "http://127.0.0.1:1")).MustFail(ExitCodes.Unreachable, "Nothing answers at http://127.0.0.1:1/api/");
    }

    [Theory]
    [InlineData("wrong-key")]
    [InlineData(null)]
    public async Task A_wrong_key_is_told_and_no_key_is_printed(string? key)
    {
        ToolRun run = await ToolRun.RunAsync(["stream", "verify", "account-1", "--url", bank.Api.AbsoluteUri, .. key is null ? Array.Empty<string>() : ["--key", key]]);

        run.MustFail(ExitCodes.Unreachable, "lets nobody in with this key (401)");
        Assert.DoesNotContain("wrong-key", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_nothing_of_the_kind_is_told_without_its_text()
    {
        ToolRun broken = await ToolRun.RunAsync("stream", "verify", "account-1", "--store", "AccountEndpoint=secret;AccountKey=secret");
        ToolRun missing = await ToolRun.RunAsync("stream", "verify", "account-1", "--store", "/nowhere/secret");

        broken.MustFail(ExitCodes.Usage, "not a valid connection string");
        missing.MustFail(ExitCodes.Usage, "no data folder of an emulator");
        Assert.DoesNotContain("secret", broken.Error + missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_no_store_is_left_as_it_is()
    {
        string folder = Directory.CreateTempSubdirectory("cli-").FullName;
        try
        {
            (await ToolRun.RunAsync("store", "verify", "--store", folder)).MustFail(ExitCodes.Usage, "no data folder of an emulator");
            Assert.Empty(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public async Task A_store_without_the_database_is_told() =>
        (await ToolRun.RunAsync("stream", "verify", "account-1", "--store", bank.Cosmos.AbsoluteUri, "--database", "elsewhere"))
            .MustFail(ExitCodes.Unreachable, "The store has no container 'events' in a database 'elsewhere'.");

    [Fact]
    public async Task Ctrl_c_ends_a_run_with_the_code_that_shells_know()
    {
        using CancellationTokenSource pressed = new();
        await pressed.CancelAsync();

        (await ToolRun.RunAsync(new ToolWorld { Cancellation = pressed.Token }, ["stream", "verify", "account-1", .. bank.At("http")]))
            .MustFail(ExitCodes.Interrupted, "Interrupted.");
    }
}
