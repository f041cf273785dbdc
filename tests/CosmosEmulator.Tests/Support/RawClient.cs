using System.Text.Json;

namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>Requests without an SDK, for what no SDK sends or shows.</summary>
internal sealed class RawClient(EmbeddedCosmos cosmos) : IDisposable
{
    private readonly HttpClient http = new(cosmos.CreateHandler()) { BaseAddress = cosmos.Endpoint };

    public Task<RawAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, null, headers);

    public Task<RawAnswer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync("POST", path, body, headers);

    public async Task<RawAnswer> SendAsync(string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            request.Content = new StringContent(body);
            request.Content.Headers.ContentType = null;
        }

        foreach ((string name, string value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new RawAnswer(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            response.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    public void Dispose() => http.Dispose();
}

/// <summary>An answer as it was on the wire.</summary>
internal sealed record RawAnswer(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public int SubStatus => Header("x-ms-substatus") is { } text ? int.Parse(text) : 0;
}
