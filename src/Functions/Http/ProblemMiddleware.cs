using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Turns what HTTP functions throw into problem details that tell a client what to do and nothing about the inside. What other
/// functions throw passes: for a trigger, a throw is how it says that it is not done.
/// </summary>
internal sealed partial class ProblemMiddleware(IStoreFaults faults, ILogger<ProblemMiddleware> logger) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (await context.GetHttpRequestDataAsync() is not { } request)
        {
            await next(context);
            return;
        }
        try
        {
            await next(context);
        }
#pragma warning disable CA1031 // The edge of the system: whatever it is, the client gets an answer and the log gets the rest.
        catch (Exception e)
#pragma warning restore CA1031
        {
            context.GetInvocationResult().Value = await request.ProblemAsync(ProblemOf(e, request));
        }
    }

    private Problem ProblemOf(Exception exception, HttpRequestData request)
    {
        FunctionContext context = request.FunctionContext;
        string? commandId = context.Items.TryGetValue(StoreFault.CommandIdItem, out object? item) ? item as string : null;
        switch (exception)
        {
            case ProblemException e:
                return e.Problem;
            case VersionChangeException e:
                return new Problem(ProblemKind.VersionChangeRefused, e.Message);
            case OperationCanceledException when context.CancellationToken.IsCancellationRequested:
                return new Problem(ProblemKind.Stopping, $"The request ended before it was done. {StoreFault.Advice(commandId)}")
                {
                    CommandId = commandId,
                    RetryAfter = TimeSpan.FromSeconds(HttpLimits.RetryAfterSeconds),
                };
            default:
                if (StoreFault.ProblemOf(exception, commandId) is { } fault)
                {
                    LogUnavailable(logger, context.FunctionDefinition.Name, fault.Kind.Name, faults.Describe(exception), request.TraceId());
                    return fault;
                }
                LogFailed(logger, exception, context.FunctionDefinition.Name, request.TraceId());
                return Internal;
        }
    }

    private static Problem Internal { get; } =
        new(ProblemKind.InternalError, "It has been logged under this trace id. Sending the same again will most likely end the same.");

    [LoggerMessage(1201, LogLevel.Error, "{Function} failed, trace id {TraceId}")]
    private static partial void LogFailed(ILogger logger, Exception error, string function, string? traceId);

    [LoggerMessage(1202, LogLevel.Warning, "{Function} answered {Problem}: {Reason}, trace id {TraceId}")]
    private static partial void LogUnavailable(ILogger logger, string function, string problem, string reason, string? traceId);
}
