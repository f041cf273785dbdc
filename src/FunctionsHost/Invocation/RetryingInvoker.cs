using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Invocation;

/// <summary>
/// Runs a function for one delivery of its trigger under its retry policy, as the host does: without a policy there is one attempt, a finite
/// policy gives up in the end, and only a count of -1 goes on until the function succeeds or the host stops.
/// </summary>
internal sealed class RetryingInvoker(FunctionInvoker invoker, TimeProvider time, ILogger<RetryingInvoker> logger)
{
    private const int Unlimited = -1;

    /// <summary>The last failure, or null if the function succeeded. Never throws: the caller's checkpoint depends on its own token alone.</summary>
    public async Task<Exception?> TryRunAsync(HostedFunction function, string delivered, string reason, CancellationToken cancellationToken)
    {
        RetryDelays? delays = function.Retry is null ? null : RetryDelays.Of(function.Retry);
        string invocationId = Guid.NewGuid().ToString(); // All attempts share it.
        TraceState trace = Tracing.Begin();
        for (int attempt = 0; ; attempt++)
        {
            InvocationRequest request = new() { InvocationId = invocationId, Trace = trace };
            request.Inputs.Add(new Input { Name = function.Trigger.Name, Data = new() { Text = delivered } });
            if (function.Retry is not null)
            {
                request.Retry = new() { Count = attempt, MaxCount = function.Retry.MaxCount };
            }
            Exception? fault = await TryOnceAsync(function, request, reason, cancellationToken);
            if (fault is null || delays is null)
            {
                return fault;
            }
            if (fault is FunctionTimeoutException)
            {
                invocationId = Guid.NewGuid().ToString(); // The abandoned attempt may still run, and the worker refuses an id that does.
            }
            int limit = function.Retry!.MaxCount;
            if (limit != Unlimited && attempt == limit)
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
        HostedFunction function, InvocationRequest request, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await invoker.RunAsync(function, request, reason, cancellationToken);
            return null;
        }
#pragma warning disable CA1031 // Whatever a function throws is a failed attempt, no more; the invoker has logged it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return fault;
        }
    }
}
