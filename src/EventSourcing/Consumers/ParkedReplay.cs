namespace Serverless.EventSourcing;

/// <summary>
/// Gives a stream to a consumer once more, from where it is parked to its end. Commits of <paramref name="discardedVersion"/> are passed
/// without being applied, also where the store has a gap or a document that can't be read.
/// </summary>
internal sealed class ParkedReplay(
    IConsumer consumer, StreamName stream, long? discardedVersion, Projector projector, IEventStore store, ICommitLog log)
{
    private const int CommitsPerChunk = 100;

    private readonly List<Commit> chunk = [];

    /// <summary>Events that were applied.</summary>
    public int Events { get; private set; }

    /// <summary>The last version that was given to the consumer.</summary>
    public long Reached { get; private set; }

    /// <summary>The consumer had passed the discarded version before this began.</summary>
    public bool? HadPassed { get; private set; }

    public async Task RunAsync(ParkedStream record, CancellationToken cancellationToken)
    {
        long? next = Math.Max(1, Math.Min(record.FromVersion, discardedVersion ?? record.FromVersion));
        Reached = next.Value - 1;
        while (next is { } version)
        {
            next = await ApplyFromAsync(version, cancellationToken);
        }
        if (Reached < record.ThroughVersion)
        {
            // A replica that is behind shows less than was delivered. The tail is never read from one; what is not there was deleted.
            StreamTail tail = await store.ReadTailAsync(StreamHead.SeenByStore(stream, Reached), [], cancellationToken);
            chunk.AddRange(tail.Commits);
            await ApplyChunkAsync(cancellationToken);
        }
    }

    /// <summary>Applies what is stored from a version on. Returns where to go on behind what was discarded; null at the end.</summary>
    private async Task<long?> ApplyFromAsync(long version, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (Commit commit in NewCommits.StoredAsync(stream, version, store, cancellationToken))
            {
                chunk.Add(commit);
                if (chunk.Count == CommitsPerChunk)
                {
                    await ApplyChunkAsync(cancellationToken);
                }
            }
            await ApplyChunkAsync(cancellationToken);
            return null;
        }
        catch (PoisonException e) when (e.InnerException is CommitFormatException or StreamGapException)
        {
            await ApplyChunkAsync(cancellationToken); // What is before that place is good, unless it fails first.
            if (e.Version != discardedVersion || await MissingCommit.FindAsync(log.ReadItemsAsync(stream, cancellationToken), stream, e.Version) is not { } missing)
            {
                throw;
            }
            chunk.Add(missing.StandIn);
            if (missing.Next is null)
            {
                await ApplyChunkAsync(cancellationToken);
            }
            return missing.Next;
        }
    }

    private async Task ApplyChunkAsync(CancellationToken cancellationToken)
    {
        if (chunk.Count == 0)
        {
            return;
        }
        StreamCommits commits = new(stream, [.. chunk]) { DiscardedVersion = discardedVersion };
        chunk.Clear();
        if (await projector.PartitionOfAsync(consumer, commits, cancellationToken) is { } partition)
        {
            HadPassed ??= discardedVersion is not null && await projector.SeenAsync(consumer, partition, stream, cancellationToken) >= discardedVersion;
            Events += (await projector.ApplyAsync(consumer, partition, [commits], believes: false, cancellationToken)).Events;
        }
        Reached = commits.Commits[^1].LastVersion;
    }
}
