namespace Serverless.EventSourcing;

/// <summary>
/// What a change feed delivers is a notification: a host may have rewritten dates and numbers on the way. A commit whose seal does not
/// fit what was delivered is read from the store, and so is a document that can't be read. Commits that fit cost no request.
/// </summary>
public sealed class DeliveredCommits(IEventStore store, IStoreFaults faults)
{
    private const int MaxParallelStreams = 16;

    /// <summary>
    /// The deliveries as the store has them, in their order. Those of other categories than <paramref name="categories"/> are left as they
    /// are; what the store does not have any more is left out.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ConfirmAsync(
        IReadOnlyList<Delivery> deliveries, IReadOnlySet<string> categories, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deliveries);
        ArgumentNullException.ThrowIfNull(categories);
        Delivery[] doubtful = [.. deliveries.Where(d => !d.IsStray && categories.Contains(CategoryOf(d)) && !IsAsSealed(d))];
        if (doubtful.Length == 0)
        {
            return deliveries;
        }
        SideBySideResult<IReadOnlyList<Delivery>> read = await SideBySide.RunAsync(
            [.. doubtful.GroupBy(d => d.Stream, StringComparer.Ordinal)], MaxParallelStreams, ReadAsync, cancellationToken);
        read.Failure?.Throw();
        Dictionary<(string, long), Delivery> stored = read.Completed.SelectMany(d => d).ToDictionary(d => (d.Stream, d.FirstVersion));
        HashSet<Delivery> asked = new(doubtful, ReferenceEqualityComparer.Instance);
        return [.. deliveries.Select(d => asked.Contains(d) ? stored.GetValueOrDefault((d.Stream, d.FirstVersion)) : d).OfType<Delivery>()];
    }

    /// <summary>The commits of one stream as they are stored.</summary>
    private async ValueTask<IReadOnlyList<Delivery>> ReadAsync(IGrouping<string, Delivery> delivered, CancellationToken cancellationToken)
    {
        StreamName stream = StreamName.Parse(delivered.Key);
        long[] versions = [.. delivered.Select(d => d.FirstVersion).Distinct().Order()];
        Dictionary<long, Delivery> found = [];
        foreach (long version in versions.Where(v => !found.ContainsKey(v)))
        {
            try
            {
                await foreach (Commit commit in store.ReadAsync(stream, version, cancellationToken))
                {
                    found[commit.FirstVersion] = Delivery.Of(commit);
                    if (commit.FirstVersion >= versions[^1])
                    {
                        break;
                    }
                }
                if (!found.ContainsKey(version))
                {
                    await ReadTailAsync(stream, version, found, cancellationToken);
                }
            }
            catch (Exception e) when (!faults.MustRetry(e))
            {
                // If the next one was read, it is a later one that can't be; it is asked for in its turn.
                found.TryAdd(version, Delivery.Unreadable(stream.Value, version, e));
            }
        }
        return [.. versions.Where(found.ContainsKey).Select(v => found[v])];
    }

    /// <summary>What a replica does not show may only be late there; the tail of a stream is never read from one that lags.</summary>
    private async Task ReadTailAsync(StreamName stream, long version, Dictionary<long, Delivery> found, CancellationToken cancellationToken)
    {
        StreamTail tail = await store.ReadTailAsync(StreamHead.SeenByStore(stream, version - 1), [], cancellationToken);
        foreach (Commit commit in tail.Commits)
        {
            found.TryAdd(commit.FirstVersion, Delivery.Of(commit));
        }
    }

    private static string CategoryOf(Delivery delivery) => delivery.Stream[..delivery.Stream.IndexOf('-', StringComparison.Ordinal)];

    private static bool IsAsSealed(Delivery delivery)
    {
        if (delivery.Commit is not { Hash: { } hash } commit)
        {
            return false;
        }
        try
        {
            return CommitSeal.Of(commit, commit.PreviousHash) == hash;
        }
        catch (ArgumentException)
        {
            return false; // What has no canonical form was never sealed like this.
        }
    }
}
