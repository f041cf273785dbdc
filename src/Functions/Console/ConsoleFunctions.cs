using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.Functions.Http;

namespace Serverless.Functions.Console;

/// <summary>
/// The console: a page without data, open to everybody. What it shows it asks the management routes for, with the key that its user types in,
/// so that nobody sees more through it than without it.
/// </summary>
public sealed class ConsoleFunctions
{
    [Function("GetConsole")]
    public Task<HttpResponseData> GetPageAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.Console)] HttpRequestData request,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!request.Url.AbsolutePath.EndsWith('/'))
        {
            return AnswerAsync(request, ConsoleFile.Find(ConsoleFile.Page)!, cancellationToken);
        }
        // The page names its files relative to an address that does not end so.
        HttpResponseData response = request.Empty(HttpStatusCode.PermanentRedirect);
        response.Headers.Add("Location", $"../{Routes.Console}");
        return Task.FromResult(response);
    }

    [Function("GetConsoleFile")]
    public async Task<HttpResponseData> GetFileAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.ConsoleFile)] HttpRequestData request,
        string file,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return file != ConsoleFile.Page && ConsoleFile.Find(file) is { } found
            ? await AnswerAsync(request, found, cancellationToken)
            : await request.ProblemAsync(new Problem(ProblemKind.UnknownRoute, "There is no file of this name."));
    }

    private static async Task<HttpResponseData> AnswerAsync(HttpRequestData request, ConsoleFile file, CancellationToken cancellationToken)
    {
        bool isUnchanged = request.IfNoneMatch(file.ETag);
        HttpResponseData response = request.Empty(isUnchanged ? HttpStatusCode.NotModified : HttpStatusCode.OK);
        response.Headers.Remove("Content-Security-Policy");
        response.Headers.Add("Content-Security-Policy", ConsoleFile.Policy);
        response.Headers.Add("ETag", file.ETag);
        response.Headers.Add("Cache-Control", "no-cache"); // Modules of two versions must not meet: ask before using it.
        if (!isUnchanged)
        {
            response.Headers.Add("Content-Type", file.ContentType);
            await response.Body.WriteAsync(file.Content, cancellationToken);
        }
        return response;
    }
}
