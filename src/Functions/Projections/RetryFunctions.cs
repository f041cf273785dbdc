using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Functions.Projections;

/// <summary>
/// The schedule of retries, run by the feed of the parked streams themselves: each record that is written, by a consumer that parks or
/// by a retry that failed, calls it. Nothing runs while nothing is parked.
/// </summary>
public sealed class RetryFunctions(ConsumerFeed feed, RetrySchedule schedule)
{
    /// <summary>The prefix of its own leases.</summary>
    public const string Name = "parked-retries@1";

    [Function("RetryParkedStreams")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public async Task RetryAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Parked, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = Name, CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.SlowPollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        HashSet<string?> changed = [.. items.Select(CosmosParkedStore.ConsumerOf)];
        // Records of a consumer that is no more, such as an old version of a view, wait for nobody.
        IReadOnlyList<IConsumer> fed = await feed.FedAsync(cancellationToken);
        await Task.WhenAll(fed.Where(c => changed.Contains(c.FullName)).Select(c => schedule.RunAsync(c, cancellationToken)));
    }
}
