using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>
/// Hands what a change feed delivered to one consumer. It returns when every document is processed or durably parked, and the lease
/// moves after that: the return is the acknowledgement. Faults of the store are thrown, which keeps the lease where it is.
/// </summary>
public sealed partial class ConsumerFeed(
    BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates, ConsumerRunner runner, ConsumerMonitor monitor,
    ILogger<ConsumerFeed> logger)
{
    private readonly FrozenDictionary<string, IConsumer> consumers = AllOf(context, aggregates).ToFrozenDictionary(c => c.FullName, StringComparer.Ordinal);

    /// <summary>Every consumer of a context: its projections and its processes.</summary>
    public static IEnumerable<IConsumer> AllOf(BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Projections.Concat<IConsumer>(context.Processes.Select(p => new ProcessConsumer(p, aggregates)));
    }

    public IReadOnlyList<IConsumer> Consumers => consumers.Values;

    /// <summary>Hands documents as stored to the consumer <c>name@version</c>.</summary>
    public async Task HandleAsync(string consumer, IReadOnlyList<JsonElement> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        Delivery[] deliveries = new Delivery[items.Count];
        for (int i = 0; i < deliveries.Length; i++)
        {
            deliveries[i] = CommitJson.ReadDelivery(items[i]);
        }
        await monitor.WatchAsync(
            consumer,
            deliveries,
            async () =>
            {
                ProjectionResult result = await runner.HandleAsync(consumers[consumer], deliveries, cancellationToken);
                LogHandled(logger, consumer, deliveries.Length, result.Events, result.LostRaces, result.RequestCharge);
                return result;
            },
            cancellationToken);
    }

    [LoggerMessage(LogLevel.Debug, "{Consumer} took {Commits} commits: {Events} new events, {LostRaces} lost races, {Charge} request units")]
    private static partial void LogHandled(ILogger logger, string consumer, int commits, int events, int lostRaces, double charge);
}
