using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Serverless.EventSourcing;

/// <summary>How an import ended, or how far it is.</summary>
/// <param name="Commits">Lines that were read.</param>
/// <param name="Written">Commits that the store did not have.</param>
/// <param name="Known">Commits that the store had, sealed by the same hash.</param>
public sealed record ImportProgress(long Commits, long Written, long Known);

/// <summary>A stream whose first line here does not continue what the store has of it.</summary>
public sealed record ImportGap(long Line, StreamName Stream, long StoreVersion, long FirstVersion)
{
    public string Reason => $"{Stream} ends at version {StoreVersion}, and this commit begins at {FirstVersion}.";
}

/// <summary>
/// Brings exported commits into a store, each under its own seal. Importing the same lines again changes nothing; a store that has another
/// commit in the place of one is left as it is there. Streams are written side by side, each in its order.
/// </summary>
public sealed class CommitImport(IEventStore store)
{
    /// <summary>Lines that are read before they are written side by side.</summary>
    private const int LinesAtATime = 512;

    /// <summary>Streams that are written at a time.</summary>
    private const int MaxStreamsAtATime = 16;

    private const int MaxKeptHeads = 100_000;

    private readonly ConcurrentDictionary<StreamName, StreamHead> heads = new();
    private readonly ConcurrentDictionary<StreamName, bool> begun = new(); // Not forgotten with the heads: then it could not go on.
    private long known;
    private long written;

    /// <summary>Says what would be written, and writes nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Adds to streams that had commits before the import. Without it only streams that it began itself are written to.</summary>
    public bool IntoExisting { get; init; }

    /// <summary>
    /// In a dry run: told of gaps instead of ending at one, by whoever sends lines in parts and knows which streams an earlier part had.
    /// </summary>
    public Action<ImportGap>? OnGap { get; init; }

    /// <summary>Reads lines to their end and says from time to time, and at the end, how far it is.</summary>
    /// <exception cref="CommitImportException">
    /// A line is no commit, is not what was sealed, leaves a gap, would add to an existing stream, or the store has another commit there. Commits of other lines may
    /// have been written; importing all of it again goes on with the rest.
    /// </exception>
    public async IAsyncEnumerable<ImportProgress> RunAsync(Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        using StreamReader lines = new(source, leaveOpen: true);
        List<(long Line, Commit Commit)> some = [];
        long commits = 0;
        for (long number = 1; await lines.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            if (line.Length == 0)
            {
                continue;
            }
            some.Add((number, CommitLines.Read(number, line)));
            if (some.Count == LinesAtATime)
            {
                commits += some.Count;
                await ImportAsync(some, cancellationToken);
                yield return new ImportProgress(commits, written, known);
                some.Clear();
            }
        }
        await ImportAsync(some, cancellationToken);
        yield return new ImportProgress(commits + some.Count, written, known);
    }

    private async Task ImportAsync(List<(long Line, Commit Commit)> some, CancellationToken cancellationToken)
    {
        if (heads.Count > MaxKeptHeads && !IsDryRun)
        {
            heads.Clear(); // They are read again; those of a dry run are nowhere else.
        }
        ConcurrentBag<CommitImportException> faults = [];
        await Parallel.ForEachAsync(
            some.GroupBy(l => l.Commit.Stream),
            new ParallelOptions { MaxDegreeOfParallelism = MaxStreamsAtATime, CancellationToken = cancellationToken },
            async (stream, token) =>
            {
                try
                {
                    foreach ((long line, Commit commit) in stream)
                    {
                        bool isNew = await ImportAsync(commit, line, token);
                        Interlocked.Increment(ref isNew ? ref written : ref known);
                    }
                }
                catch (CommitImportException e)
                {
                    faults.Add(e);
                }
            });
        if (faults.MinBy(f => f.Line) is { } first)
        {
            throw first;
        }
    }

    private async Task<bool> ImportAsync(Commit commit, long line, CancellationToken cancellationToken)
    {
        StreamHead head = heads.TryGetValue(commit.Stream, out StreamHead? seen) ? seen : await store.ReadHeadAsync(commit.Stream, cancellationToken);
        heads[commit.Stream] = head;
        if (commit.LastVersion == head.Version && commit.Hash == head.Hash)
        {
            return false; // The newest one: no need to look it up.
        }
        if (commit.FirstVersion <= head.Version)
        {
            return await IsStoredAsync(commit, cancellationToken) ? false : throw Other(commit, line);
        }
        if (commit.FirstVersion != head.Version + 1)
        {
            ImportGap gap = new(line, commit.Stream, head.Version, commit.FirstVersion);
            if (!IsDryRun || OnGap is null)
            {
                throw new CommitImportException(line, gap.Reason);
            }
            OnGap(gap);
        }
        else if (commit.PreviousHash != head.Hash)
        {
            throw Other(commit, line);
        }
        if (head.Version == 0)
        {
            begun[commit.Stream] = true;
        }
        else if (!IntoExisting && !begun.ContainsKey(commit.Stream))
        {
            throw new CommitImportException(
                line, $"{commit.Stream} already has {head.Version} events, and an import only fills empty streams. To add to existing streams, pass --into-existing, or intoExisting=true to the API.");
        }
        return IsDryRun ? Pretend(commit) : await WriteAsync(head, commit, line, cancellationToken);
    }

    private bool Pretend(Commit commit)
    {
        heads[commit.Stream] = StreamHead.SeenByStore(commit.Stream, commit.LastVersion, commit.Hash); // For this dry run only: never appended to.
        return true;
    }

    private async Task<bool> WriteAsync(StreamHead head, Commit commit, long line, CancellationToken cancellationToken)
    {
        AppendResult result;
        try
        {
            result = await store.AppendAsync(head, commit, cancellationToken);
        }
        catch (Exception e) when (e is ArgumentException or CommitTooLargeException)
        {
            throw new CommitImportException(line, e.Message, e);
        }
        switch (result)
        {
            case AppendResult.Appended appended when appended.Commit.Hash == commit.Hash:
                heads[commit.Stream] = appended.Head;
                return true;
            case AppendResult.Appended:
                throw new CommitImportException(line, $"the store sealed {commit.Stream} at version {commit.FirstVersion} otherwise.");
            default:
                heads.TryRemove(commit.Stream, out _); // Somebody writes to it at the same time.
                return await IsStoredAsync(commit, cancellationToken) ? false : throw Other(commit, line);
        }
    }

    private async Task<bool> IsStoredAsync(Commit commit, CancellationToken cancellationToken)
    {
        if (IsDryRun && heads[commit.Stream].Version > (await store.ReadHeadAsync(commit.Stream, cancellationToken)).Version)
        {
            return true; // An earlier line would have written it.
        }
        await foreach (Commit stored in store.ReadAsync(commit.Stream, commit.FirstVersion, cancellationToken))
        {
            return stored.FirstVersion == commit.FirstVersion && stored.Hash == commit.Hash;
        }
        return false;
    }

    private static CommitImportException Other(Commit commit, long line) =>
        new(line, $"the store already has a different commit for {commit.Stream} at version {commit.FirstVersion}.");
}
