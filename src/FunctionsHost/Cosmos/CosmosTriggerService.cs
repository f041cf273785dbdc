using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Invocation;

namespace Serverless.FunctionsHost.Cosmos;

/// <summary>
/// Starts a listener for each Cosmos DB trigger. A trigger that can't be set up disables its function and no other; a listener that
/// can't start is tried again, after 2 seconds at first and every 2 minutes in the end.
/// </summary>
internal sealed class CosmosTriggerService(
    FunctionCatalog catalog,
    ITriggerCosmosClientFactory clients,
    RetryingInvoker invoker,
    IConfiguration configuration,
    IOptions<FunctionsHostOptions> options,
    TimeProvider time,
    ILogger<CosmosTriggerService> logger) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource stopping = new();
    private readonly List<(CosmosTriggerListener Listener, Task Retries)> listeners = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (HostedFunction function in catalog.Functions)
        {
            if (function.Trigger is FunctionTrigger.Cosmos cosmos && await TryIndexAsync(function, cosmos, cancellationToken) is { } trigger)
            {
                var listener = new CosmosTriggerListener(function, trigger, options.Value, invoker, logger);
                bool isStarted = await TryStartAsync(function, listener);
                listeners.Add((listener, isStarted ? Task.CompletedTask : RetryStartAsync(function, listener)));
            }
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAll(listeners.Select(async running =>
        {
            await running.Retries;
            await running.Listener.StopAsync();
        })).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        stopping.Dispose();
        listeners.ForEach(running => running.Listener.Dispose());
    }

    private async Task<CosmosTrigger?> TryIndexAsync(HostedFunction function, FunctionTrigger.Cosmos cosmos, CancellationToken cancellationToken)
    {
        try
        {
            var trigger = CosmosTrigger.Resolve(cosmos, configuration, clients);
            if (cosmos.CreateLeaseContainerIfNotExists)
            {
                await trigger.CreateLeaseContainerAsync(cancellationToken);
            }

            return trigger;
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.LogError(fault, "The '{Function}' function is in error and stays disabled: {Reason}", function.Name, fault.Message);
            return null;
        }
    }

    private async Task<bool> TryStartAsync(HostedFunction function, CosmosTriggerListener listener)
    {
        try
        {
            await listener.StartAsync();
            logger.LogDebug("Started the listener of '{Function}'", function.Name);
            return true;
        }
#pragma warning disable CA1031 // Whatever keeps one listener from starting must not keep the others: it is logged and tried again.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            logger.LogError(fault, "The listener of '{Function}' was unable to start: {Reason}", function.Name, fault.Message);
            return false;
        }
    }

    private async Task RetryStartAsync(HostedFunction function, CosmosTriggerListener listener)
    {
        var delays = new RetryDelays(FirstRetry, LongestRetry);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                await Task.Delay(delays.Next(), time, stopping.Token);
                if (await TryStartAsync(function, listener))
                {
                    logger.LogInformation("The listener of '{Function}' started after {Attempts} retries", function.Name, attempt);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; there is nothing to undo.
        }
    }
}
