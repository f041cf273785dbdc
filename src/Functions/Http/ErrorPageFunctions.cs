using System.Net;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.Functions.Http;

/// <summary>
/// What the <c>type</c> of a problem leads to: the pages of <c>docs/errors</c>, which are part of the assembly. They tell nothing about this
/// system, so they need no key.
/// </summary>
public sealed class ErrorPageFunctions
{
    private const string Folder = "errors/";

    [Function("GetErrorPage")]
    public async Task<HttpResponseData> GetAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Routes.ErrorPage)] HttpRequestData request,
        string problem,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using Stream? page = Find(problem);
        if (page is null)
        {
            return await request.ProblemAsync(new Problem(ProblemKind.UnknownRoute, "There is no problem of this name."));
        }
        HttpResponseData response = request.Empty(HttpStatusCode.OK);
        response.Headers.Add("Content-Type", "text/markdown; charset=utf-8");
        response.Headers.Add("Cache-Control", "public, max-age=3600");
        await page.CopyToAsync(response.Body, cancellationToken);
        return response;
    }

    internal static Stream? Find(string problem) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Folder}{problem}.md");
}
