using Microsoft.Azure.Functions.Worker;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>Retries the parked streams that are due. While nothing is parked, a run is one query per consumer.</summary>
public sealed class RetryFunctions(ConsumerFeed feed, ParkedStreams parked)
{
    /// <summary>The setting with the schedule.</summary>
    public const string Setting = "RetrySchedule";

    [Function("RetryParkedStreams")]
    public async Task RetryAsync([TimerTrigger($"%{Setting}%")] TimerInfo timer, CancellationToken cancellationToken) =>
        // Each consumer to its end: a fault with one is thrown when all are done.
        await Task.WhenAll((await feed.FedAsync(cancellationToken)).Select(c => parked.RetryAllAsync(c, onlyDue: true, cancellationToken)));
}
