using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Commands;

/// <summary>Answers what came of a command that was taken for later.</summary>
public sealed class CommandStatusFunctions(FrozenDictionary<string, IAggregateEndpoint> aggregates, Inbox inbox, RoleRules roles)
{
    [Function("GetCommandStatus")]
    public async Task<HttpResponseData> GetStatusAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = Routes.CommandStatus)] HttpRequestData request,
        string category,
        string id,
        string commandId,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IAggregateEndpoint aggregate = aggregates.Require(category);
        StreamName stream = RouteValues.RequireStream(category, id);
        InboxAnswer? answer = InboxCommand.IsId(commandId) ? await inbox.FindAsync(aggregate, stream, commandId, cancellationToken) : null;
        roles.CheckOutcome(request, category, answer?.Command);
        if (answer is null)
        {
            return await request.ProblemAsync(new Problem(
                ProblemKind.UnknownCommandId, $"{stream} was sent no command '{commandId}' for later, or its outcome is too old to be kept.")
            { Stream = stream });
        }
        HttpResponseData response = await request.JsonAsync(HttpStatusCode.OK, answer, ApiJson.Relaxed.InboxAnswer, cancellationToken);
        if (answer.DecidedAt is null)
        {
            response.Headers.Add("Retry-After", Inbox.RetryAfter);
        }
        return response;
    }
}
