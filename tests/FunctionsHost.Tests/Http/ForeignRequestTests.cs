using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.FunctionsHost.Tests.Functions;
using Serverless.FunctionsHost.Tests.Support;

namespace Serverless.FunctionsHost.Tests.Http;

/// <summary>A host on a developer's machine, often without keys, is nothing for web pages of other sites.</summary>
public sealed class ForeignRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost", null, null, 200)]
    [InlineData("[::1]", null, null, 200)]
    [InlineData("127.0.0.1", null, "same-origin", 200)]
    [InlineData("127.0.0.1", null, "none", 200)] // Typed into the address bar.
    [InlineData("attacker.example", null, null, 403)] // A name that was made to point here.
    [InlineData("127.0.0.1.attacker.example", null, null, 403)]
    [InlineData("localhost", "https://attacker.example", null, 403)]
    [InlineData("localhost", "http://localhost:3000", null, 403)]
    [InlineData("localhost", "null", null, 403)]
    [InlineData("localhost", null, "cross-site", 403)]
    public async Task Only_requests_from_this_machine_are_answered(string host, string? origin, string? site, int status)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(OneRoute));
        using HttpResponseMessage response = await SendAsync(app, host, origin, site);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_page_of_the_host_itself_may_call_it()
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(OneRoute));
        using HttpResponseMessage response = await SendAsync(app, "localhost", $"http://localhost:{app.Client.BaseAddress!.Port}", "same-origin");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("my-machine.example", 200)]
    [InlineData("*", 200)]
    [InlineData("other.example", 403)]
    public async Task Another_name_can_be_allowed(string allowed, int status)
    {
        await using TestApp app = await TestApp.StartAsync(
            builder => builder.Configuration["FunctionsHost:AllowedHosts:0"] = allowed, classes: typeof(OneRoute));
        using HttpResponseMessage response = await SendAsync(app, "my-machine.example", null, null);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(
            status == 403, (await response.Content.ReadAsStringAsync(Cancel)).Contains("FunctionsHost:AllowedHosts", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET /api/one HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "HTTP/1.1 500")] // As the real host.
    [InlineData("GET /api/one HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n", "HTTP/1.1 200")]
    public async Task Odd_requests_are_answered_as_the_real_host_answers_them(string request, string status)
    {
        await using TestApp app = await TestApp.StartAsync(classes: typeof(OneRoute));
        using TcpClient client = new();
        await client.ConnectAsync(app.Client.BaseAddress!.Host, app.Client.BaseAddress.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
        using StreamReader reader = new(client.GetStream());
        string answer = await reader.ReadToEndAsync(Cancel); // Returns only because the connection is closed.
        Assert.StartsWith(status, answer, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestApp app, string host, string? origin, string? site)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/one");
        request.Headers.Host = $"{host}:{app.Client.BaseAddress!.Port}";
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }
        if (site is not null)
        {
            request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        }
        return await app.Client.SendAsync(request, Cancel);
    }
}
