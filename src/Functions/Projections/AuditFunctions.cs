using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>
/// Gives every commit to every consumer once more, after a grace time: what any of them missed, from whatever cause, is healed and
/// said in the log.
/// </summary>
public sealed partial class AuditFunctions(ConsumerFeed feed, Auditor auditor, ConsumerMonitor monitor, ILogger<AuditFunctions> logger)
{
    /// <summary>The prefix of its own leases.</summary>
    public const string Name = "auditor@1";

    [Function("AuditCommits")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public async Task AuditAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = Name, CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.SlowPollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        Delivery[] deliveries = CommitJson.ReadDeliveries(items);
        await monitor.WatchAsync(
            Name,
            deliveries,
            async () =>
            {
                foreach (AuditResult result in await auditor.AuditAsync(await feed.CurrentAsync(cancellationToken), deliveries, cancellationToken))
                {
                    monitor.Audited(result);
                    if (result.HealedEvents > 0)
                    {
                        LogHealed(logger, result.Consumer, result.HealedEvents);
                    }
                }
                return ProjectionResult.Nothing; // The events are counted at the consumers that got them.
            },
            cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "{Consumer} had missed {Events} events and has them now")]
    private static partial void LogHealed(ILogger logger, string consumer, int events);
}
