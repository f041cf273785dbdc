using System.Security.Cryptography;
using System.Text;

namespace Serverless.CosmosEmulator.Tests.Support;

/// <summary>Requests of no SDK, signed as COSMOS-PROTOCOL §1.4 says.</summary>
public static class SignedRequests
{
    public static Task<HttpResponseMessage> GetAsync(HttpClient http, Uri uri, string key) => SendAsync(http, "GET", uri, key, null);

    public static async Task<HttpResponseMessage> SendAsync(
        HttpClient http, string method, Uri uri, string key, string? body, params (string Name, string Value)[] headers)
    {
        string[] segments = Uri.UnescapeDataString(uri.AbsolutePath).Trim('/').Split('/');
        bool isFeed = segments.Length % 2 == 1;
        string type = isFeed ? segments[^1] : segments[^2];
        string link = string.Join('/', isFeed ? segments[..^1] : segments);
        string date = TimeProvider.System.GetUtcNow().ToString("R");
        byte[] payload = Encoding.UTF8.GetBytes($"{method.ToLowerInvariant()}\n{type}\n{link}\n{date.ToLowerInvariant()}\n\n");
        string signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), payload));
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
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

        request.Headers.TryAddWithoutValidation("x-ms-date", date);
        request.Headers.TryAddWithoutValidation("Authorization", Uri.EscapeDataString($"type=master&ver=1.0&sig={signature}"));
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
