using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.History;

/// <summary>What would come of a command. Writes nothing. For operators.</summary>
public sealed class TrialFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates)
{
    /// <summary>
    /// Decides a command on the state of <c>?version=</c>, <c>?at=</c>, or now. A stream that does not exist, or did not then, is no fault here:
    /// that is the state a first command meets, and version 0 of every stream.
    /// </summary>
    [Function("ManageTry")]
    public async Task<HttpResponseData> TryAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Try)] HttpRequestData request,
        string stream,
        string command,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (IAggregateEndpoint aggregate, StreamName name) = aggregates.RequireStream(stream);
        StreamPoint point = request.Point(firstVersion: 0);
        ReadOnlyMemory<byte> body = await RequestBody.ReadJsonAsync(request, cancellationToken);
        if (RequestBody.FindSyntaxError(body.Span) is { } error)
        {
            return await request.ProblemAsync(new Problem(ProblemKind.MalformedJson, error.Message) { Errors = [error] });
        }
        Trial trial = await aggregate.History.TryAsync(name, point, command, body, cancellationToken);
        return trial switch
        {
            Trial.Unknown => await request.ProblemAsync(Problem.UnknownCommand(aggregate, command)),
            _ when point.Version is { } version && version > trial.Version => await request.ProblemAsync(HistoryQuery.Beyond(name, version, trial.Version)),
            Trial.Invalid invalid => await request.ProblemAsync(
                new Problem(ProblemKind.InvalidCommand, string.Join(" ", invalid.Errors.Select(e => $"{e.Path}: {e.Message}"))) { Errors = invalid.Errors }),
            _ => await request.JsonAsync(HttpStatusCode.OK, TrialAnswer.Of(trial), ApiJson.Relaxed.TrialAnswer, cancellationToken),
        };
    }
}
