using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>The description as a page to read and to try. Everything that it loads is in the assembly and comes from here.</summary>
public sealed class ApiPageFunctions
{
    private const string ContentPolicy = "Content-Security-Policy";

    [Function("GetApiPage")]
    public Task<HttpResponseData> GetPageAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.ApiPage)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Url.AbsolutePath.EndsWith('/'))
        {
            return AnswerAsync(request, ApiPageFile.Page, cancellationToken);
        }
        // The page names its files relative to an address that does not end so.
        HttpResponseData response = request.Empty(HttpStatusCode.PermanentRedirect);
        response.Headers.Add("Location", $"../{Routes.ApiPage}");
        return Task.FromResult(response);
    }

    [Function("GetApiPageFile")]
    public async Task<HttpResponseData> GetFileAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.ApiPageFile)] HttpRequestData request,
        string file,
        CancellationToken cancellationToken) =>
        ApiPageFile.Find(file) is { } found
            ? await AnswerAsync(request, found, cancellationToken)
            : await request.ProblemAsync(new Problem(ProblemKind.UnknownRoute, "There is no file of this name."));

    private static async Task<HttpResponseData> AnswerAsync(HttpRequestData request, ApiPageFile file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        HttpResponseData response = request.Empty(HttpStatusCode.OK);
        // Only what this page needs, and only from here; it sends requests to this API and nowhere else.
        response.Headers.Remove(ContentPolicy);
        response.Headers.Add(ContentPolicy, ApiPageFile.Policy);
        response.Headers.Add("Content-Type", file.ContentType);
        response.Headers.Add("Cache-Control", "public, max-age=3600");
        await using Stream content = file.Open();
        if (file.IsPacked)
        {
            response.Headers.Add("Content-Encoding", "gzip");
        }
        await content.CopyToAsync(response.Body, cancellationToken);
        return response;
    }
}
