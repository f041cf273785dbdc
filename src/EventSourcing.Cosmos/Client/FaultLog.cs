using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>
/// Logs what Cosmos DB refuses after the client's own retries: one line per minute, operation, container, and status. The client's
/// diagnostics follow at <c>Debug</c>.
/// </summary>
internal sealed partial class FaultLog(ILogger<FaultLog> logger, TimeProvider time) : RequestHandler
{
    private readonly LogLimit limit = new(time, TimeSpan.FromMinutes(1));

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        ResponseMessage response = await base.SendAsync(request, cancellationToken);
        if (IsFault(response.StatusCode))
        {
            Log(request, response, time.GetElapsedTime(start));
        }
        return response;
    }

    private void Log(RequestMessage request, ResponseMessage response, TimeSpan elapsed)
    {
        string container = ContainerOf(request);
        _ = int.TryParse(response.Headers["x-ms-substatus"], out int subStatus);
        if (limit.TryTake($"{request.Method} {container} {response.StatusCode} {subStatus}", out string leftOut))
        {
            LogFault(logger, (int)response.StatusCode, subStatus, request.Method.Method, container, (long)elapsed.TotalMilliseconds, leftOut);
            LogDiagnostics(logger, response.Diagnostics?.ToString());
        }
    }

    // Conflicts, failed preconditions and missing items are answers.
    private static bool IsFault(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Gone
            or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError;

    private static string ContainerOf(RequestMessage request) =>
        request.RequestUri?.OriginalString.Trim('/').Split('/') is ["dbs", _, "colls", var container, ..] ? container : "the account";

    [LoggerMessage(1101, LogLevel.Warning, "Cosmos DB answered {Status}/{SubStatus} to {Method} on {Container} after {Milliseconds} ms{LeftOut}")]
    private static partial void LogFault(ILogger logger, int status, int subStatus, string method, string container, long milliseconds, string leftOut);

    [LoggerMessage(1102, LogLevel.Debug, "Diagnostics: {Diagnostics}")]
    private static partial void LogDiagnostics(ILogger logger, string? diagnostics);
}
