using System.Runtime.CompilerServices;

namespace Serverless.EventSourcing;

/// <summary>The fence, in one place: which commits a view has not seen yet, with the gaps in between read from the store.</summary>
internal static class NewCommits
{
    /// <summary>
    /// The given commits that end after <paramref name="seen"/>, in order and without a hole. The first one may begin at or before
    /// <paramref name="seen"/> when a partial write stopped inside it.
    /// </summary>
    public static async IAsyncEnumerable<Commit> AfterAsync(
        long seen, StreamCommits given, IEventStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (Commit commit in given.Commits)
        {
            if (commit.LastVersion <= seen)
            {
                continue; // Delivered before.
            }
            if (commit.FirstVersion > seen + 1)
            {
                await foreach (Commit missing in StoredAsync(given.Stream, seen + 1, store, cancellationToken))
                {
                    if (missing.FirstVersion >= commit.FirstVersion)
                    {
                        break;
                    }
                    ThrowOnGap(given.Stream, seen, missing);
                    yield return missing;
                    seen = missing.LastVersion;
                    if (seen + 1 >= commit.FirstVersion)
                    {
                        break; // The next one is given, and may not be readable in the store.
                    }
                }
            }
            ThrowOnGap(given.Stream, seen, commit);
            yield return commit;
            seen = commit.LastVersion;
        }
    }

    /// <summary>The stored commits from a version on. A document that is no commit is poison, and not a fault of the store.</summary>
    /// <exception cref="PoisonException">The next document can't be read.</exception>
    public static async IAsyncEnumerable<Commit> StoredAsync(
        StreamName stream, long fromVersion, IEventStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<Commit> stored = store.ReadAsync(stream, fromVersion, cancellationToken).GetAsyncEnumerator(cancellationToken);
        long next = fromVersion;
        while (await NextAsync(stored, stream, next) is { } commit)
        {
            yield return commit;
            next = commit.LastVersion + 1;
        }
    }

    private static async ValueTask<Commit?> NextAsync(IAsyncEnumerator<Commit> stored, StreamName stream, long version)
    {
        try
        {
            return await stored.MoveNextAsync() ? stored.Current : null;
        }
        catch (CommitFormatException e)
        {
            throw new PoisonException(stream, version, correlationId: null, e);
        }
    }

    private static void ThrowOnGap(StreamName stream, long seen, Commit next)
    {
        if (next.FirstVersion > seen + 1)
        {
            StreamGapException gap = new(stream, seen + 1, next.FirstVersion);
            throw new PoisonException(stream, seen + 1, next.Metadata.CorrelationId, gap);
        }
    }
}
