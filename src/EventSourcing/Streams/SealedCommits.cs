namespace Serverless.EventSourcing;

/// <summary>Commits as stores write them: each with the seal of the one before it.</summary>
public sealed class SealedCommits
{
    private readonly SealedCommit[] items;

    private SealedCommits(Commit[] commits, SealedCommit[] items)
    {
        Commits = commits;
        this.items = items;
    }

    public IReadOnlyList<Commit> Commits { get; }

    /// <summary>The stored form of each, in UTF-8.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Items => items.Select(i => i.Json);

    public long SizeBytes => items.Sum(i => (long)i.Json.Length);

    /// <exception cref="UnstorableDataException">An event or a command is not JSON that can be stored as it is.</exception>
    /// <exception cref="CommitTooLargeException">One alone exceeds <see cref="Limits.MaxCommitBytes"/>, or all together do.</exception>
    public static SealedCommits After(StreamHead head, IReadOnlyList<Commit> commits)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(commits);
        Commit[] stored = new Commit[commits.Count];
        SealedCommit[] items = new SealedCommit[commits.Count];
        string? hash = head.Hash;
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = CommitJson.Write(commits[i], hash);
            stored[i] = commits[i] with { PreviousHash = hash, Hash = items[i].Hash };
            hash = items[i].Hash;
        }
        SealedCommits all = new(stored, items);
        return all.SizeBytes > Limits.MaxCommitBytes ? throw new CommitTooLargeException(head.Stream, all.SizeBytes) : all;
    }

    /// <summary>A snapshot as it is written with them; null when there is no room for it.</summary>
    public ReadOnlyMemory<byte>? Write(StoredSnapshot snapshot) =>
        SnapshotJson.Write(Commits[^1], items[^1].Hash, Limits.MaxCommitBytes - SizeBytes, snapshot);
}
