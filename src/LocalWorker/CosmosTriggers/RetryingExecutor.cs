using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.LocalWorker.Indexing;
using Serverless.LocalWorker.Invocation;

namespace Serverless.LocalWorker.CosmosTriggers;

/// <summary>
/// Runs a function for one batch under its retry policy, as the host does: without a policy there is one attempt, a finite policy
/// gives up in the end, and only a count of -1 goes on until the function succeeds or the host stops.
/// </summary>
internal sealed class RetryingExecutor(FunctionExecutor executor, TimeProvider time, ILogger<RetryingExecutor> logger)
{
    /// <summary>The last failure, or null if the function succeeded. Never throws: the caller's checkpoint depends on its own token alone.</summary>
    public async Task<Exception?> TryRunAsync(LocalFunction function, string batch, string reason, CancellationToken cancellationToken)
    {
        RetryDelays? delays = function.Retry is null ? null : RetryDelays.Of(function.Retry);
        string invocationId = Guid.NewGuid().ToString(); // All attempts at a batch share it.
        LocalTraceContext trace = LocalTraceContext.From(null, null);
        for (int attempt = 0; ; attempt++)
        {
            Exception? fault = await TryOnceAsync(function, batch, reason, invocationId, trace, attempt, cancellationToken);
            if (fault is null || delays is null)
            {
                return fault;
            }

            int limit = function.Retry!.MaxRetryCount;
            if (limit != -1 && attempt == limit)
            {
                logger.LogError("All {Retries} retries of '{Function}' have failed: the batch is skipped", attempt, function.Name);
                return fault;
            }

            TimeSpan delay = delays.Next();
            logger.LogInformation(
                "Waiting for {Delay} before retrying '{Function}'. Next attempt: {Attempt}. Max retry count: {Limit}",
                delay, function.Name, attempt + 1, limit);
            try
            {
                await Task.Delay(delay, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                logger.LogInformation("The host stops: '{Function}' is not retried here any more", function.Name);
                return fault;
            }
        }
    }

    private async Task<Exception?> TryOnceAsync(
        LocalFunction function, string batch, string reason, string invocationId, TraceContext trace, int attempt, CancellationToken cancellationToken)
    {
        LocalRetryContext? retry = function.Retry is null ? null : new LocalRetryContext(attempt, function.Retry.MaxRetryCount);
        await using LocalFunctionContext context = executor.CreateContext(function, invocationId, trace, retry, cancellationToken);
        context.Features.Set(new FunctionBindings { TriggerValue = batch });
        try
        {
            await executor.RunAsync(context, reason);
            return null;
        }
#pragma warning disable CA1031 // Whatever a function throws is a failed attempt, no more; the executor has logged it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return fault;
        }
    }
}
