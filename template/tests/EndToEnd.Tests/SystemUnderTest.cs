using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(Serverless.EndToEnd.Tests.SystemUnderTest))]

namespace Serverless.EndToEnd.Tests;

/// <summary>
/// The system that all tests talk to, over HTTP only: one started in this process, or the one that <c>SERVERLESS_BASE_URL</c> names
/// (<c>https://my-app.azurewebsites.net/api/</c>), with its key in <c>SERVERLESS_FUNCTION_KEY</c>.
/// </summary>
public sealed class SystemUnderTest : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private LocalSystem? local;
    private HttpClient http = null!;

    /// <summary>An id that no other test, run or environment has.</summary>
    public static string NewId() => $"e2e-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync()
    {
        string? key = Environment.GetEnvironmentVariable("SERVERLESS_FUNCTION_KEY");
        Uri address;
        if (Environment.GetEnvironmentVariable("SERVERLESS_BASE_URL") is { Length: > 0 } url)
        {
            address = new Uri(url.TrimEnd('/') + "/");
        }
        else
        {
            key = Guid.NewGuid().ToString("N");
            // As in Azure, where every function but the health check wants a key.
            Dictionary<string, string?> settings = new() { ["FunctionsHost:RequireKeys"] = "true", ["FunctionsHost:Keys:Host:tests"] = key };
            local = await LocalSystem.StartAsync(
                new LocalHostOptions { Port = LocalHostOptions.AnyFreePort, CosmosPort = null, Settings = settings }, CancellationToken.None);
            address = local.ApiAddress;
        }
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Add("x-functions-key", key);
        }
    }

    public Task<Answer> GetAsync(string path) => SendAsync(http, new HttpRequestMessage(HttpMethod.Get, path));

    public Task<Answer> PostAsync(string path, string body) => SendAsync(http, new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
    });

    public async Task<Answer> GetWithoutKeyAsync(string path)
    {
        using HttpClient stranger = new() { BaseAddress = http.BaseAddress };
        return await SendAsync(stranger, new HttpRequestMessage(HttpMethod.Get, path));
    }

    /// <summary>
    /// A view (<c>name/key</c>) that has seen a version of a stream; asks again while it has not. The limit only turns a test that would hang
    /// into one that fails.
    /// </summary>
    public async Task<Answer> SeeAsync(string view, string stream, long version)
    {
        long start = TimeProvider.System.GetTimestamp();
        Answer answer;
        do
        {
            answer = await GetAsync($"views/{view}?seen={stream}:{version}");
        }
        while (answer.Status == 202 && TimeProvider.System.GetElapsedTime(start) < Limit);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (local is not null)
        {
            await local.DisposeAsync();
        }
    }

    private static async Task<Answer> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }
}

/// <summary>What came back, read to the end.</summary>
public sealed record Answer(int Status, string Body)
{
    public JsonNode Json() => JsonNode.Parse(Body)!;
}
