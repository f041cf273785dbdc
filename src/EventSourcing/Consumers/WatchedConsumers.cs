using System.Collections.Concurrent;

namespace Serverless.EventSourcing;

/// <summary>
/// Feeds consumers as <see cref="ConsumerRunner"/> does, and survives code that kills the process: such a stream is parked after some
/// restarts, and from then on its commits are put behind that record without being handled.
/// </summary>
public sealed class WatchedConsumers(ConsumerRunner runner, IParkedStore parked, CrashWatch watch)
{
    private const int RecordsPerPage = 100;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> deadly = new(StringComparer.Ordinal);

    /// <summary>When it returns, every delivery is processed or durably parked.</summary>
    public async Task<ProjectionResult> HandleAsync(IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(deliveries);
        IReadOnlyList<Delivery> left = await WithoutDeadlyAsync(consumer, deliveries, cancellationToken);
        return ProjectionResult.Sum(await watch.RunAsync(
            consumer.FullName,
            deliveries.Count == 0 ? "" : PendingCommit.PlaceOf(deliveries[0].Stream, deliveries[0].FirstVersion),
            left,
            d => d.Stream,
            batch => runner.HandleAsync(consumer, batch, cancellationToken),
            (stream, deaths) => GiveUpAsync(consumer, stream, deaths, cancellationToken),
            cancellationToken));
    }

    /// <summary>The same for what is mostly done already, without a note of it.</summary>
    internal async Task<ProjectionResult> AuditAsync(IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        await runner.HandleAsync(
            consumer, await WithoutDeadlyAsync(consumer, deliveries, cancellationToken), believes: false, cancellationToken);

    private async Task<ProjectionResult> GiveUpAsync(IConsumer consumer, IReadOnlyList<Delivery> stream, int deaths, CancellationToken cancellationToken)
    {
        await runner.ParkAsync(consumer, stream, new ProcessDiedException(stream[0].Stream, deaths), cancellationToken);
        deadly[consumer.FullName][stream[0].Stream] = true;
        return ProjectionResult.Nothing;
    }

    /// <summary>Puts commits of streams that kill the process behind their records. A stream that is not parked any more is handled.</summary>
    private async Task<IReadOnlyList<Delivery>> WithoutDeadlyAsync(
        IConsumer consumer, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        if (!deadly.TryGetValue(consumer.FullName, out ConcurrentDictionary<string, bool>? streams))
        {
            deadly[consumer.FullName] = streams = await FindDeadlyAsync(consumer, cancellationToken);
        }
        if (streams.IsEmpty)
        {
            return deliveries;
        }
        foreach (IGrouping<string, Delivery> stream in deliveries.Where(d => streams.ContainsKey(d.Stream)).GroupBy(d => d.Stream))
        {
            if (await parked.ReadAsync(consumer.FullName, stream.Key, cancellationToken) is { Status: ParkedStatus.Parked } record && IsDeadly(record))
            {
                await runner.ParkAsync(consumer, [.. stream], new ProcessDiedException(stream.Key, record.Attempts), cancellationToken);
            }
            else
            {
                streams.TryRemove(stream.Key, out _);
            }
        }
        return [.. deliveries.Where(d => !streams.ContainsKey(d.Stream))];
    }

    /// <summary>What processes before this one have died of. One query, once in the life of a process.</summary>
    private async Task<ConcurrentDictionary<string, bool>> FindDeadlyAsync(IConsumer consumer, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<string, bool> found = new(StringComparer.Ordinal);
        string? continuation = null;
        do
        {
            ParkedPage page = await parked.ListAsync(consumer.FullName, RecordsPerPage, continuation, cancellationToken);
            foreach (ParkedStream record in page.Items.Where(IsDeadly))
            {
                found[record.Stream] = true;
            }
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return found;
    }

    private static bool IsDeadly(ParkedStream record) => record.ErrorType == typeof(ProcessDiedException).FullName;
}
