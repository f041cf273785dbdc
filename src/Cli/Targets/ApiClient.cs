using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serverless.Cli.Answers;

namespace Serverless.Cli.Targets;

/// <summary>
/// Sends requests and turns every answer but a success into one line and an exit code. The key goes to the origin of the API only:
/// redirects are not followed, and neither is an address on another origin that an answer names.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    // Longer than the longest that a function may take to answer over HTTP on Azure, which is 230 seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly HttpClient http;

    public ApiClient(Uri api, string? key)
    {
        http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
        {
            BaseAddress = api,
            Timeout = Patience,
        };
        if (key is not null && !http.DefaultRequestHeaders.TryAddWithoutValidation("x-functions-key", key))
        {
            throw ToolException.Usage("The key has characters that no key has.");
        }
    }

    /// <summary>An address below the API, or one that an answer gave.</summary>
    public async Task<T> GetAsync<T>(string address, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        return await ReadAsync(response, json, cancellationToken);
    }

    /// <summary>Lines of JSON, and where the next ones begin; null when these are the last.</summary>
    public async Task<(ReadOnlyMemory<byte> Lines, string? Continuation)> GetLinesAsync(string address, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        try
        {
            return (
                await response.Content.ReadAsByteArrayAsync(cancellationToken),
                response.Headers.TryGetValues("x-continuation", out IEnumerable<string>? values) ? values.Single() : null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw BrokeOff(e);
        }
    }

    /// <summary>Every item of a list that comes in pages.</summary>
    public async IAsyncEnumerable<TItem> GetPagesAsync<TPage, TItem>(
        Func<string?, string> address,
        JsonTypeInfo<TPage> json,
        Func<TPage, (IReadOnlyList<TItem> Items, string? Continuation)> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            (IReadOnlyList<TItem> items, continuation) = read(await GetAsync(address(continuation), json, cancellationToken));
            foreach (TItem item in items)
            {
                yield return item;
            }
        }
        while (continuation is not null);
    }

    /// <summary>With a length: the Functions host drops bodies of unknown length.</summary>
    public async Task<T> PostAsync<T>(
        string address, ReadOnlyMemory<byte> body, string contentType, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        using ReadOnlyMemoryContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        using HttpRequestMessage request = new(HttpMethod.Post, address) { Content = content };
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        return await ReadAsync(response, json, cancellationToken);
    }

    public async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(request, cancellationToken);
        return await ReadAsync(response, json, cancellationToken);
    }

    /// <summary>The answer, whose body is yet to be read; anything but success is thrown.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri target = new(http.BaseAddress!, request.RequestUri!);
        if (!IsSameOrigin(target))
        {
            throw new ToolException(ExitCodes.Fault, $"{http.BaseAddress} pointed to {target.GetLeftPart(UriPartial.Authority)}. The key is not sent to another server.");
        }
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ToolException(ExitCodes.Unreachable, $"Nothing answers at {http.BaseAddress}: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(ExitCodes.Unreachable, $"{http.BaseAddress} did not answer in time.", e);
        }
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return response;
        }
        using (response)
        {
            throw await FaultOfAsync(response, cancellationToken);
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, json, cancellationToken) ?? throw NotThisApi(inner: null);
        }
        catch (JsonException e)
        {
            throw NotThisApi(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw BrokeOff(e);
        }
    }

    private async Task<ToolException> FaultOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ProblemDocument? problem = await ReadProblemAsync(response, cancellationToken);
        string status = $"{(int)response.StatusCode}";
        string explanation = problem?.Detail ?? problem?.Title ?? $"{http.BaseAddress} answered {status} {response.ReasonPhrase}.";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ToolException(
                ExitCodes.Unreachable, $"{http.BaseAddress} lets nobody in with this key ({status}). Set {TargetOptions.KeyVariable} or --key to a key whose name has the role for this in Roles__manage__…."),
            HttpStatusCode.NotFound when problem?.Code is null or "unknown-route" => new ToolException(
                ExitCodes.Fault, $"{http.BaseAddress} has no such route: is it this API, and not an older one?"),
            HttpStatusCode.NotFound => new ToolException(ExitCodes.NotFound, explanation) { Problem = problem },
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.UnprocessableEntity => new ToolException(ExitCodes.No, explanation) { Problem = problem },
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout => new ToolException(ExitCodes.Unreachable, explanation),
            >= HttpStatusCode.InternalServerError => new ToolException(ExitCodes.Fault, explanation),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => new ToolException(ExitCodes.Usage, Redirected(response)),
            _ => new ToolException(ExitCodes.Usage, explanation) { Problem = problem },
        };
    }

    private string Redirected(HttpResponseMessage response) => response.Headers.Location is { } location
        ? $"{http.BaseAddress} redirects to {new Uri(http.BaseAddress!, location).GetLeftPart(UriPartial.Authority)}. The key is not sent there; if that is your app, use that address."
        : $"{http.BaseAddress} answered with a redirect ({(int)response.StatusCode}).";

    private bool IsSameOrigin(Uri target) =>
        Uri.Compare(target, http.BaseAddress, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static async Task<ProblemDocument?> ReadProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), ToolJson.Readable.ProblemDocument);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            return null; // Not from this API: a proxy, or another program.
        }
    }

    private ToolException BrokeOff(Exception inner) => new(ExitCodes.Unreachable, $"The answer of {http.BaseAddress} broke off.", inner);

    private ToolException NotThisApi(Exception? inner) =>
        new(ExitCodes.Fault, $"{http.BaseAddress} answered something else than this API does.", inner);
}
