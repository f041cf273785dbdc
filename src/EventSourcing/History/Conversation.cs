namespace Serverless.EventSourcing;

/// <summary>A command of a conversation, and below it those that its events caused.</summary>
/// <param name="Commit">What it wrote.</param>
/// <param name="Caused">By time.</param>
public sealed record CausedCommit(Commit Commit, IReadOnlyList<CausedCommit> Caused)
{
    /// <summary>The trees of a conversation: at each root a command that came from outside, or whose cause is not among the commits.</summary>
    public static IReadOnlyList<CausedCommit> Trees(IReadOnlyList<Commit> commits)
    {
        ArgumentNullException.ThrowIfNull(commits);
        Dictionary<string, Commit> writers = new(StringComparer.Ordinal);
        foreach (Commit commit in commits)
        {
            writers.TryAdd(commit.Metadata.CommandId, commit);
            for (long version = commit.FirstVersion; version <= commit.LastVersion; version++)
            {
                writers.TryAdd($"{commit.Stream}/{version}", commit);
            }
        }
        ILookup<Commit?, Commit> children = commits.ToLookup(c => CauseOf(c, writers));
        return Below(children, cause: null);
    }

    // An event's id may name one of several parts that an upcaster made of it.
    private static Commit? CauseOf(Commit commit, Dictionary<string, Commit> writers) =>
        commit.Metadata.CausationId is { } cause
        && (writers.TryGetValue(cause, out Commit? writer) || (cause.LastIndexOf('.') is var dot and > 0 && writers.TryGetValue(cause[..dot], out writer)))
        && !ReferenceEquals(writer, commit)
            ? writer
            : null;

    private static List<CausedCommit> Below(ILookup<Commit?, Commit> children, Commit? cause) =>
        [.. children[cause].OrderBy(c => c.Metadata.Timestamp).Select(c => new CausedCommit(c, Below(children, c)))];
}
