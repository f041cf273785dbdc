using System.Collections.Frozen;
using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Commands;

/// <summary>Runs commands. All aggregates come through here: what they are called and what they take is in their registration.</summary>
public sealed partial class CommandFunctions(
    FrozenDictionary<string, IAggregateEndpoint> aggregates, IEventStore store, Inbox inbox, Caller caller, RoleRules roles, TimeProvider time,
    ILogger<CommandFunctions> logger)
{
    [Function("ExecuteCommand")]
    public async Task<HttpResponseData> ExecuteAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = Routes.Command)] HttpRequestData request,
        string category,
        string id,
        string command,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        IAggregateEndpoint aggregate = aggregates.Require(category);
        if (!aggregate.HasCommand(command))
        {
            return await request.ProblemAsync(Unknown(request, aggregate, command));
        }
        roles.Check(request, category, command);
        StreamName stream = RouteValues.RequireStream(category, id);
        string? idempotencyKey = request.IdempotencyKey();
        string? correlationId = request.CorrelationId();
        ExpectedVersion expected = request.ExpectedVersion();
        ReadOnlyMemory<byte> body = await RequestBody.ReadJsonAsync(request, cancellationToken);
        if (expected.MustExist && (await store.ReadHeadAsync(stream, cancellationToken)).Version == 0)
        {
            return await request.ProblemAsync(new Problem(
                ProblemKind.PreconditionFailed, $"{stream} does not exist.")
            { Stream = stream, Version = 0 });
        }
        (string actor, string? actorName) = caller.Of(request);
        CommandContext context = new()
        {
            CommandId = idempotencyKey ?? Guid.NewGuid().ToString("N"),
            MayBeRepeated = idempotencyKey is not null,
            ExpectedVersion = expected.Version,
            Actor = actor,
            ActorName = actorName,
            CorrelationId = correlationId,
            TraceParent = request.FunctionContext.TraceContext.TraceParent,
        };
        request.FunctionContext.Items[StoreFault.CommandIdItem] = context.CommandId; // Should no answer come, the client can ask again under it.
        HttpResponseData response = Inbox.IsPreferred(request)
            ? await inbox.TakeAsync(request, aggregate, stream, command, body, context, cancellationToken)
            : await ExecuteAsync(request, aggregate, stream, command, body, context, cancellationToken);
        if (idempotencyKey is not null)
        {
            response.Headers.Add("Idempotency-Key", request.Header("Idempotency-Key"));
        }
        response.Headers.Add("X-Correlation-Id", correlationId ?? context.CommandId);
        return response;
    }

    private async Task<HttpResponseData> ExecuteAsync(
        HttpRequestData request, IAggregateEndpoint aggregate, StreamName stream, string command, ReadOnlyMemory<byte> body,
        CommandContext context, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        CommandOutcome outcome = await aggregate.ExecuteAsync(stream, command, body, context, cancellationToken);
        Log(command, outcome, (long)time.GetElapsedTime(start).TotalMilliseconds);
        return outcome is CommandOutcome.Accepted accepted
            ? await AcceptedAsync(request, accepted, context, cancellationToken)
            : await request.ProblemAsync(CommandProblems.Of(outcome, body.Span));
    }

    private void Log(string command, CommandOutcome outcome, long milliseconds)
    {
        string name = outcome is CommandOutcome.Rejected rejected ? $"rejected, {rejected.Reason.Code}" : outcome.Name;
        if (outcome is CommandOutcome.Contended contended)
        {
            LogContended(logger, outcome.Stream.Value, command, contended.Attempts, milliseconds);
        }
        else if (outcome.StreamVersion is { } version)
        {
            LogDecided(logger, outcome.Stream.Value, command, name, version, milliseconds);
        }
        else
        {
            LogEnded(logger, outcome.Stream.Value, command, name, milliseconds);
        }
    }

    private static async Task<HttpResponseData> AcceptedAsync(
        HttpRequestData request, CommandOutcome.Accepted accepted, CommandContext context, CancellationToken cancellationToken)
    {
        // The same answer for a repetition: who lost the first one must not be told another story.
        HttpStatusCode status = accepted.Commit?.FirstVersion == 1 ? HttpStatusCode.Created : HttpStatusCode.OK;
        HttpResponseData response = await request.JsonAsync(
            status, CommandAnswer.Of(accepted, context), ApiJson.Relaxed.CommandAnswer, cancellationToken);
        response.Headers.Add("ETag", $"\"{accepted.Version}\"");
        response.Headers.Add("Location", ParentOf(request.Url.AbsolutePath));
        response.AddRequestCharge(accepted.RequestCharge);
        return response;
    }

    private static Problem Unknown(HttpRequestData request, IAggregateEndpoint aggregate, string command) =>
        string.Equals(command, "events", StringComparison.OrdinalIgnoreCase)
            ? Problem.Methods(request.Method, Routes.Get)
            : Problem.UnknownCommand(aggregate, command);

    // The stream's own address, whatever prefix and proxies are in front of it.
    private static string ParentOf(string path) => path[..path.TrimEnd('/').LastIndexOf('/')];

    [LoggerMessage(1301, LogLevel.Information, "{Stream} {Command}: {Outcome}, version {Version}, {Milliseconds} ms")]
    private static partial void LogDecided(ILogger logger, string stream, string command, string outcome, long version, long milliseconds);

    [LoggerMessage(1302, LogLevel.Warning, "{Stream} {Command}: lost {Attempts} races in a row, {Milliseconds} ms")]
    private static partial void LogContended(ILogger logger, string stream, string command, int attempts, long milliseconds);

    [LoggerMessage(1303, LogLevel.Information, "{Stream} {Command}: {Outcome}, {Milliseconds} ms")]
    private static partial void LogEnded(ILogger logger, string stream, string command, string outcome, long milliseconds);
}
