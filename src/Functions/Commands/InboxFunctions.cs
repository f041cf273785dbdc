using System.Numerics;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Projections;

namespace Serverless.Functions.Commands;

/// <summary>Executes the commands that were taken for later. Its return is the acknowledgement: see the runner.</summary>
public sealed partial class InboxFunctions(WatchedInbox runner, ConsumerMonitor monitor, ILogger<InboxFunctions> logger)
{
    /// <summary>The prefix of its leases.</summary>
    public const string Name = InboxOptions.FeedName;

    [Function("RunInbox")]
    [ExponentialBackoffRetry(CommitFeed.ForEver, CommitFeed.FirstDelay, CommitFeed.LongestDelay)]
    public async Task RunAsync(
        [CosmosDBTrigger(
            CommitFeed.Database, ContainerNames.Commands, Connection = CommitFeed.Connection, LeaseContainerName = CommitFeed.Leases,
            LeaseContainerPrefix = Name, CreateLeaseContainerIfNotExists = false, StartFromBeginning = true,
            MaxItemsPerInvocation = CommitFeed.MaxItems, FeedPollDelay = CommitFeed.PollDelay)] IReadOnlyList<JsonElement> items,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        InboxChange[] changes = [.. items.Select(InboxItem.ReadChange).OfType<InboxChange>()];
        if (changes.Length < items.Count)
        {
            LogStrange(logger, items.Count - changes.Length);
        }
        Delivery[] batch = [.. changes.Select(c => new Delivery(c.Stream.Value, FirstVersion: 0, Commit: null, Error: null))];
        try
        {
            await monitor.WatchAsync(Name, batch, () => HandleAsync(changes, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            int attempts = monitor.AttemptsOf(Name, batch);
            if (BitOperations.IsPow2(attempts))
            {
                LogRetried(logger, e, attempts, changes.Length);
            }
            throw;
        }
    }

    private async Task<ProjectionResult> HandleAsync(InboxChange[] changes, CancellationToken cancellationToken)
    {
        InboxResult result = await runner.HandleAsync(changes, cancellationToken);
        foreach (InboxFailure failure in result.Failures)
        {
            LogFailed(logger, failure.Error, failure.CommandId, failure.Stream.Value, failure.CorrelationId);
        }
        LogHandled(logger, changes.Length, result.Settled, result.StreamsLeft);
        return ProjectionResult.Nothing;
    }

    [LoggerMessage(LogLevel.Error, "The inbox failed {Attempts} times in a row to process a batch of {Changes} changes, and retries until it succeeds")]
    private static partial void LogRetried(ILogger logger, Exception error, int attempts, int changes);

    [LoggerMessage(LogLevel.Error, "{Count} documents in the inbox are no commands of a format known here, and were passed over")]
    private static partial void LogStrange(ILogger logger, int count);

    [LoggerMessage(LogLevel.Error, "Command {CommandId} for {Stream} failed, correlation {CorrelationId}")]
    private static partial void LogFailed(ILogger logger, Exception error, string commandId, string stream, string correlationId);

    [LoggerMessage(LogLevel.Debug, "The inbox took {Changes} changes: {Settled} commands settled, {Streams} streams have more waiting")]
    private static partial void LogHandled(ILogger logger, int changes, int settled, int streams);
}
