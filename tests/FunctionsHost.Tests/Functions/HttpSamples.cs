using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;

// These sources use nothing but the worker's API: they compile against the real packages too.
namespace Serverless.FunctionsHost.Tests.Functions;

/// <summary>Answers what it was bound to, as text.</summary>
public sealed class RouteSamples
{
    [Function("GetItem")]
    public async Task<HttpResponseData> GetItem(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{id}")] HttpRequestData request, string id) =>
        await Text(request, $"item {id}");

    [Function("PutItem")]
    public Task<HttpResponseData> PutItem(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "items/{id}")] HttpRequestData request, string id) =>
        Text(request, $"put {id}");

    [Function("Typed")]
    public Task<HttpResponseData> Typed(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "typed/{number:int}/{big}/{guid}/{flag}")] HttpRequestData request,
        int number, long big, Guid guid, bool flag) =>
        Text(request, $"{number} {big} {guid} {flag}");

    [Function("Optional")]
    public Task<HttpResponseData> Optional(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "optional/{name?}")] HttpRequestData request, string? name, int count = 3) =>
        Text(request, $"{name ?? "nobody"} {count}");

    [Function("Pattern")]
    public Task<HttpResponseData> Pattern(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "pattern/{code:regex(^[a-z]{{3}}$)}")] HttpRequestData request, string code) =>
        Text(request, code);

    [Function("NoRoute")]
    public static HttpResponseData NoRoute([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequestData request) =>
        request.CreateResponse(HttpStatusCode.Accepted);

    [Function("ZCatchAll")]
    public Task<HttpResponseData> CatchAll(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequestData request, string? path) =>
        Text(request, $"nothing at {path}", HttpStatusCode.NotFound);

    internal static async Task<HttpResponseData> Text(HttpRequestData request, string text, HttpStatusCode status = HttpStatusCode.OK)
    {
        HttpResponseData response = request.CreateResponse(status);
        response.Headers.Add("Content-Type", "text/plain; charset=utf-8");
        await response.WriteStringAsync(text);
        return response;
    }
}

public static class OneRoute
{
    [Function("One")]
    public static HttpResponseData One([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "one")] HttpRequestData request) =>
        request.CreateResponse(HttpStatusCode.OK);
}

/// <summary>Two routes that fit the same path: the name decides, not the template.</summary>
public static class HiddenRoute
{
    [Function("Details")]
    public static Task<HttpResponseData> Details(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "products/{id}")] HttpRequestData request, string id) =>
        RouteSamples.Text(request, $"details of {id}");

    [Function("List")]
    public static Task<HttpResponseData> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "products/list")] HttpRequestData request) =>
        RouteSamples.Text(request, "list");
}

public sealed record Person(string Name, int Age);

/// <summary>Reads requests and writes responses in every way that the API offers.</summary>
public static class DataSamples
{
    [Function("Echo")]
    public static async Task<HttpResponseData> Echo([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequestData request)
    {
        string first = await request.ReadAsStringAsync() ?? "";
        request.Body.Position = 0;
        string second = request.ReadAsString() ?? "";
        return await RouteSamples.Text(request, $"{first}|{second}");
    }

    [Function("Describe")]
    public static async Task<HttpResponseData> Describe([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post")] HttpRequestData request)
    {
        HttpResponseData response = request.CreateResponse();
        await response.WriteAsJsonAsync(new
        {
            request.Method,
            Url = request.Url.ToString(),
            Query = request.Query["q"],
            Cookies = request.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}"),
            Header = request.Headers.GetValues("X-Thing"),
            Names = request.Headers.Select(header => header.Key),
            ContentType = request.Headers.TryGetValues("Content-Type", out IEnumerable<string>? types) ? types.Single() : null,
            Identities = request.Identities.Count(),
        });
        return response;
    }

    [Function("People")]
    public static async Task<HttpResponseData> People([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequestData request)
    {
        Person? person = await request.ReadFromJsonAsync<Person>();
        HttpResponseData response = request.CreateResponse(HttpStatusCode.Created);
        await response.WriteAsJsonAsync(person, "application/vnd.person+json");
        return response;
    }

    [Function("Headers")]
    public static HttpResponseData Headers([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request)
    {
        HttpResponseData response = request.CreateResponse();
        response.Headers.Add("ETag", "\"7\"");
        response.Headers.Add("Content-Language", "en");
        response.Headers.Add("X-Many", ["a", "b"]);
        response.Cookies.Append("plain", "1");
        response.Cookies.Append(new HttpCookie("full", "a b") { Path = "/x", HttpOnly = true, Secure = true, MaxAge = 60, SameSite = SameSite.Strict });
        response.WriteBytes([1, 2, 3]);
        return response;
    }

    [Function("Nothing")]
    public static void Nothing([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
    }

    [Function("NothingLater")]
    public static Task NothingLater([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.CompletedTask;
    }
}

/// <summary>Fails in each way a function can.</summary>
public static class FailingSamples
{
    [Function("Throw")]
    public static HttpResponseData Throw([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        throw new InvalidOperationException("a secret of the function");
    }

    [Function("ThrowLater")]
    public static async Task<HttpResponseData> ThrowLater([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequestData request)
    {
        ArgumentNullException.ThrowIfNull(request);
        await Task.Yield();
        throw new InvalidOperationException("a secret of the function");
    }

    [Function("Number")]
    public static HttpResponseData Number(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "number/{number}")] HttpRequestData request, int number, FunctionContext context)
    {
        context.GetLogger("Number").LogInformation("Number {Number}", number);
        return request.CreateResponse();
    }
}
