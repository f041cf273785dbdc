namespace Serverless.EventSourcing;

/// <summary>What every store checks before it writes, so that no caller can store a broken stream.</summary>
public static class CommitRules
{
    /// <exception cref="ArgumentException">The commit does not continue <paramref name="head"/>, or is outside the limits.</exception>
    public static void Check(StreamHead head, Commit commit, StoredSnapshot? snapshot)
    {
        ArgumentNullException.ThrowIfNull(head);
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
        if (snapshot is not null && snapshot.Version != commit.LastVersion)
        {
            throw new ArgumentException(
                $"A snapshot of version {snapshot.Version} can't be written with a commit that ends at {commit.LastVersion}.", nameof(snapshot));
        }
    }

    /// <summary>Visible ASCII, so that an id survives headers, URLs and logs as it is.</summary>
    public static bool IsCommandId(string? id) =>
        id is { Length: > 0 and <= Limits.MaxCommandIdLength } && id.All(c => c is > ' ' and <= '~');
}
