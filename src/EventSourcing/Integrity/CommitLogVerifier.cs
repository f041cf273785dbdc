using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>What one page of a store showed.</summary>
/// <param name="Read">Items that were read, of whatever category.</param>
/// <param name="Commits">Of them, those that were checked.</param>
/// <param name="Streams">Streams that begin on this page.</param>
/// <param name="Broken">Every link that does not hold; a stream with one fault may have several.</param>
/// <param name="Continuation">Where to go on; null at the end.</param>
public sealed record VerifiedPage(long Read, long Commits, long Streams, IReadOnlyList<BrokenLink> Broken, string? Continuation);

/// <summary>
/// Checks every commit of a store: its content against its seal, and the seal that it names against the commit before it. Each is checked
/// for itself, in whatever order they come, so a document that another client wrote again as it was still fits, and a page can be checked
/// without the pages before it. Memory does not grow with the store: of the newest commit of some streams the seal is kept, and where
/// it is not the commit before is looked up, which is one small query. A snapshot is compared with the fold of its stream, which reads all of it again.
/// </summary>
/// <param name="log">The store.</param>
/// <param name="checkSnapshot">Compares the snapshot of a stream with the fold of its commits; null when they agree.</param>
public sealed class CommitLogVerifier(ICommitLog log, Func<StreamName, CancellationToken, Task<BrokenLink?>> checkSnapshot)
{
    /// <summary>Streams whose newest seal is kept; about 40 MB of them.</summary>
    private const int MaxKeptLinks = 100_000;

    /// <summary>Look-ups at a time.</summary>
    private const int MaxLookups = 16;

    private readonly Dictionary<StreamName, CommitLink> links = [];

    /// <param name="category">Null for all; what can't be read counts for any.</param>
    /// <param name="continuation">From the page before; null to begin.</param>
    /// <param name="pageSize">About so many commits.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this.</exception>
    public async Task<VerifiedPage> VerifyPageAsync(string? category, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        CommitLogPage page = await log.ReadPageAsync(stream: null, continuation, pageSize, cancellationToken);
        List<BrokenLink> broken = [];
        List<Commit> waiting = [];
        long commits = 0;
        long streams = 0;
        foreach (JsonElement item in page.Items)
        {
            (Commit? commit, BrokenLink? fault) = CommitSealCheck.Read(item);
            if (commit is not null && category is not null && commit.Stream.Category != category)
            {
                continue;
            }
            commits++;
            AddIfBroken(fault);
            if (commit is null)
            {
                continue;
            }
            if (commit.FirstVersion == 1)
            {
                streams++;
                AddIfBroken(fault is null ? CommitSealCheck.Misfit(commit, CommitLink.Start) : null);
            }
            else if (links.TryGetValue(commit.Stream, out CommitLink? before) && before.LastVersion == commit.FirstVersion - 1)
            {
                AddIfBroken(fault is null ? CommitSealCheck.Misfit(commit, before) : null);
            }
            else if (fault is null)
            {
                waiting.Add(commit);
            }
            Keep(commit);
        }
        await foreach (BrokenLink? misfit in SomeAtATimeAsync(waiting, c => LookUpAsync(c, cancellationToken)))
        {
            AddIfBroken(misfit);
        }
        IEnumerable<StreamName> snapshots = page.Snapshots.Where(s => category is null || s.Category == category);
        await foreach (BrokenLink? misfit in SomeAtATimeAsync(snapshots, s => checkSnapshot(s, cancellationToken)))
        {
            AddIfBroken(misfit);
        }
        return new VerifiedPage(page.Items.Count, commits, streams, broken, page.Continuation);

        void AddIfBroken(BrokenLink? link)
        {
            if (link is not null)
            {
                broken.Add(link);
            }
        }
    }

    private static async IAsyncEnumerable<BrokenLink?> SomeAtATimeAsync<T>(IEnumerable<T> all, Func<T, Task<BrokenLink?>> check)
    {
        foreach (T[] some in all.Chunk(MaxLookups))
        {
            foreach (BrokenLink? misfit in await Task.WhenAll(some.Select(check)))
            {
                yield return misfit;
            }
        }
    }

    private async Task<BrokenLink?> LookUpAsync(Commit commit, CancellationToken cancellationToken) => CommitSealCheck.Misfit(
        commit, await log.FindLinkBeforeAsync(commit.Stream, commit.FirstVersion, cancellationToken) ?? CommitLink.Start);

    private void Keep(Commit commit)
    {
        if (links.Count == MaxKeptLinks && !links.ContainsKey(commit.Stream))
        {
            links.Clear(); // Simple, and right: what is forgotten is looked up.
        }
        links[commit.Stream] = CommitLink.Of(commit);
    }
}
