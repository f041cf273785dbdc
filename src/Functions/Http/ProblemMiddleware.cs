using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Turns what HTTP functions throw into problem details that tell a client what to do and nothing about the inside. What other
/// functions throw passes: for a trigger, a throw is how it says that it is not done.
/// </summary>
internal sealed class ProblemMiddleware(ILogger<ProblemMiddleware> logger) : IFunctionsWorkerMiddleware
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
            context.GetInvocationResult().Value = await request.ProblemAsync(ProblemOf(e, context));
        }
    }

    private Problem ProblemOf(Exception exception, FunctionContext context)
    {
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
                return StoreFault.ProblemOf(exception, commandId) is { } fault ? Logged(fault, exception, context) : Logged(Internal, exception, context);
        }
    }

    private static Problem Internal { get; } =
        new(ProblemKind.InternalError, "It has been logged under this trace id. Sending the same again will most likely end the same.");

    private Problem Logged(Problem problem, Exception exception, FunctionContext context)
    {
        if (problem.Kind == ProblemKind.InternalError)
        {
            logger.LogError(exception, "{Function} failed", context.FunctionDefinition.Name);
        }
        else
        {
            logger.LogWarning(exception, "{Function} answered {Problem}", context.FunctionDefinition.Name, problem.Kind.Name);
        }
        return problem;
    }
}
