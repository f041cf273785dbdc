namespace Serverless.EventSourcing;

/// <summary>What every store checks before it writes, so that no caller can store a broken stream.</summary>
public static class CommitRules
{
    /// <exception cref="ArgumentException">The commits do not continue <paramref name="head"/>, or are outside the limits.</exception>
    public static void Check(StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(commits);
        if (commits.Count is 0 or > Limits.MaxCommitsPerAppend)
        {
            throw new ArgumentException(
                $"1 to {Limits.MaxCommitsPerAppend} commits are written at a time; these to {head.Stream} are {commits.Count}.", nameof(commits));
        }
        HashSet<string>? ids = commits.Count == 1 ? null : new(commits.Count, StringComparer.Ordinal);
        StreamHead last = head;
        foreach (Commit commit in commits)
        {
            CheckNext(last, commit);
            if (ids?.Add(commit.Metadata.CommandId) == false)
            {
                throw new ArgumentException($"The command '{commit.Metadata.CommandId}' can't be committed to {head.Stream} twice.", nameof(commits));
            }
            last = StreamHead.SeenByStore(commit);
        }
        if (snapshot is not null && snapshot.Version != last.Version)
        {
            throw new ArgumentException(
                $"A snapshot of version {snapshot.Version} can't be written with a commit that ends at {last.Version}.", nameof(snapshot));
        }
    }

    private static void CheckNext(StreamHead head, Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        if (commit.Stream != head.Stream || commit.FirstVersion != head.Version + 1)
        {
            throw new ArgumentException(
                $"A commit to {commit.Stream} at version {commit.FirstVersion} does not continue {head.Stream} at {head.Version}.", nameof(commit));
        }
        if (commit.Events.Count is 0 or > Limits.MaxEventsPerCommit)
        {
            throw new ArgumentException(
                $"A commit has 1 to {Limits.MaxEventsPerCommit} events; this one to {commit.Stream} has {commit.Events.Count}.", nameof(commit));
        }
        if (commit.LastVersion > Limits.MaxVersion)
        {
            throw new ArgumentException($"{commit.Stream} would go beyond version {Limits.MaxVersion}.", nameof(commit));
        }
        if (!IsCommandId(commit.Metadata.CommandId))
        {
            throw new ArgumentException(
                $"A command id has 1 to {Limits.MaxCommandIdLength} visible ASCII characters.", nameof(commit));
        }
        if (commit.Metadata.Timestamp < head.Timestamp)
        {
            throw new ArgumentException(
                $"The commit to {commit.Stream} at version {commit.FirstVersion} is stamped {commit.Metadata.Timestamp:O}, before the one it follows ({head.Timestamp:O}).",
                nameof(commit));
        }
    }

    /// <summary>Visible ASCII, so that an id survives headers, URLs and logs as it is.</summary>
    public static bool IsCommandId(string? id) =>
        id is { Length: > 0 and <= Limits.MaxCommandIdLength } && id.All(c => c is > ' ' and <= '~');
}
