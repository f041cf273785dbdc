using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serverless.EndToEnd.Tests.Support;
using Serverless.FaultHarness.Running;

namespace Serverless.EndToEnd.Tests;

/// <summary><c>LocalHost --worker-process</c>: two processes that live and die as they should. Each test has a pair of its own.</summary>
public sealed partial class WorkerProcessTests
{
    [GeneratedRegex(@"The worker process \d+ ended")]
    private static partial Regex WorkerDied { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_that_is_killed_is_replaced_and_requests_that_come_meanwhile_wait_for_the_next()
    {
        await using ChildProcess host = Start();
        using HttpClient http = await ConnectAsync(host);
        await OpenAsync(http, "before");
        int first = await WorkerOfAsync(host);

        using (Process worker = Process.GetProcessById(first))
        {
            worker.Kill();
            await worker.WaitForExitAsync(Cancel);
        }
        await host.LineAsync(WorkerDied, Cancel); // What reaches the dead worker before that fails, as in the cloud.
        await OpenAsync(http, "after");
        await SeeAsync(http, "before"); // The triggers go on, too.
        await SeeAsync(http, "after");

        await Eventually.TrueAsync(async () => await WorkerOfAsync(host) != first, () => "There is no new worker.");
    }

    [Fact]
    public async Task A_worker_ends_when_its_host_is_killed()
    {
        ChildProcess host = Start();
        using HttpClient http = await ConnectAsync(host);
        int worker = await WorkerOfAsync(host);

        await host.KillAsync();

        await Eventually.TrueAsync(() => Task.FromResult(!IsRunning(worker)), () => $"Worker {worker} is an orphan.");
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("TERM", false)]
    [InlineData("INT", true)] // Ctrl+C in a terminal reaches both.
    public async Task One_signal_ends_both_without_an_error(string signal, bool reachesWorker)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Has no signals.");
        await using ChildProcess host = Start();
        using HttpClient http = await ConnectAsync(host);
        int worker = await WorkerOfAsync(host);

        using (Process kill = Process.Start("kill", [.. (string[])["-s", signal, $"{host.Id}"], .. reachesWorker ? [$"{worker}"] : (string[])[]]))
        {
            await kill.WaitForExitAsync(Cancel);
        }

        Assert.Equal(0, await host.ExitCodeAsync(Cancel));
        Assert.False(IsRunning(worker));
        Assert.DoesNotContain("fail:", host.Tail, StringComparison.Ordinal);
    }

    private static ChildProcess Start()
    {
        Assert.SkipUnless(TestCosmos.Connection is null, "Needs an emulator of its own.");
        return ChildProcess.Start(
            "host", "Serverless.LocalHost.dll", ["--worker-process", "--port", "0", "--cosmos-port", "none"], new Dictionary<string, string>([Member.WorkerLog]), null);
    }

    private static async Task<HttpClient> ConnectAsync(ChildProcess host) =>
        new() { BaseAddress = new Uri((await host.LineAsync(Member.ApiLine, Cancel)).Groups[1].Value + "/") };

    private static async Task<int> WorkerOfAsync(ChildProcess host) =>
        int.Parse((await host.LastLineAsync(Member.WorkerLine, Cancel)).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task OpenAsync(HttpClient http, string id)
    {
        using HttpResponseMessage answer = await http.PostAsync(
            $"account/{id}/open", new ByteArrayContent("""{"owner":"ada","currency":"EUR"}"""u8.ToArray()) { Headers = { ContentType = new("application/json") } }, Cancel);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private static Task SeeAsync(HttpClient http, string id) => Eventually.TrueAsync(
        async () =>
        {
            using HttpResponseMessage answer = await http.GetAsync($"views/account-summary/{id}?seen=account-{id}:1", Cancel);
            return answer.StatusCode == HttpStatusCode.OK && (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>(Cancel))!["data"]!["owner"] == "ada";
        },
        () => $"The view does not show {id}.");

    private static bool IsRunning(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
