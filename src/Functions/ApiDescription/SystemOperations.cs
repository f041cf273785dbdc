using System.Text.Json.Nodes;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>What needs no key: health, and what describes this API.</summary>
internal static class SystemOperations
{
    public static IEnumerable<ApiOperation> All(SchemaSet schemas) =>
    [
        Get(Routes.Health, "getHealth", "Whether this instance reaches its store.") with
        {
            Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.HealthAnswer, SchemaUse.Written))],
            Problems = [ProblemKind.Unhealthy],
        },
        Get(Routes.HealthLive, "getHealthLive", "Whether this instance runs. Asks nothing of the store.") with
        {
            Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.HealthAnswer, SchemaUse.Written))],
        },
        Get(Routes.HealthReady, "getHealthReady", "Whether this instance reaches its store and every consumer keeps up. One that is stuck, has stopped, or is five minutes behind answers 503.") with
        {
            Answers = [ApiAnswer.Ok(schemas.Add(ApiJson.Relaxed.HealthAnswer, SchemaUse.Written))],
            Problems = [ProblemKind.Unhealthy],
        },
        Get(Routes.ApiDescription, "getApiDescription", "This document.") with
        {
            Answers = [ApiAnswer.Ok(new JsonObject { ["type"] = "object" }, ApiHeaders.ETag), ApiAnswer.NotModified],
            Parameters = [ApiParameters.IfNoneMatch],
        },
        Get(Routes.ApiPage, "getApiPage", "This document as a page to read and to try.") with
        {
            Answers = [Page("text/html", "The page."), new ApiAnswer(308, "The same without a slash at the end.", Schema: null, ApiHeaders.Location)],
        },
        Get(Routes.ApiPageFile, "getApiPageFile", "A file of that page.") with
        {
            Answers = [Page("*/*", "The file.", "Content-Encoding")],
            Problems = [ProblemKind.UnknownRoute],
        },
        Get(Routes.Console, "getConsole", "The console: a page without data, which asks the operators' routes for it.") with
        {
            Answers = [Page("text/html", "The page.", ApiHeaders.ETag), ApiAnswer.NotModified with { Headers = [ApiHeaders.ETag] }, new ApiAnswer(308, "The same without a slash at the end.", Schema: null, ApiHeaders.Location)],
            Parameters = [ApiParameters.IfNoneMatch],
        },
        Get(Routes.ConsoleFile, "getConsoleFile", "A file of that page.") with
        {
            Answers = [Page("*/*", "The file.", ApiHeaders.ETag), ApiAnswer.NotModified with { Headers = [ApiHeaders.ETag] }],
            Parameters = [ApiParameters.IfNoneMatch],
            Problems = [ProblemKind.UnknownRoute],
        },
        Get(Routes.ErrorPage, "getErrorPage", "What the type of a problem leads to.") with
        {
            Answers = [Page("text/markdown", "The page.")],
            Problems = [ProblemKind.UnknownRoute],
        },
    ];

    private static ApiOperation Get(string route, string id, string summary) =>
        new("get", "/" + route, id, ApiTags.Service, ApiAccess.Anonymous, summary) { Answers = [] };

    private static ApiAnswer Page(string mediaType, string description, params string[] headers) =>
        new(200, description, new JsonObject { ["type"] = "string" }, ["Cache-Control", .. headers]) { MediaType = mediaType };
}
