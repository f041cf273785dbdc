using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// A read model: how commits become documents. The cases are <see cref="DocumentView{TView, TEvent}"/>,
/// <see cref="EntriesView{THeader, TEntry, TEvent}"/> and <see cref="TotalsView{TView, TEvent}"/>; the fence that makes each of them
/// safe under duplicates, gaps and disorder is theirs, not the user's.
/// </summary>
public interface IProjection : IConsumer
{
    /// <summary>Whether one key holds many documents that are listed under it.</summary>
    bool HasEntries { get; }

    /// <summary>The documents it stores, by their kind.</summary>
    IReadOnlyList<ViewShape> Shapes { get; }

    /// <summary>What this version has to pass before it takes over from the one that serves.</summary>
    VersionCheck Check { get; }

    /// <summary>Where the document stands that clients ask for by a key: the key of its partition, and its id there.</summary>
    (string PartitionKey, string DocumentId) Locate(string key);

    /// <summary>The document beside it, or the same one, whose <see cref="ViewDocument.Seen"/> says how far a stream has come.</summary>
    string FenceOf(StreamName stream);
}

/// <summary>What is fed with commits: a projection, or a process manager. It remembers by itself how far it has come with each stream.</summary>
public interface IConsumer
{
    /// <summary>Stored, and part of routes: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>Raise it when the shape or the rules change: it then starts anew from the beginning.</summary>
    int Version { get; }

    /// <summary><c>name@version</c>: the prefix of its leases and the name under which it parks.</summary>
    string FullName => $"{Name}@{Version}";

    /// <summary>
    /// The version under which it keeps what it has done. A process keeps to the first one: what it has sent must not be sent again because
    /// its rules have changed.
    /// </summary>
    int KeySpace => Version;

    /// <summary>The categories whose commits it is fed with.</summary>
    IReadOnlySet<string> Categories { get; }

    /// <summary>The key of the partition that a stream feeds; null when its name alone doesn't tell.</summary>
    string? KeyOf(StreamName stream);

    /// <summary>
    /// The key that a commit names for its stream; null when it names none. The first one that a stream names holds for its whole life,
    /// so what comes before it is applied when it is known.
    /// </summary>
    /// <exception cref="PoisonException">The commit can't be read.</exception>
    string? KeyOf(Commit commit);

    /// <summary>
    /// One attempt to bring a partition up to at least the given commits: read, apply what is new, write. Every stream's commits
    /// are sorted; commits missing before or between them are read from <paramref name="store"/>.
    /// </summary>
    /// <exception cref="PoisonException">A commit can't be processed, now or later, by this code. Everything else is a fault of the store.</exception>
    Task<ProjectionStep> TryApplyAsync(
        ViewPartition partition, IReadOnlyList<StreamCommits> streams, IEventStore store, IViewStore views, CancellationToken cancellationToken);
}

/// <summary>How the data of a projection's documents of one kind is written.</summary>
public sealed record ViewShape(ViewKind Kind, JsonTypeInfo Json);

/// <summary>Commits of one stream, in order of version and without repetition.</summary>
public sealed record StreamCommits(StreamName Stream, IReadOnlyList<Commit> Commits)
{
    /// <summary>The commit that holds this version is passed without being applied.</summary>
    public long? DiscardedVersion { get; init; }

    internal bool IsDiscarded(Commit commit) => DiscardedVersion >= commit.FirstVersion && DiscardedVersion <= commit.LastVersion;
}

/// <summary>How one attempt went. The charge is in request units; events counts those that were applied and written.</summary>
public sealed record ProjectionStep(ProjectionStepResult Result, int Events, double RequestCharge);

public enum ProjectionStepResult
{
    /// <summary>Everything given is in the view.</summary>
    Done,

    /// <summary>A part was written; call again for the rest.</summary>
    Partial,

    /// <summary>Another writer was faster; nothing was written. Call again.</summary>
    LostRace,
}

/// <summary>The store itself has a hole in a stream: nothing may be projected over it.</summary>
public sealed class StreamGapException(StreamName stream, long expectedVersion, long actualVersion)
    : Exception($"{stream} has no commit at version {expectedVersion}; the next one is at {actualVersion}.")
{
    public StreamName Stream { get; } = stream;

    public long ExpectedVersion { get; } = expectedVersion;

    public long ActualVersion { get; } = actualVersion;
}
