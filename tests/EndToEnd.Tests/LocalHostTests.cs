using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.LocalHost;

namespace Serverless.EndToEnd.Tests;

/// <summary>The program that a newcomer starts, as a process of its own.</summary>
public sealed partial class LocalHostTests
{
    [Fact]
    public async Task The_demo_plays_a_day_as_it_should_be_and_ends()
    {
        (int exitCode, string output, string errors) = await RunAsync("--demo");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("422 insufficient-funds", output, StringComparison.Ordinal);
        Assert.Contains("the transfer is completed", output, StringComparison.Ordinal);
        Assert.Contains("200 done before, as version 4; nothing was written", output, StringComparison.Ordinal);
        Assert.Contains("alice's account                        4,619.50 EUR, open", output, StringComparison.Ordinal);
        Assert.EndsWith("All of it as it should be.", output.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain("!!", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_printed_curl_lines_work_as_they_are()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/curl") && File.Exists("/bin/bash"), "Needs curl and bash.");
        using Process process = Start("--port", "0", "--cosmos-port", "0");
        try
        {
            List<string> lines = await ReadUntilAsync(process, "Ctrl+C");
            string[] commands = [.. lines.Select(l => l.Trim()).Where(l => l.StartsWith("curl ", StringComparison.Ordinal))];
            Assert.Equal(3, commands.Length);

            string answers = await ShellAsync(string.Join(" && ", commands));

            Assert.Contains("\"account.opened\"", answers, StringComparison.Ordinal);
            Assert.Contains("\"account.money-deposited\"", answers, StringComparison.Ordinal);
            Assert.Contains("\"balance\":{\"minorUnits\":1250,\"currency\":\"EUR\"}", answers, StringComparison.Ordinal);
        }
        finally
        {
            await EndAsync(process);
        }
    }

    [Fact]
    public async Task Other_programs_reach_the_emulator_under_the_printed_address()
    {
        using Process process = Start("--port", "0", "--cosmos-port", "0");
        try
        {
            List<string> lines = await ReadUntilAsync(process, "Ctrl+C");
            string address = CosmosAddress.Match(string.Join('\n', lines)).Groups[1].Value;
            using HttpClient http = new();
            using HttpResponseMessage response = await http.GetAsync(new Uri(address), TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode); // An account, asked without its key.
        }
        finally
        {
            await EndAsync(process);
        }
    }

    [Fact]
    public async Task The_root_leads_to_the_console_and_the_console_can_make_the_database_fail()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using LocalSystem system = await LocalSystem.StartAsync(
            new LocalHostOptions { Port = LocalHostOptions.AnyFreePort, CosmosPort = LocalHostOptions.AnyFreePort }, token);
        using HttpClient http = new() { BaseAddress = system.ApiAddress };

        Assert.Contains("<title>Console</title>", await http.GetStringAsync("/", token), StringComparison.Ordinal);
        Assert.Equal("[]", await http.GetStringAsync("local/faults", token));
        using HttpResponseMessage added = await http.PostAsJsonAsync("local/faults", new { effect = new { status = 503 }, container = "views" }, token);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        using HttpResponseMessage view = await http.GetAsync("views/account-summary/nobody", token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, view.StatusCode);
        using HttpResponseMessage ended = await http.DeleteAsync("local/faults", token);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        using HttpResponseMessage after = await http.GetAsync("views/account-summary/nobody", token);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    [Fact]
    public async Task With_a_data_directory_the_next_start_goes_on_where_the_last_one_ended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Has no signals.");
        string directory = Directory.CreateTempSubdirectory("local-host-").FullName;
        try
        {
            Assert.Contains("\"account.opened\"", await WithCurlLineAsync("/open", "kept"), StringComparison.Ordinal);
            Assert.Contains("\"account-already-open\"", await WithCurlLineAsync("/open", "kept-too"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        // The first printed line opens an account; with a header of its own it is another command each time.
        async Task<string> WithCurlLineAsync(string command, string key)
        {
            using Process process = Start("--port", "0", "--cosmos-port", "none", "--data", directory);
            try
            {
                List<string> lines = await ReadUntilAsync(process, "Ctrl+C");
                string line = lines.Select(l => l.Trim()).First(l => l.StartsWith("curl ", StringComparison.Ordinal) && l.Contains(command, StringComparison.Ordinal));
                return await ShellAsync($"{line} -H 'Idempotency-Key: {key}'");
            }
            finally
            {
                await EndAsync(process);
            }
        }
    }

    [Fact]
    public async Task A_request_to_end_is_followed_at_once_and_without_a_fault()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Has no signals.");
        using Process process = Start("--port", "0", "--cosmos-port", "none");
        await ReadUntilAsync(process, "Ctrl+C");

        await ShellAsync($"kill -INT {process.Id}");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((0, ""), (process.ExitCode, await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData("--cosmos-port", "--port")]
    [InlineData("--port", "--cosmos-port")]
    public async Task A_taken_port_is_one_clear_line_and_a_failure(string taken, string other)
    {
        using Socket somebody = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        somebody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        somebody.Listen();
        int port = ((IPEndPoint)somebody.LocalEndPoint!).Port;

        (int exitCode, string output, string errors) = await RunAsync(taken, $"{port}", other, "0");

        Assert.Equal((1, ""), (exitCode, output));
        string line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"{port}", line, StringComparison.Ordinal);
        Assert.Contains(taken, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no option '--colour'.", "--colour")]
    [InlineData("--port takes a whole number from 0 to 65535, not 'x'.", "--port", "x")]
    [InlineData("--port takes a whole number from 0 to 65535, not '65536'.", "--port", "65536")]
    [InlineData("--port takes a whole number from 0 to 65535.", "--port")]
    [InlineData("--partitions takes a whole number from 1 to 100, not '0'.", "--partitions", "0")]
    public void A_wrong_option_is_named(string message, params string[] args) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => LocalHostOptions.Parse(args)).Message);

    [Fact]
    public void Options_are_read_in_any_order()
    {
        Assert.Equal(new LocalHostOptions { Port = 1, CosmosPort = 2, Partitions = 3 }, LocalHostOptions.Parse(["--partitions", "3", "--port", "1", "--cosmos-port", "2"]));
        Assert.Equal(new LocalHostOptions { HasDashboard = true }, LocalHostOptions.Parse(["--dashboard"]));
        Assert.Equal(new LocalHostOptions { CosmosPort = null, IsVerbose = true }, LocalHostOptions.Parse(["--cosmos-port", "none", "--verbose"]));
        Assert.Equal(new LocalHostOptions { IsDemo = true, Port = 0, CosmosPort = null }, LocalHostOptions.Parse(["--demo"]));
        Assert.Equal(new LocalHostOptions { IsDemo = true, Port = 5, CosmosPort = null }, LocalHostOptions.Parse(["--port", "5", "--demo"]));
    }

    [Fact]
    public void A_consumer_without_a_function_is_named()
    {
        IProjection[] all = [.. BankingContext.Create().Projections, Rates(1), Rates(2)];

        Assert.Equal(["exchange-rates@1", "exchange-rates@2"], UnfedConsumers.Among(all, next: null));
        Assert.Equal(["exchange-rates@1"], UnfedConsumers.Among(all, next: "exchange-rates@2"));

        static DocumentView<AccountSummary, AccountEvent> Rates(int version) => new()
        {
            Name = "exchange-rates",
            Version = version,
            Sources = AccountSummaryView.Projection.Sources,
            Key = AccountSummaryView.Projection.Key,
            Initial = () => AccountSummary.Initial,
            Apply = AccountSummaryView.Apply,
            Json = AccountSummaryView.Projection.Json,
        };
    }

    private static Process Start(params string[] args)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Serverless.LocalHost.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] args)
    {
        using Process process = Start(args);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            await EndAsync(process);
        }
    }

    private static async Task<List<string>> ReadUntilAsync(Process process, string text)
    {
        List<string> lines = [];
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return lines;
            }
        }
        Assert.Fail($"It ended with: {string.Join('\n', lines)} {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        return lines;
    }

    private static async Task<string> ShellAsync(string command)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }

    private static async Task EndAsync(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [GeneratedRegex(@"Cosmos DB\s+(http\S+)")]
    private static partial Regex CosmosAddress { get; }
}
