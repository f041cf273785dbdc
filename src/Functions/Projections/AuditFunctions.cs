using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>
/// Gives every commit to every consumer once more, after a grace time: what any of them missed, from whatever cause, is healed and
/// said in the log.
/// </summary>
public sealed partial class AuditFunctions(
    ConsumerFeed feed, DeliveredCommits delivered, Auditor auditor, ConsumerMonitor monitor, ConsumerOptions options, TimeProvider time, ILogger<AuditFunctions> logger)
{
    /// <summary>The prefix of its own leases.</summary>
    public const string Name = Auditor.Name;

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
                await WaitAsync(deliveries, cancellationToken);
                IReadOnlyList<IConsumer> consumers = await feed.CurrentAsync(cancellationToken);
                HashSet<string> categories = [.. consumers.SelectMany(c => c.Categories)];
                IReadOnlyList<Delivery> stored = await delivered.ConfirmAsync(deliveries, categories, cancellationToken);
                foreach (AuditResult result in await auditor.AuditAsync(consumers, stored, cancellationToken))
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

    /// <summary>Until the newest is older than the grace time; a clock that runs ahead on another machine holds it no longer than that.</summary>
    private Task WaitAsync(IEnumerable<Delivery> deliveries, CancellationToken cancellationToken)
    {
        DateTimeOffset newest = deliveries.Max(d => d.Commit?.Metadata.Timestamp) ?? DateTimeOffset.MinValue;
        TimeSpan wait = newest + options.AuditGrace - time.GetUtcNow();
        return wait <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(wait < options.AuditGrace ? wait : options.AuditGrace, time, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "{Consumer} had missed {Events} events and has them now")]
    private static partial void LogHealed(ILogger logger, string consumer, int events);
}
