using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Invocation;

namespace Serverless.FunctionsHost.Cosmos;

/// <summary>
/// Feeds one function from the SDK's change feed processor. The processor moves the lease when the handler returns, and the handler
/// returns whether or not the function succeeded: that is the real listener, and the reason why functions need a retry policy.
/// </summary>
internal sealed class CosmosTriggerListener(
    HostedFunction function, CosmosTrigger trigger, FunctionsHostOptions options, RetryingInvoker invoker, ILogger logger) : IDisposable
{
    // The processor's own times: a lease expires after 60 s, is renewed every 17 s, and free ones are looked for every 13 s.
    private const double RenewalsPerExpiration = 60.0 / 17;
    private const double AcquisitionsPerExpiration = 60.0 / 13;

    private readonly CancellationTokenSource stopping = new();
    private ChangeFeedProcessor? processor;

    public async Task StartAsync()
    {
        ChangeFeedProcessor candidate = Build();
        try
        {
            await candidate.StartAsync();
        }
        catch (CosmosException fault) when (fault.StatusCode == HttpStatusCode.NotFound)
        {
            throw new InvalidOperationException(
                $"Either the monitored container '{trigger.Monitored.Id}' (database '{trigger.Monitored.Database.Id}') or the lease container "
                + $"'{trigger.Leases.Id}' (database '{trigger.Leases.Database.Id}') does not exist. Both must exist before the listener starts.", fault);
        }

        processor = candidate;
    }

    public async Task StopAsync()
    {
        // First the function, then the processor, which waits for its handler and releases its leases.
        await stopping.CancelAsync();
        if (processor is not null)
        {
            await processor.StopAsync();
        }
    }

    public void Dispose() => stopping.Dispose();

    private ChangeFeedProcessor Build()
    {
        ChangeFeedProcessorBuilder builder = trigger.Monitored.GetChangeFeedProcessorBuilder(trigger.ProcessorName, HandleAsync)
            .WithInstanceName(Guid.NewGuid().ToString())
            .WithLeaseContainer(trigger.Leases)
            .WithErrorNotification(LogErrorAsync)
            .WithLeaseAcquireNotification(lease => LogLeaseAsync(lease, "acquired"))
            .WithLeaseReleaseNotification(lease => LogLeaseAsync(lease, "released"))
            .WithLeaseConfiguration(
                options.LeaseExpiration / AcquisitionsPerExpiration ?? Interval(trigger.Binding.LeaseAcquireInterval),
                options.LeaseExpiration ?? Interval(trigger.Binding.LeaseExpirationInterval),
                options.LeaseExpiration / RenewalsPerExpiration ?? Interval(trigger.Binding.LeaseRenewInterval));
        if (trigger.Binding.MaxItemsPerInvocation > 0)
        {
            builder.WithMaxItems(trigger.Binding.MaxItemsPerInvocation);
        }

        if (trigger.StartTime is { } start)
        {
            builder.WithStartTime(start);
        }

        if ((options.FeedPollDelay ?? Interval(trigger.Binding.FeedPollDelay)) is { } poll)
        {
            builder.WithPollInterval(poll);
        }

        return builder.Build();
    }

    private static TimeSpan? Interval(int milliseconds) => milliseconds > 0 ? TimeSpan.FromMilliseconds(milliseconds) : null;

    // The processor's own token, which fires when a lease is lost, is not passed on: the real listener does not either, so two hosts
    // can work on one batch, and functions have to bear it.
    private async Task HandleAsync(ChangeFeedProcessorContext context, Stream page, CancellationToken cancellationToken)
    {
        (string batch, int count) = DeliveredDocuments.Read(page);
        if (count == 0)
        {
            return;
        }

        if (await invoker.TryRunAsync(function, batch, $"New changes on container {trigger.Monitored.Id}", stopping.Token) is { } fault
            && !stopping.IsCancellationRequested)
        {
            logger.LogWarning(fault, "Lease {Lease}: '{Function}' failed on {Count} changes", context.LeaseToken, function.Name, count);
        }

        // Throwing is what keeps the processor from moving the lease, and only a stopping host does so.
        stopping.Token.ThrowIfCancellationRequested();
    }

    private Task LogErrorAsync(string lease, Exception fault)
    {
        switch (fault)
        {
            case ChangeFeedProcessorUserException { InnerException: OperationCanceledException }:
                break;
            case CosmosException { StatusCode: HttpStatusCode.PreconditionFailed }:
                logger.LogInformation("Lease {Lease} of '{Function}' is another host's now", lease, function.Name);
                break;
            case CosmosException { StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.ServiceUnavailable }:
                logger.LogWarning(fault, "Lease {Lease} of '{Function}' has trouble to reach the database", lease, function.Name);
                break;
            default:
                logger.LogError(fault, "Lease {Lease} of '{Function}' met an error", lease, function.Name);
                break;
        }

        return Task.CompletedTask;
    }

    private Task LogLeaseAsync(string lease, string change)
    {
        logger.LogDebug("Lease {Lease} of '{Function}' was {Change}", lease, function.Name, change);
        return Task.CompletedTask;
    }
}
