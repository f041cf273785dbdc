using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Serverless.Functions.Projections;

/// <summary>
/// Feeds whichever version of a projection the setting <c>NextProjection</c> names, such as <c>account-summary@2</c>, beside the one that
/// serves. Changing the setting is all it takes to start a replay from the beginning. Disabled while there is nothing to build.
/// </summary>
public sealed class NextVersionFunctions(ConsumerFeed feed, IConfiguration configuration)
{
    /// <summary>The setting with the name and version; also the prefix of the leases, which is why a new name starts from the beginning.</summary>
    public const string Setting = "NextProjection";

    /// <summary>What the setting says when nothing is to be built; a trigger can't do without.</summary>
    public const string Nothing = "none";

    [Function("ProjectNextVersion")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task ProjectAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "%" + Setting + "%", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync(configuration[Setting] ?? Nothing, items, cancellationToken);
}
