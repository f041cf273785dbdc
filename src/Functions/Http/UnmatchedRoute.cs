using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Answers what fits no other route, so that a wrong address or method gets problem details too, not the host's empty 404. Its
/// function has to be the last by name: the host tries routes in that order.
/// </summary>
public sealed class UnmatchedRoute(FrozenDictionary<string, IAggregateEndpoint> aggregates)
{
    [Function("UnmatchedRoute")]
    public Task<HttpResponseData> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, Route = Routes.Anything)] HttpRequestData request, string? path)
    {
        ArgumentNullException.ThrowIfNull(request);
        string[] segments = (path ?? "").Trim('/').Split('/');
        if (Routes.MethodsAt(segments, aggregates) is not { } allow)
        {
            return request.ProblemAsync(Unknown(segments));
        }
        if (request.Method != HttpMethod.Options.Method)
        {
            return request.ProblemAsync(Problem.Methods(request.Method, allow));
        }
        HttpResponseData response = request.Empty(HttpStatusCode.NoContent);
        response.Headers.Add("Allow", allow);
        return Task.FromResult(response);
    }

    private Problem Unknown(string[] segments)
    {
        if (segments.Length is 2 or 3 && StreamName.IsCategory(segments[0]) && !Routes.IsReserved(segments[0]))
        {
            IAggregateEndpoint aggregate = aggregates.Require(segments[0]);
            return Problem.UnknownCommand(aggregate, segments[^1]); // With two segments it would have been found.
        }
        return new Problem(
            ProblemKind.UnknownRoute, "There are {category}/{id}, {category}/{id}/events, {category}/{id}/{command}, {category}/{id}/commands/{commandId}, views and health.");
    }
}
