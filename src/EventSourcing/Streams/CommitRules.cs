namespace Serverless.EventSourcing;

/// <summary>What every store checks before it writes, so that no caller can store a broken stream.</summary>
public static class CommitRules
{
    /// <exception cref="ArgumentException">The commit does not continue <paramref name="head"/>, or is outside the limits.</exception>
    public static void Check(StreamHead head, Commit commit)
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
        if (commit.Snapshot is { } snapshot && snapshot.Version != commit.LastVersion)
        {
            throw new ArgumentException(
                $"A snapshot of version {snapshot.Version} can't ride in a commit that ends at {commit.LastVersion}.", nameof(commit));
        }
    }

    /// <summary>Visible ASCII, so that an id survives headers, URLs and logs as it is.</summary>
    public static bool IsCommandId(string? id) =>
        id is { Length: > 0 and <= Limits.MaxCommandIdLength } && id.All(c => c is > ' ' and <= '~');
}
