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
    BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates, IFenceStore fences, ProcessStarts starts,
    DeliveredCommits delivered, WatchedConsumers runner, ConsumerMonitor monitor, VersionedProjections versions, TakeoverSignal takeovers,
    TimeProvider time, ILogger<ConsumerFeed> logger)
{
    private readonly FrozenDictionary<string, IConsumer> consumers =
        AllOf(context, aggregates, fences, starts).ToFrozenDictionary(c => c.FullName, StringComparer.Ordinal);

    /// <summary>Every consumer of a context: its projections and its processes.</summary>
    public static IEnumerable<IConsumer> AllOf(
        BoundedContext context, FrozenDictionary<string, IAggregateEndpoint> aggregates, IFenceStore fences, ProcessStarts starts)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Projections.Concat<IConsumer>(context.Processes.Select(p => new ProcessConsumer(p, aggregates, fences, starts)));
    }

    public IReadOnlyList<IConsumer> Consumers => consumers.Values;

    /// <summary>The consumers that have to be up to date: versions that serve or may have to, and processes.</summary>
    public Task<IReadOnlyList<IConsumer>> CurrentAsync(CancellationToken cancellationToken) =>
        WhereAsync(static s => s is VersionStatus.Serving or VersionStatus.Standby, cancellationToken);

    /// <summary>Every consumer but the versions that are retired.</summary>
    public Task<IReadOnlyList<IConsumer>> FedAsync(CancellationToken cancellationToken) =>
        WhereAsync(static s => s != VersionStatus.Retired, cancellationToken);

    /// <summary>Hands documents as stored to the consumer <c>name@version</c>.</summary>
    /// <exception cref="VersionPausedException">An operator holds this version; the batch is not acknowledged.</exception>
    public async Task HandleAsync(string consumer, IReadOnlyList<JsonElement> items, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (!consumers.TryGetValue(consumer, out IConsumer? known))
        {
            throw new InvalidOperationException($"There is no consumer '{consumer}'. There is: {string.Join(", ", consumers.Keys.Order(StringComparer.Ordinal))}.");
        }
        Delivery[] deliveries = CommitJson.ReadDeliveries(items);
        await monitor.WatchAsync(
            known.FullName,
            deliveries,
            async () =>
            {
                if (known is IProjection projection && !await IsFedAsync(projection, cancellationToken))
                {
                    return ProjectionResult.Nothing;
                }
                IReadOnlyList<Delivery> stored = await delivered.ConfirmAsync(deliveries, known.Categories, cancellationToken);
                long start = time.GetTimestamp();
                ProjectionResult result = await runner.HandleAsync(known, stored, cancellationToken);
                LogHandled(logger, consumer, Describe(deliveries), result.Events, result.LostRaces, (long)time.GetElapsedTime(start).TotalMilliseconds);
                return result;
            },
            cancellationToken);
    }

    private async Task<IReadOnlyList<IConsumer>> WhereAsync(Func<VersionStatus, bool> isWanted, CancellationToken cancellationToken)
    {
        List<IConsumer> wanted = [];
        foreach (IConsumer consumer in Consumers)
        {
            if (consumer is not IProjection projection || isWanted(await versions.StatusOfAsync(projection, cancellationToken)))
            {
                wanted.Add(consumer);
            }
        }
        return wanted;
    }

    private async Task<bool> IsFedAsync(IProjection projection, CancellationToken cancellationToken)
    {
        ProjectionVersion version = await versions.FindAsync(projection, cancellationToken);
        switch (version.Status)
        {
            case VersionStatus.Paused:
                throw new VersionPausedException(projection.FullName);
            case VersionStatus.Retired:
                return false; // Its feed runs on until its function is taken out, and does nothing.
            case VersionStatus.Building:
            case VersionStatus.Serving when version.CaughtUpAt is null:
                await versions.NoteStartAsync(projection, cancellationToken);
                takeovers.Raise();
                return true;
            default:
                return true;
        }
    }

    /// <summary>One commit is named; of more, their number is enough.</summary>
    private static string Describe(Delivery[] deliveries) =>
        deliveries is [{ Commit: { } only }] ? $"{only.Stream} version {only.LastVersion}" : $"{deliveries.Length} commits";

    [LoggerMessage(1401, LogLevel.Information, "{Consumer} took {Commits}: {Events} new events, {LostRaces} lost races, {Milliseconds} ms")]
    private static partial void LogHandled(ILogger logger, string consumer, string commits, int events, int lostRaces, long milliseconds);
}
