using System.Text.Json;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>Collects the items of a stream from its end on, its snapshot first, until there is enough to fold it.</summary>
internal sealed class BackwardsLoad(SnapshotSchema? schema)
{
    private readonly List<Commit> newestFirst = [];
    private (StreamHead Head, StoredSnapshot Snapshot)? snapshot;

    /// <summary>Whether the commit that the snapshot was written with was reached. What is before it is in the snapshot.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The id of the last commit taken.</summary>
    public string OldestId { get; private set; } = "";

    public void Add(JsonElement item)
    {
        if (SnapshotJson.IsSnapshot(item))
        {
            snapshot = SnapshotJson.Read(item) is { } read && read.Snapshot.SchemaVersion == schema?.SchemaVersion ? read : null;
            return;
        }
        Commit commit = CommitJson.Read(item);
        if (snapshot is { } s && commit.FirstVersion <= s.Head.Version)
        {
            // A snapshot of a stream that was cut off, or of another story of it, is worth nothing: the commits are the truth.
            IsComplete = commit.LastVersion == s.Head.Version && commit.Hash == s.Head.Hash;
            snapshot = IsComplete ? snapshot : null;
        }
        if (!IsComplete)
        {
            newestFirst.Add(commit);
        }
        OldestId = Commit.IdOf(commit.FirstVersion);
    }

    /// <exception cref="StreamGapException">A commit is missing.</exception>
    public StreamLoad ToResult(StreamName stream, double requestCharge)
    {
        (StreamHead Head, StoredSnapshot Snapshot)? start = IsComplete ? snapshot : null;
        Commit[] commits = [.. Enumerable.Reverse(newestFirst)];
        commits.ThrowOnGapAfter(start?.Head.Version ?? 0);
        StreamHead head = commits.Length > 0 ? StreamHead.SeenByStore(commits[^1]) : start?.Head ?? StreamHead.StartOf(stream);
        return new StreamLoad(head, start?.Snapshot, commits, requestCharge);
    }
}
