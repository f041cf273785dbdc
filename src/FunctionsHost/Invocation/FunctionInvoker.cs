using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Invocation;

/// <summary>Has the worker run one invocation, within the time that host.json allows.</summary>
internal sealed partial class FunctionInvoker(RunningWorker worker, HostJson host, ILoggerFactory loggers, TimeProvider time)
{
    // The real host kills a worker that ignores its token this long after the timeout.
    private static readonly TimeSpan TimeoutGrace = TimeSpan.FromSeconds(2);

    // The worker handles messages in any order, so a cancel can overtake its request, and is lost then.
    private static readonly TimeSpan CancelInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>What the function returned. Everything else is thrown, after it has been logged.</summary>
    /// <exception cref="FunctionFailedException">The function threw.</exception>
    /// <exception cref="FunctionTimeoutException">It took longer than host.json allows.</exception>
    /// <exception cref="WorkerLostException">The worker ended meanwhile.</exception>
    public async Task<Data?> RunAsync(HostedFunction function, InvocationRequest request, string reason, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger($"Function.{function.Name}");
        using IDisposable? scope = logger.BeginScope(new Dictionary<string, object>
        {
            ["FunctionName"] = function.Name,
            ["InvocationId"] = request.InvocationId,
        });
        long start = time.GetTimestamp();
        LogExecuting(logger, function.Name, reason, request.InvocationId);
        try
        {
            request.FunctionId = function.Id;
            WorkerChannel channel = await worker.GetAsync(cancellationToken);
            InvocationAnswer answer = await RunInTimeAsync(channel, function, request, cancellationToken);
            if (answer.Outcome?.Status == Outcome.Types.Status.Success)
            {
                LogSucceeded(logger, function.Name, request.InvocationId, Elapsed(start));
                return answer.ReturnValue;
            }
            cancellationToken.ThrowIfCancellationRequested(); // By our own token: what the worker calls it depends on how deep the exception is.
            throw FunctionFailedException.From(answer.Outcome?.Fault);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogCancelled(logger, function.Name, request.InvocationId, Elapsed(start)); // Not a failure: nobody waits for it any more.
            throw;
        }
        catch (Exception fault)
        {
            LogFailed(logger, fault, function.Name, request.InvocationId, Elapsed(start));
            throw;
        }
    }

    private async Task<InvocationAnswer> RunInTimeAsync(
        WorkerChannel channel, HostedFunction function, InvocationRequest request, CancellationToken cancellationToken)
    {
        Task<StreamMessage> answer = channel.AskAsync(new() { InvocationRequest = request });
        using CancellationTokenRegistration cancel = cancellationToken.Register(() => _ = CancelAsync(channel, request.InvocationId, answer));
        if (host.FunctionTimeout is { } limit && await Task.WhenAny(answer, Task.Delay(limit, time, CancellationToken.None)) != answer)
        {
            _ = CancelAsync(channel, request.InvocationId, answer);
            await Task.WhenAny(answer, Task.Delay(TimeoutGrace, time, CancellationToken.None));
            if (!answer.IsCompleted)
            {
                worker.Kill?.Invoke();
            }
            throw new FunctionTimeoutException(function.Name, request.InvocationId, limit);
        }
        return (await answer).InvocationAnswer ?? throw new UnreachableException("The worker answered an invocation with something else.");
    }

    private static async Task CancelAsync(WorkerChannel channel, string invocationId, Task answer)
    {
        while (!answer.IsCompleted)
        {
            channel.Tell(new() { Cancel = new() { InvocationId = invocationId } });
            await Task.WhenAny(answer, Task.Delay(CancelInterval, CancellationToken.None));
        }
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
