using System.Diagnostics;
using System.Globalization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.LocalWorker.Hosting;
using Serverless.LocalWorker.Indexing;

namespace Serverless.LocalWorker.Invocation;

/// <summary>Runs one invocation: middleware in the order it was added, then the function, within the time that host.json allows.</summary>
internal sealed partial class FunctionExecutor(
    IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware,
    HostJson host,
    IServiceScopeFactory scopes,
    ILoggerFactory loggers,
    TimeProvider time)
{
    // The name under which the real worker reports, so that the same telemetry set-up works with both.
    private static readonly ActivitySource Source = new("Microsoft.Azure.Functions.Worker");

    // The real host kills a worker that ignores its token this long after the timeout.
    private static readonly TimeSpan TimeoutGrace = TimeSpan.FromSeconds(2);

    private readonly FunctionExecutionDelegate pipeline =
        middleware.Reverse().Aggregate((FunctionExecutionDelegate)RunFunctionAsync, (next, step) => step(next));

    public LocalFunctionContext CreateContext(
        LocalFunction function, string invocationId, TraceContext trace, RetryContext? retry, CancellationToken cancellationToken) =>
        new(function, invocationId, trace, retry, scopes, cancellationToken);

    /// <summary>Throws what the function or its middleware threw, after logging it.</summary>
    public async Task RunAsync(LocalFunctionContext context, string reason)
    {
        ILogger logger = loggers.CreateLogger($"Function.{context.Function.Name}");
        using IDisposable? scope = logger.BeginScope(new Dictionary<string, object>
        {
            ["FunctionName"] = context.Function.Name,
            ["InvocationId"] = context.InvocationId,
        });
        Activity.Current = null; // Code in Azure runs in another process than the server: it sees no span of the server's.
        using Activity? activity = Source.StartActivity(context.Function.Name, ActivityKind.Server, context.TraceContext.TraceParent);
        long start = time.GetTimestamp();
        LogExecuting(logger, context.Function.Name, reason, context.InvocationId);
        try
        {
            await RunInTimeAsync(context);
            LogSucceeded(logger, context.Function.Name, context.InvocationId, Elapsed(start));
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            LogCancelled(logger, context.Function.Name, context.InvocationId, Elapsed(start)); // Not a failure: nobody waits for it any more.
            throw;
        }
        catch (Exception fault)
        {
            activity?.SetStatus(ActivityStatusCode.Error, fault.Message);
            LogFailed(logger, fault, context.Function.Name, context.InvocationId, Elapsed(start));
            throw;
        }
    }

    private static async Task RunFunctionAsync(FunctionContext context)
    {
        var local = (LocalFunctionContext)context;
        object?[] arguments = await ParameterBinder.BindAsync(local);
        FunctionBindings.Of(context).Result = await local.Function.Code.InvokeAsync(context.InstanceServices, arguments);
    }

    private async Task RunInTimeAsync(LocalFunctionContext context)
    {
        Task run = pipeline(context);
        if (run.IsCompleted || host.FunctionTimeout is not { } limit)
        {
            await run;
            return;
        }

        await run.WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (run.IsCompleted)
        {
            await run;
            return;
        }

        await context.CancelAsync();
        await run.WaitAsync(TimeoutGrace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!run.IsCompleted)
        {
            context.Abandon();
        }

        throw new FunctionTimeoutException(context.Function.Name, context.InvocationId, limit);
    }

    private string Elapsed(long start) => time.GetElapsedTime(start).TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);

    [LoggerMessage(1, LogLevel.Information, "Executing 'Functions.{Function}' (Reason='{Reason}', Id={Id})")]
    private static partial void LogExecuting(ILogger logger, string function, string reason, string id);

    [LoggerMessage(2, LogLevel.Information, "Executed 'Functions.{Function}' (Succeeded, Id={Id}, Duration={Duration}ms)")]
    private static partial void LogSucceeded(ILogger logger, string function, string id, string duration);

    [LoggerMessage(4, LogLevel.Information, "Executed 'Functions.{Function}' (Cancelled, Id={Id}, Duration={Duration}ms)")]
    private static partial void LogCancelled(ILogger logger, string function, string id, string duration);

    [LoggerMessage(3, LogLevel.Error, "Executed 'Functions.{Function}' (Failed, Id={Id}, Duration={Duration}ms)")]
    private static partial void LogFailed(ILogger logger, Exception fault, string function, string id, string duration);
}
