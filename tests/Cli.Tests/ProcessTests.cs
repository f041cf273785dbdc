using System.Diagnostics;
using Serverless.Cli.Tests.Support;

namespace Serverless.Cli.Tests;

/// <summary>The tool as a shell starts it.</summary>
public sealed class ProcessTests(Bank bank)
{
    [Fact]
    public async Task Exit_codes_and_streams_are_those_that_a_script_needs()
    {
        string stream = await bank.NewAccountAsync(100);

        (int ok, string output, string errors) = await RunAsync(["stream", "state", stream, "--json"], bank.Api.AbsoluteUri, bank.Key);
        (int missing, string nothing, string why) = await RunAsync(["stream", "state", "account-nobody"], bank.Api.AbsoluteUri, bank.Key);
        (int unreachable, _, string nobody) = await RunAsync(["stream", "state", stream], "http://127.0.0.1:1", bank.Key);
        (int usage, _, _) = await RunAsync(["stream", "stat"], bank.Api.AbsoluteUri, bank.Key);

        Assert.Equal((ExitCodes.Ok, ""), (ok, errors));
        Assert.StartsWith($$"""{"stream":"{{stream}}","version":2,"state":{""", output, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.NotFound, "", "There is no account 'nobody'."), (missing, nothing, why.Trim()));
        Assert.Equal(ExitCodes.Unreachable, unreachable);
        Assert.StartsWith("Nothing answers at http://127.0.0.1:1/api/", nobody, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Usage, usage);
        Assert.DoesNotContain(bank.Key, output + errors + why + nobody, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] args, string url, string key)
    {
        ProcessStartInfo start = new("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "eventctl.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            Environment = { ["EVENTCTL_URL"] = url, ["EVENTCTL_KEY"] = key, ["EVENTCTL_STORE"] = "" },
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }
}
