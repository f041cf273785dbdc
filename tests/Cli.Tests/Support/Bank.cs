using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Serverless.Cli.Tests.Support;
using Serverless.LocalHost;

[assembly: AssemblyFixture(typeof(Bank))]

namespace Serverless.Cli.Tests.Support;

/// <summary>The whole system in this process, behind keys; its store is reached as a program outside would reach it.</summary>
public sealed class Bank : IAsyncLifetime
{
    private readonly HttpClient http = new();
    private LocalSystem? system;

    /// <summary>Where the tool can ask: each the arguments for it.</summary>
    public static TheoryData<string> Targets => ["http", "store"];

    public string Key { get; } = Guid.NewGuid().ToString("N");

    public Uri Api => system!.ApiAddress;

    public Uri Cosmos => system!.CosmosAddress!;

    public async ValueTask InitializeAsync()
    {
        system = await LocalSystem.StartAsync(
            new LocalHostOptions
            {
                Port = LocalHostOptions.AnyFreePort,
                CosmosPort = LocalHostOptions.AnyFreePort,
                Partitions = 2,
                Settings = new Dictionary<string, string?> { ["FunctionsHost:RequireKeys"] = "true", ["FunctionsHost:Keys:Host:operator"] = Key, ["Roles:manage:read"] = "key:operator", ["Roles:manage:operate"] = "key:operator", ["Roles:manage:store"] = "key:operator" },
            },
            CancellationToken.None);
        http.BaseAddress = Api;
        http.DefaultRequestHeaders.Add("x-functions-key", Key);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (system is not null)
        {
            await system.DisposeAsync();
        }
    }

    /// <summary>Runs the tool on the API or on the store below it.</summary>
    public Task<ToolRun> RunAsync(string target, params string[] args) => ToolRun.RunAsync([.. args, .. At(target)]);

    public string[] At(string target) => target switch
    {
        "http" => ["--url", Api.AbsoluteUri, "--key", Key],
        "store" => ["--store", Cosmos.AbsoluteUri],
        _ => throw new ArgumentException($"There is no target '{target}'.", nameof(target)),
    };

    /// <summary>The name of an open account's stream, which has one event and one more for each payment.</summary>
    public async Task<string> NewAccountAsync(params long[] payments)
    {
        string id = $"cli-{Guid.NewGuid():N}";
        await PostAsync($"account/{id}/open", """{"owner":"alice","currency":"EUR"}""");
        foreach (long minorUnits in payments)
        {
            await PostAsync($"account/{id}/deposit", $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""");
        }
        return $"account-{id}";
    }

    /// <summary>Asks an account for more than it has.</summary>
    public async Task RefuseAsync(string stream, long minorUnits)
    {
        using HttpResponseMessage response = await SendAsync(
            $"account/{stream["account-".Length..]}/withdraw", $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        HttpResponseMessage response = await SendAsync(path, body, headers);
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{path}: {response.StatusCode}");
        return response;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
