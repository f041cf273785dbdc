using BitFaster.Caching.Lru;

namespace Serverless.EventSourcing;

/// <summary>The named limits of projecting.</summary>
public sealed record ProjectorOptions
{
    /// <summary>Partitions of one batch that are written at the same time.</summary>
    public int MaxParallelPartitions { get; init; } = 16;

    /// <summary>Lost races on one partition before the batch fails and is delivered again.</summary>
    public int MaxLostRaces { get; init; } = 50;

    /// <summary>First commits kept in memory for views whose key stands in them.</summary>
    public int CachedFirstCommits { get; init; } = 10_000;

    /// <summary>The longest wait after a lost race; the actual wait is a random part of it.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>What a batch came to. The charge is in request units.</summary>
public sealed record ProjectionResult(int Events, int LostRaces, double RequestCharge);

/// <summary>
/// Applies batches of commits to projections. Streams of a batch go side by side, commits of one stream one after the other. When
/// it returns, every commit given is in the view: that return is what a feed may take as the acknowledgement.
/// </summary>
public sealed class Projector(IEventStore store, IViewStore views, TimeProvider time, ProjectorOptions options)
{
    private readonly ConcurrentLru<StreamName, Commit> firstCommits = new(Math.Max(3, options.CachedFirstCommits));

    /// <summary>Safe under duplicates, gaps and any order of <paramref name="commits"/>.</summary>
    /// <exception cref="EventDecodeException">An event of a commit can't be read.</exception>
    public async Task<ProjectionResult> ApplyAsync(IProjection projection, IReadOnlyList<Commit> commits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(projection);
        ArgumentNullException.ThrowIfNull(commits);
        Dictionary<string, List<StreamCommits>> partitions = new(StringComparer.Ordinal);
        foreach (StreamCommits stream in ByStream(commits.Where(c => projection.Categories.Contains(c.Stream.Category))))
        {
            Remember(stream.Commits[0]);
            if (await projection.KeyOfAsync(stream.Stream, FirstCommitAsync, cancellationToken) is not { } key)
            {
                continue;
            }
            if (!partitions.TryGetValue(key, out List<StreamCommits>? streams))
            {
                partitions.Add(key, streams = []);
            }
            streams.Add(stream);
        }
        Counter counter = new();
        await Parallel.ForEachAsync(
            partitions,
            new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelPartitions, CancellationToken = cancellationToken },
            async (partition, token) =>
                await ApplyAsync(projection, new ViewPartition(projection.Name, projection.Version, partition.Key), partition.Value, counter, token));
        return counter.Result();
    }

    private async Task ApplyAsync(
        IProjection projection, ViewPartition partition, IReadOnlyList<StreamCommits> streams, Counter counter, CancellationToken cancellationToken)
    {
        for (int lostRaces = 0; ;)
        {
            ProjectionStep step = await projection.TryApplyAsync(partition, streams, store, views, cancellationToken);
            counter.Add(step);
            switch (step.Result)
            {
                case ProjectionStepResult.Done:
                    return;
                case ProjectionStepResult.LostRace when ++lostRaces > options.MaxLostRaces:
                    throw new ViewContentionException(partition, options.MaxLostRaces);
                case ProjectionStepResult.LostRace:
                    await Task.Delay(options.MaxBackoff * Random.Shared.NextDouble(), time, cancellationToken);
                    break;
                default:
                    break; // Partial: what was written is behind the fence, the next attempt takes the rest.
            }
        }
    }

    private static IEnumerable<StreamCommits> ByStream(IEnumerable<Commit> commits) =>
        from commit in commits
        group commit by commit.Stream into stream
        select new StreamCommits(stream.Key, [.. stream.OrderBy(c => c.FirstVersion).DistinctBy(c => c.FirstVersion)]);

    private void Remember(Commit commit)
    {
        if (commit.FirstVersion == 1)
        {
            firstCommits.AddOrUpdate(commit.Stream, commit);
        }
    }

    private async ValueTask<Commit?> FirstCommitAsync(StreamName stream, CancellationToken cancellationToken)
    {
        if (firstCommits.TryGet(stream, out Commit? known))
        {
            return known;
        }
        await foreach (Commit first in store.ReadAsync(stream, fromVersion: 1, cancellationToken))
        {
            firstCommits.AddOrUpdate(stream, first);
            return first;
        }
        return null;
    }

    private sealed class Counter
    {
        private readonly Lock gate = new();
        private int events;
        private int lostRaces;
        private double charge;

        public void Add(ProjectionStep step)
        {
            lock (gate)
            {
                events += step.Events;
                charge += step.RequestCharge;
                lostRaces += step.Result == ProjectionStepResult.LostRace ? 1 : 0;
            }
        }

        public ProjectionResult Result() => new(events, lostRaces, charge);
    }
}

/// <summary>Other writers changed a view faster than this one could, again and again; the batch is to be delivered again.</summary>
public sealed class ViewContentionException(ViewPartition partition, int attempts)
    : Exception($"The view {partition.Value} changed under {attempts} writes in a row.")
{
    public ViewPartition Partition { get; } = partition;
}
