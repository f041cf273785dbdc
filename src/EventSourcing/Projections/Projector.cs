using System.Collections.Concurrent;
using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>The named limits of projecting.</summary>
public sealed record ProjectorOptions
{
    /// <summary>Partitions of one batch that are written at the same time.</summary>
    public int MaxParallelPartitions { get; init; } = 16;

    /// <summary>Races in a row that one write may lose before the batch fails and is delivered again.</summary>
    public int MaxLostRaces { get; init; } = 50;

    /// <summary>Keys kept in memory for views whose key stands in an event.</summary>
    public int CachedKeys { get; init; } = 10_000;

    /// <summary>
    /// Bytes of view documents kept in memory, so that the next batch of a stream needs no read. 0 reads every document before it is
    /// written.
    /// </summary>
    public long CachedViewBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The longest wait after a lost race; the actual wait is a random part of it.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>What a batch came to. The charge is in request units.</summary>
public sealed record ProjectionResult(int Events, int LostRaces, double RequestCharge)
{
    public static ProjectionResult Nothing { get; } = new(0, 0, 0);

    public static ProjectionResult Sum(IEnumerable<ProjectionResult> results) => results.Aggregate(Nothing, (sum, next) =>
        new ProjectionResult(sum.Events + next.Events, sum.LostRaces + next.LostRaces, sum.RequestCharge + next.RequestCharge));

    internal ProjectionResult Add(ProjectionStep step) => new(
        Events + step.Events, LostRaces + (step.Result == ProjectionStepResult.LostRace ? 1 : 0), RequestCharge + step.RequestCharge);
}

/// <summary>
/// Applies batches of commits to consumers. Streams of a batch go side by side, commits of one stream one after the other. When
/// it returns, every commit given is in the view: that return is what a feed may take as the acknowledgement.
/// </summary>
public sealed class Projector(IEventStore store, IViewStore views, IStoreFaults faults, TimeProvider time, ProjectorOptions options)
{
    // Documents that are read first after one was there against expectation: a feed that repeats the past should not run into each of them.
    private const int CautiousReads = 100;

    private readonly StreamKeys keys = new(store, views, options.CachedKeys);
    private readonly ViewCache cache = new(options.CachedViewBytes);
    private readonly ConcurrentDictionary<string, int> cautious = new(StringComparer.Ordinal);

    internal IStoreFaults Faults => faults;

    internal int MaxParallelPartitions => options.MaxParallelPartitions;

    /// <summary>Told of each write that was accepted with events, and how many they were.</summary>
    internal Action<ViewPartition, int>? Applied { get; init; }

    /// <summary>Safe under duplicates, gaps and any order of <paramref name="commits"/>.</summary>
    /// <exception cref="PoisonException">A commit can't be processed; the ones before it in its stream are in the view.</exception>
    public async Task<ProjectionResult> ApplyAsync(IConsumer consumer, IReadOnlyList<Commit> commits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        ArgumentNullException.ThrowIfNull(commits);
        Dictionary<ViewPartition, List<StreamCommits>> partitions = [];
        foreach (StreamCommits stream in ByStream(commits.Where(c => consumer.Categories.Contains(c.Stream.Category))))
        {
            if (await PartitionOfAsync(consumer, stream, cancellationToken) is not { } partition)
            {
                continue;
            }
            if (!partitions.TryGetValue(partition, out List<StreamCommits>? streams))
            {
                partitions.Add(partition, streams = []);
            }
            streams.Add(stream);
        }
        SideBySideResult<ProjectionResult> results = await SideBySide.RunAsync(
            partitions,
            options.MaxParallelPartitions,
            async (partition, token) => await ApplyAsync(consumer, partition.Key, partition.Value, believes: true, token),
            cancellationToken);
        results.Failure?.Throw();
        return ProjectionResult.Sum(results.Completed);
    }

