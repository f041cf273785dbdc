using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Projections;

/// <summary>
/// One change-feed function per projection and process, so that each has its own leases and none waits for another. The prefix of the leases is
/// the consumer's name and version: raising the version starts a new feed from the beginning.
/// </summary>
public sealed class WorkshopConsumers(ConsumerFeed feed)
{
    [Function("ProjectWidgetSummary")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task WidgetSummaryAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "widget-summary@1", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync("widget-summary@1", items, cancellationToken);
}
