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
                await using IAsyncEnumerator<Commit> stored = store.ReadAsync(given.Stream, seen + 1, cancellationToken).GetAsyncEnumerator(cancellationToken);
                while (await NextAsync(stored, given.Stream, seen) is { } missing)
                {
                    if (missing.FirstVersion >= commit.FirstVersion)
                    {
                        break;
                    }
                    ThrowOnGap(given.Stream, seen, missing);
                    yield return missing;
                    seen = missing.LastVersion;
                }
            }
            ThrowOnGap(given.Stream, seen, commit);
            yield return commit;
            seen = commit.LastVersion;
        }
    }

    private static async ValueTask<Commit?> NextAsync(IAsyncEnumerator<Commit> stored, StreamName stream, long seen)
    {
        try
        {
            return await stored.MoveNextAsync() ? stored.Current : null;
        }
        catch (CommitFormatException e)
        {
            throw new PoisonException(stream, seen + 1, correlationId: null, e);
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