    /// <exception cref="PoisonException">The stream can't be routed; another attempt may succeed.</exception>
    internal async ValueTask<ViewPartition?> PartitionOfAsync(IConsumer consumer, StreamCommits stream, CancellationToken cancellationToken)
    {
        try
        {
            string? key = consumer.KeyOf(stream.Stream) ?? await keys.FindAsync(consumer, stream, cancellationToken);
            return key is null ? null : new ViewPartition(consumer.Name, consumer.KeySpace, key);
        }
        catch (Exception e) when (e is not PoisonException && !faults.MustRetry(e))
        {
            throw PoisonException.At(stream.Commits[0], e);
        }
    }

    /// <summary>With <paramref name="believes"/> a document may be taken from memory until a write shows that it is as expected.</summary>
    internal Task<ProjectionResult> ApplyAsync(
        IConsumer consumer, ViewPartition partition, IReadOnlyList<StreamCommits> streams, bool believes, CancellationToken cancellationToken)
    {
        return ConsumerTrace.IsListenedTo ? TracedAsync() : ApplyInStepsAsync(consumer, partition, streams, believes, cancellationToken);

        async Task<ProjectionResult> TracedAsync()
        {
            using Activity? span = ConsumerTrace.Process(consumer, streams);
            try
            {
                ProjectionResult result = await ApplyInStepsAsync(consumer, partition, streams, believes, cancellationToken);
                ConsumerTrace.Applied(span, consumer, result);
                return result;
            }
            catch (Exception e)
            {
                span.Fail((e as PoisonException)?.InnerException ?? e);
                throw;
            }
        }
    }

    private async Task<ProjectionResult> ApplyInStepsAsync(
        IConsumer consumer, ViewPartition partition, IReadOnlyList<StreamCommits> streams, bool believes, CancellationToken cancellationToken)
    {
        bool isNew = believes && IsNew(consumer, streams);
        // What a process manager does is done before its write, so only what was read is good enough for it.
        BelievedViews believed = new(views, cache, believes && cache.IsEnabled && consumer is IProjection, isNew);
        ProjectionResult result = ProjectionResult.Nothing;
        int racesInARow = 0;
        while (true)
        {
            ProjectionStep step;
            try
            {
                step = await consumer.TryApplyAsync(partition, streams, store, believed, cancellationToken);
            }
            catch (Exception e) when (!faults.MustRetry(e))
            {
                if (believed.Doubt(partition))
                {
                    continue; // It may not be so on what is stored.
                }
                if (e is PoisonException || streams.Count > 1)
                {
                    throw; // Which of several streams is to blame shows when each is tried alone.
                }
                return ProjectionResult.Sum([result, await ApplyHalvesAsync(consumer, partition, streams[0], believes, e, cancellationToken)]);
            }
            result = result.Add(step);
            if (step.Events > 0)
            {
                Applied?.Invoke(partition, step.Events);
            }
            // A long batch writes often; only races for the same write say that others are too fast.
            racesInARow = step.Result == ProjectionStepResult.LostRace ? racesInARow + 1 : 0;
            switch (step.Result)
            {
                case ProjectionStepResult.Done when believed.Doubt(partition):
                    break; // What was not written was left alone on a belief only.
                case ProjectionStepResult.Done:
                    return result;
                case ProjectionStepResult.LostRace when believed.WasWrong:
                    racesInARow = 0;
                    if (isNew)
                    {
                        cautious[consumer.FullName] = CautiousReads;
                    }
                    break;
                case ProjectionStepResult.LostRace when racesInARow > options.MaxLostRaces:
                    throw new ViewContentionException(partition, options.MaxLostRaces);
                case ProjectionStepResult.LostRace:
                    await Task.Delay(options.MaxBackoff * Random.Shared.NextDouble(), time, cancellationToken);
                    break;
                default:
                    break; // Partial: what was written is behind the fence, the next attempt takes the rest.
            }
        }
    }

