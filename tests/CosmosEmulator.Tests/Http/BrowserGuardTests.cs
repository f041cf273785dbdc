using System.Net;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Http;

/// <summary>A web page that a developer looks at can't reach the emulator through the browser.</summary>
public sealed class BrowserGuardTests
{
    [Theory]
    [InlineData("Host", "evil.example", 403)]
    [InlineData("Host", "evil.example:{port}", 403)]
    [InlineData("Host", "localhost.evil.example", 403)]
    [InlineData("Host", "10.0.0.1", 403)]
    [InlineData("Host", "localhost", 200)]
    [InlineData("Host", "LOCALHOST:{port}", 200)]
    [InlineData("Host", "127.0.0.1:{port}", 200)]
    [InlineData("Host", "[::1]:{port}", 200)]
    [InlineData("Host", "host.docker.internal:{port}", 200)]
    [InlineData("Origin", "https://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://localhost:1", 403)]
    [InlineData("Origin", "http://127.0.0.1:{port}", 200)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("Sec-Fetch-Site", "none", 200)]
    [InlineData("User-Agent", "anything", 200)]
    public async Task A_foreign_host_or_origin_is_refused(string header, string value, int status)
    {
        await using var cosmos = EmbeddedCosmos.Create(
            new CosmosEmulatorOptions { RequireKeyOverHttp = false, AllowedHosts = ["host.docker.internal"] });
        using var http = new HttpClient { BaseAddress = await cosmos.ListenAsync(0, TestContext.Current.CancellationToken) };
        foreach (string path in (string[])["dbs", "_emulator/faults", "_emulator/ready"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value.Replace("{port}", $"{cosmos.Endpoint.Port}", StringComparison.Ordinal));

            using HttpResponseMessage answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_refusal_names_the_option()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--allow-hosts", "cosmos.test, host.docker.internal");
        using var http = new HttpClient { BaseAddress = emulator.Endpoint };
        http.DefaultRequestHeaders.Host = "other.test";

        string refused = await (await http.GetAsync("dbs", TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains("--allow-hosts other.test", refused);
        http.DefaultRequestHeaders.Host = "cosmos.test";
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("dbs", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Ready_needs_no_key_and_no_control()
    {
        await using EmulatorProcess emulator = await EmulatorProcess.StartAsync("--port", "0", "--no-control");
        using var http = new HttpClient { BaseAddress = emulator.Endpoint };

        Assert.Equal("""{"status":"ready"}""", await http.GetStringAsync("_emulator/ready", TestContext.Current.CancellationToken));
    }
}
