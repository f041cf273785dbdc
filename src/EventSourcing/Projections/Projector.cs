using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using BitFaster.Caching.Lru;

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
public sealed class Projector(IEventStore store, IViewStore views, TimeProvider time, ProjectorOptions options)
{
    // Documents that are read first after one was there against expectation: a feed that repeats the past should not run into each of them.
    private const int CautiousReads = 100;

    private readonly ConcurrentLru<(string Consumer, StreamName Stream), string> keys = new(Math.Max(3, options.CachedKeys));
    private readonly ViewCache cache = new(options.CachedViewBytes);
    private readonly ConcurrentDictionary<string, int> cautious = new(StringComparer.Ordinal);

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
        ProjectionResult[] results = await EachAsync(
            partitions, (partition, token) => ApplyAsync(consumer, partition.Key, partition.Value, believes: true, token), cancellationToken);
        return ProjectionResult.Sum(results);
    }

    /// <summary>
    /// Runs <paramref name="run"/> for each item, at most <see cref="ProjectorOptions.MaxParallelPartitions"/> at a time. A fault of one does not
    /// end the others: what they do need not be done again, and with a database that fails now and then a long batch would hardly get on
    /// otherwise. None is begun any more when most have failed, as with a database that is down. Then the first fault is thrown.
    /// </summary>
    internal async Task<ProjectionResult[]> EachAsync<T>(
        IReadOnlyCollection<T> items, Func<T, CancellationToken, Task<ProjectionResult>> run, CancellationToken cancellationToken)
    {
        ProjectionResult[] results = new ProjectionResult[items.Count];
        ExceptionDispatchInfo? first = null;
        int done = 0;
        int failed = 0;
        await Parallel.ForEachAsync(
            items.Index(),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = options.MaxParallelPartitions,
                CancellationToken = cancellationToken,
                TaskScheduler = null, // The caller's: the thread pool, unless a test wants to choose the order.
            },
            async (item, token) =>
            {
                if (Volatile.Read(ref failed) > Math.Max(options.MaxParallelPartitions, Volatile.Read(ref done)))
                {
                    return;
                }
                try
                {
                    results[item.Index] = await run(item.Item, token);
                    Interlocked.Increment(ref done);
                }
#pragma warning disable CA1031 // Whatever it is, it is thrown when the others are done.
                catch (Exception e) when (!token.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                    Interlocked.Increment(ref failed);
                }
            });
        first?.Throw();
        return results;
    }

    internal async ValueTask<ViewPartition?> PartitionOfAsync(IConsumer consumer, StreamCommits stream, CancellationToken cancellationToken)
    {
        string? key = consumer.KeyOf(stream.Stream) ?? await NamedKeyAsync(consumer, stream, cancellationToken);
        return key is null ? null : new ViewPartition(consumer.Name, consumer.KeySpace, key);
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
            catch (Exception e) when (e is PoisonException or ViewTooLargeException && believed.Doubt(partition))
            {
                continue; // It may not be so on what is stored.
            }
            catch (ViewTooLargeException e) when (streams.Count == 1)
            {
                // No later attempt makes it smaller. Only with one stream, and of it one commit, is it clear which one has to wait.
                (StreamCommits stream, int half) = (streams[0], streams[0].Commits.Count / 2);
                if (half > 0)
                {
                    ProjectionResult first = await ApplyInStepsAsync(consumer, partition, [stream with { Commits = [.. stream.Commits.Take(half)] }], believes, cancellationToken);
                    ProjectionResult second = await ApplyInStepsAsync(consumer, partition, [stream with { Commits = [.. stream.Commits.Skip(half)] }], believes, cancellationToken);
                    return ProjectionResult.Sum([result, first, second]);
                }
                throw new PoisonException(stream.Stream, stream.Commits[0].FirstVersion, stream.Commits[0].Metadata.CorrelationId, e);
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

    /// <summary>The first key that the stream names; null when it names none so far.</summary>
    private async ValueTask<string?> NamedKeyAsync(IConsumer consumer, StreamCommits stream, CancellationToken cancellationToken)
    {
        (string, StreamName) place = (consumer.FullName, stream.Stream);
        if (keys.TryGet(place, out string? known))
        {
            return known;
        }
        if (stream.Commits[0] is { FirstVersion: 1 } first && !stream.IsDiscarded(first) && consumer.KeyOf(first) is { } opening)
        {
            keys.AddOrUpdate(place, opening);
            return opening;
        }
        if (await FindKeyAsync(consumer, stream, cancellationToken) is not { } found)
        {
            return null;
        }
        if (stream.DiscardedVersion is { } version)
        {
            // What is left out stays in the stream, and would be met by every later search for the key.
            ViewDocument note = new()
            {
                Id = ViewDocument.SingleId,
                Kind = ViewKind.Marker,
                Seen = new Dictionary<string, long>(StringComparer.Ordinal) { [found] = version },
            };
            await views.TryWriteAsync(NoteOf(consumer, stream.Stream), [note], cancellationToken); // Lost to one that says the same.
        }
        keys.AddOrUpdate(place, found);
        return found;
    }

    private async ValueTask<string?> FindKeyAsync(IConsumer consumer, StreamCommits stream, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Commit commit in FromStartAsync(stream, cancellationToken))
            {
                if (consumer.KeyOf(commit) is { } key)
                {
                    return key;
                }
            }
            return null;
        }
        catch (PoisonException)
        {
            ViewRead read = await views.ReadAsync(NoteOf(consumer, stream.Stream), [ViewDocument.SingleId], cancellationToken);
            if (read.Documents is [{ Kind: ViewKind.Marker, Seen.Count: 1 } note])
            {
                return note.Seen.Keys.First();
            }
            throw;
        }
    }

    /// <summary>Where the key of a stream is noted from which something was left out before it: no key of a view begins like this by chance.</summary>
    private static ViewPartition NoteOf(IConsumer consumer, StreamName stream) => new(consumer.Name, consumer.Version, $"key~~{stream}");

    /// <summary>The commits that may name a key. One that is discarded names none, and may not even be readable: what is given has its place.</summary>
    private async IAsyncEnumerable<Commit> FromStartAsync(StreamCommits stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long end = stream.DiscardedVersion is null ? long.MaxValue : stream.Commits[0].FirstVersion;
        if (end > 1)
        {
            await foreach (Commit commit in NewCommits.StoredAsync(stream.Stream, fromVersion: 1, store, cancellationToken))
            {
                yield return commit;
                if (commit.LastVersion + 1 >= end)
                {
                    break; // The next one is not looked at, since it may be the one that can't be read.
                }
            }
        }
        // A replay that discards gives commits without a gap between them.
        foreach (Commit commit in stream.Commits.Where(c => stream.DiscardedVersion is not null && !stream.IsDiscarded(c)))
        {
            yield return commit;
        }
    }
}

/// <summary>Other writers changed a view faster than this one could, again and again; the batch is to be delivered again.</summary>
public sealed class ViewContentionException(ViewPartition partition, int attempts)
    : Exception($"The view {partition.Value} changed under {attempts} writes in a row.")
{
    public ViewPartition Partition { get; } = partition;
}
