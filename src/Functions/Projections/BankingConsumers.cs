using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Functions.Projections;

/// <summary>
/// One change-feed function per projection and process, so that each has its own leases and none waits for another. The prefix of the leases is
/// the consumer's name and version: raising the version starts a new feed from the beginning.
/// </summary>
public sealed class BankingConsumers(ConsumerFeed feed)
{
    [Function("ProjectAccountStatement")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task AccountStatementAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "account-statement@1", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync("account-statement@1", items, cancellationToken);

    [Function("ProjectAccountSummary")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task AccountSummaryAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "account-summary@1", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync("account-summary@1", items, cancellationToken);

    [Function("ProjectBankTotals")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task BankTotalsAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "bank-totals@1", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync("bank-totals@1", items, cancellationToken);

    [Function("ProjectCustomerPortfolio")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task CustomerPortfolioAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "customer-portfolio@1", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync("customer-portfolio@1", items, cancellationToken);

    [Function("RunTransferProcess")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public Task TransferProcessAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, CommitFeed.Container, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = "transfer-process@1", CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken) =>
        feed.HandleAsync("transfer-process@1", items, cancellationToken);
}
