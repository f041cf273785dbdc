using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Functions.Tests.Support;

namespace Serverless.EndToEnd.Tests.Support;

/// <summary>The API as a client program would use it.</summary>
public sealed class Api : IDisposable
{
    private readonly HttpClient http;

    public Api(Uri address, string? key)
    {
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Add("x-functions-key", key);
        }
    }

    public Uri Address => http.BaseAddress!;

    /// <summary>An id that no other test, run or environment has.</summary>
    public static string NewId() => $"e2e-{Guid.NewGuid():N}";

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Json(body), headers);

    public Task<Answer> OpenAsync(string id, string owner, string currency = "EUR", params (string Name, string Value)[] headers) =>
        PostAsync($"account/{id}/open", $$"""{"owner":"{{owner}}","currency":"{{currency}}"}""", headers);

    public Task<Answer> DepositAsync(string id, long minorUnits, params (string Name, string Value)[] headers) =>
        PostAsync($"account/{id}/deposit", Amount(minorUnits), headers);

    public Task<Answer> WithdrawAsync(string id, long minorUnits, params (string Name, string Value)[] headers) =>
        PostAsync($"account/{id}/withdraw", Amount(minorUnits), headers);

    /// <summary>An open account with some money.</summary>
    public async Task<string> NewAccountAsync(long minorUnits = 0, string? owner = null)
    {
        string id = NewId();
        Assert.Equal(201, (await OpenAsync(id, owner ?? id)).Status);
        if (minorUnits > 0)
        {
            Assert.Equal(200, (await DepositAsync(id, minorUnits)).Status);
        }
        return id;
    }

    /// <summary>A view (<c>name/key</c>) that has seen a version of an account; asks again for as long as it has not.</summary>
    public async Task<Answer> SeeAsync(string view, string id, long version)
    {
        while (true)
        {
            Answer answer = await GetAsync($"views/{view}?seen=account-{id}:{version}");
            if (answer.Status != 202)
            {
                Assert.True(answer.Status == 200, $"{view}: {answer.Status} {answer.Body}");
                return answer;
            }
            answer.MustBeProblem(202, "view-behind");
        }
    }

    /// <summary>Every item of a paged list, following its links.</summary>
    public async Task<List<JsonNode>> ReadAllAsync(string path, string list)
    {
        List<JsonNode> all = [];
        for (string? next = path; next is not null;)
        {
            Answer page = await GetAsync(next);
            Assert.True(page.Status == 200, $"{next}: {page.Status} {page.Body}");
            all.AddRange(page.Json[list]!.AsArray().Select(i => i!));
            next = (string?)page.Json["next"];
        }
        return all;
    }

    /// <summary>Paths without a leading slash are below the API's address; links from answers begin with one.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.OfAsync(response);
    }

    public void Dispose() => http.Dispose();

    private static string Amount(long minorUnits) => $$$"""{"amount":{"minorUnits":{{{minorUnits}}},"currency":"EUR"}}""";

    private static ByteArrayContent Json(string body) =>
        new(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