    /// <summary>Finds the commit behind an exception that does not name one, and applies those before it.</summary>
    /// <exception cref="PoisonException">It is the only commit left.</exception>
    private async Task<ProjectionResult> ApplyHalvesAsync(
        IConsumer consumer, ViewPartition partition, StreamCommits stream, bool believes, Exception error, CancellationToken cancellationToken)
    {
        IReadOnlyList<Commit> commits = stream.Commits.Count > 1 ? stream.Commits : await WithGapAsync(consumer, partition, stream, cancellationToken);
        if (commits.Count == 1)
        {
            throw PoisonException.At(commits[0], error);
        }
        StreamCommits first = stream with { Commits = [.. commits.Take(commits.Count / 2)] };
        StreamCommits second = stream with { Commits = [.. commits.Skip(commits.Count / 2)] };
        return ProjectionResult.Sum(
        [
            await ApplyInStepsAsync(consumer, partition, [first], believes, cancellationToken),
            await ApplyInStepsAsync(consumer, partition, [second], believes, cancellationToken),
        ]);
    }

    /// <summary>The one commit given, and before it those that a view reads from the store because it has missed them.</summary>
    private async Task<IReadOnlyList<Commit>> WithGapAsync(
        IConsumer consumer, ViewPartition partition, StreamCommits stream, CancellationToken cancellationToken)
    {
        Commit given = stream.Commits[0];
        List<Commit> commits = [];
        try
        {
            if (await SeenAsync(consumer, partition, stream.Stream, cancellationToken) is { } seen && seen + 1 < given.FirstVersion)
            {
                await foreach (Commit missed in NewCommits.StoredAsync(stream.Stream, seen + 1, store, cancellationToken))
                {
                    if (missed.FirstVersion >= given.FirstVersion)
                    {
                        break;
                    }
                    commits.Add(missed);
                }
            }
        }
        catch (Exception e) when (e is not PoisonException && !faults.MustRetry(e))
        {
            return [given]; // The view itself can't be read, so it is not known what it has missed.
        }
        return [.. commits, given];
    }

    /// <summary>How far a stream has come in a view; null for a consumer that keeps it elsewhere.</summary>
    internal async Task<long?> SeenAsync(IConsumer consumer, ViewPartition partition, StreamName stream, CancellationToken cancellationToken) =>
        consumer is not IProjection projection ? null
        : (await views.ReadAsync(partition, [projection.FenceOf(stream)], cancellationToken)).Documents is [{ } fence]
            ? fence.Seen.GetValueOrDefault(stream.Value)
            : 0;

    /// <summary>Whether the view of this one stream can be expected not to exist yet.</summary>
    private bool IsNew(IConsumer consumer, IReadOnlyList<StreamCommits> streams)
    {
        if (streams is not [{ DiscardedVersion: null, Commits: [{ FirstVersion: 1 }, ..] } only] || consumer.KeyOf(only.Stream) != only.Stream.Id)
        {
            return false;
        }
        if (!cautious.TryGetValue(consumer.FullName, out int left))
        {
            return true;
        }
        _ = left > 1 ? cautious.TryUpdate(consumer.FullName, left - 1, left) : cautious.TryRemove(new(consumer.FullName, left));
        return false;
    }

    internal static IEnumerable<StreamCommits> ByStream(IEnumerable<Commit> commits)
    {
        Dictionary<StreamName, List<Commit>> streams = [];
        foreach (Commit commit in commits)
        {
            if (!streams.TryGetValue(commit.Stream, out List<Commit>? stream))
            {
                streams.Add(commit.Stream, stream = []);
            }
            stream.Add(commit);
        }
        return streams.Select(s => new StreamCommits(s.Key, IsInOrder(s.Value) ? s.Value : [.. s.Value.OrderBy(c => c.FirstVersion).DistinctBy(c => c.FirstVersion)]));
    }

    /// <summary>As nearly always, since a feed has the order of a stream.</summary>
    private static bool IsInOrder(List<Commit> commits)
    {
        for (int i = 1; i < commits.Count; i++)
        {
            if (commits[i].FirstVersion <= commits[i - 1].FirstVersion)
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>Other writers changed a view faster than this one could, again and again; the batch is to be delivered again.</summary>
public sealed class ViewContentionException(ViewPartition partition, int attempts)
    : DeliverAgainException($"The view {partition.Value} changed under {attempts} writes in a row.")
{
    public ViewPartition Partition { get; } = partition;
}
