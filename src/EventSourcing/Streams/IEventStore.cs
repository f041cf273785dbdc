namespace Serverless.EventSourcing;

/// <summary>
/// Streams of commits. Guarantees of every implementation, held by the contract suite in EventSourcing.Testing:
/// <list type="bullet">
/// <item>An append is atomic: all events of a commit or none.</item>
/// <item>A stream has no gap and no fork: of several appends after the same head exactly one succeeds.</item>
/// <item>A command id is committed at most once in a stream, for ever.</item>
/// <item>What was appended is read by every later read of that stream, unchanged, in order.</item>
/// </list>
/// Faults of the store (throttling, timeouts, lost connections) are thrown as they are; after one of them an append may or may
/// not have been applied, and appending again with the same command id tells which.
/// </summary>
public interface IEventStore
{
    /// <summary>
    /// Where the stream ends now; version 0 when there is none. One small read, which sees every commit that was acknowledged before it.
    /// </summary>
    Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>
    /// Reads what is needed to fold a stream: its snapshot, if it is of <paramref name="snapshotSchema"/>, and the commits after it,
    /// oldest first; or all commits. Reads backwards and stops at the snapshot, so the cost doesn't grow with the stream. A snapshot
    /// that can't be read, or does not fit the commits, is left out. What other instances have just committed may be missing: an append
    /// finds that out, and who does not append reads the tail.
    /// </summary>
    Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken);

    /// <summary>
    /// Reads in one query the commits after <paramref name="head"/>, oldest first, and those of <paramref name="commandIds"/> that are
    /// anywhere in the stream. It sees every commit that was acknowledged before it, whichever instance wrote it.
    /// </summary>
    Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken);

    /// <summary>
    /// The commits that hold versions from <paramref name="fromVersion"/> (from 1) on, oldest first, as they are at the time each
    /// page is read. A commit that only ends at or after it is included whole.
    /// </summary>
    IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken);

    /// <summary>
    /// Writes commits right after <paramref name="head"/>, one after the other in one transaction, all or none. With them the stream's
    /// snapshot is replaced by <paramref name="snapshot"/>, which is of the last of them; one that there is no room for is left out. Returns
    /// <see cref="AppendResult.Conflict"/> when another commit is already there or when the stream has a commit with one of these command
    /// ids; the tail shows which.
    /// </summary>
    /// <param name="head">Where the stream was seen to end.</param>
    /// <param name="commits">1 to <see cref="Limits.MaxCommitsPerAppend"/>. One alone costs the least.</param>
    /// <param name="snapshot">The state after the last commit, or null to leave the stream's snapshot as it is.</param>
    /// <param name="cancellationToken">Cancels the request; the commits may be written all the same.</param>
    /// <exception cref="CommitTooLargeException">
    /// The commits together exceed <see cref="Limits.MaxCommitBytes"/>, or their stream what the store keeps of one. Nothing was written.
    /// </exception>
    /// <exception cref="UnstorableDataException">An event or a command is not JSON that can be stored as it is. Nothing was written.</exception>
    /// <exception cref="ArgumentException">The commits do not continue the head, or share a command id.</exception>
    Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken);
}

/// <summary>
/// A place where a store has seen a stream end. Only stores make them, from what they read or wrote, so an append can never
/// leave a gap. Who has nothing but a number asks <see cref="EventStoreExtensions.FindHeadAsync"/>.
/// </summary>
public sealed class StreamHead
{
    private StreamHead(StreamName stream, long version, string? hash, DateTimeOffset timestamp)
    {
        Stream = stream;
        Version = version;
        Hash = hash;
        Timestamp = timestamp;
    }

    public StreamName Stream { get; }

    public long Version { get; }

    /// <summary>The hash of the last commit, which the next one takes in; null at the start of a stream.</summary>
    public string? Hash { get; }

    /// <summary>The instant of the last commit, which the next one must not be stamped before.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>For stores: the stream was seen to have this many events. A head that was not seen breaks the stream's order.</summary>
    public static StreamHead SeenByStore(StreamName stream, long version, string? hash = null, DateTimeOffset timestamp = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, Limits.MaxVersion);
        return new StreamHead(stream, version, hash, timestamp);
    }

    /// <summary>For stores: the stream was seen to end with this commit.</summary>
    public static StreamHead SeenByStore(Commit last)
    {
        ArgumentNullException.ThrowIfNull(last);
        return SeenByStore(last.Stream, last.LastVersion, last.Hash, last.Metadata.Timestamp);
    }

    /// <summary>The start of any stream, whether it exists or not.</summary>
    public static StreamHead StartOf(StreamName stream) => new(stream, 0, hash: null, timestamp: default);
}

/// <summary>Snapshots that the caller can read, and after how many events a fresh one is due.</summary>
public sealed record SnapshotSchema(int SchemaVersion, int EveryEvents)
{
    /// <summary>Whether a multiple of the interval was reached since the last one: a rule that all hosts follow without asking each other.</summary>
    internal bool IsDue(long lastSnapshot, long version) => version / EveryEvents > lastSnapshot / EveryEvents;
}

/// <summary>A loaded stream. <paramref name="RequestCharge"/> in request units, 0 where the store has none.</summary>
public sealed record StreamLoad(StreamHead Head, StoredSnapshot? Snapshot, IReadOnlyList<Commit> Commits, double RequestCharge);

/// <summary>The end of a stream after a known head. <paramref name="Duplicates"/> are the commits of the commands asked for.</summary>
public sealed record StreamTail(StreamHead Head, IReadOnlyList<Commit> Commits, IReadOnlyList<Commit> Duplicates, double RequestCharge)
{
    /// <summary>The commit of the one command asked for.</summary>
    public Commit? Duplicate => Duplicates.Count == 0 ? null : Duplicates[0];
}

/// <summary>How an append ended. The request charge is in request units.</summary>
public abstract record AppendResult(double RequestCharge)
{
    /// <summary>Written; <paramref name="Commits"/> are the commits with their seals.</summary>
    public sealed record Appended(StreamHead Head, IReadOnlyList<Commit> Commits, double RequestCharge) : AppendResult(RequestCharge)
    {
        /// <summary>The last of them.</summary>
        public Commit Commit => Commits[^1];

        /// <summary>The version of the snapshot that was written with it; null when there was none, or no room for it.</summary>
        public long? SnapshotVersion { get; init; }
    }

    public sealed record Conflict(double RequestCharge) : AppendResult(RequestCharge);
}

/// <summary>A commit is larger than one item may be. Nothing was written.</summary>
public sealed class CommitTooLargeException : Exception
{
    public CommitTooLargeException(StreamName stream, long sizeBytes)
        : this(stream, sizeBytes, $"The commit to {stream} has {sizeBytes} bytes; at most {Limits.MaxCommitBytes} fit into one item.")
    {
    }

    private CommitTooLargeException(StreamName stream, long sizeBytes, string message)
        : base(message)
    {
        Stream = stream;
        SizeBytes = sizeBytes;
    }

    public StreamName Stream { get; }

    public long SizeBytes { get; }

    /// <summary>The stream is as long as one may be in this store, whatever the size of the commit.</summary>
    public static CommitTooLargeException StreamFull(StreamName stream, long sizeBytes) =>
        new(stream, sizeBytes, $"{stream} is full: the store has no room for {sizeBytes} bytes more in one stream.");
}

/// <summary>A caller named a version that is not where the stream ends: appending there would leave a gap or a fork.</summary>
public sealed class WrongExpectedVersionException(StreamName stream, long expectedVersion, long actualVersion)
    : Exception($"{stream} was expected at version {expectedVersion}, but is at {actualVersion}.")
{
    public StreamName Stream { get; } = stream;

    public long ExpectedVersion { get; } = expectedVersion;

    public long ActualVersion { get; } = actualVersion;
}

public static class EventStoreExtensions
{
    extension(IEventStore store)
    {
        /// <summary>Writes one commit right after <paramref name="head"/> and leaves the stream's snapshot as it is.</summary>
        public Task<AppendResult> AppendAsync(StreamHead head, Commit commit, CancellationToken cancellationToken) =>
            store.AppendManyAsync(head, [commit], snapshot: null, cancellationToken);

        /// <summary>Writes one commit right after <paramref name="head"/>, and its snapshot.</summary>
        public Task<AppendResult> AppendAsync(StreamHead head, Commit commit, StoredSnapshot? snapshot, CancellationToken cancellationToken) =>
            store.AppendManyAsync(head, [commit], snapshot, cancellationToken);

        /// <summary>Reads the commits after <paramref name="head"/>, and the commit of one command, if there is one.</summary>
        public Task<StreamTail> ReadTailAsync(StreamHead head, string commandId, CancellationToken cancellationToken) =>
            store.ReadTailAsync(head, [commandId], cancellationToken);

        /// <summary>Turns a bare version into a head that can be appended to, by reading where the stream ends.</summary>
        /// <exception cref="WrongExpectedVersionException">The stream ends before or after <paramref name="expectedVersion"/>.</exception>
        public async Task<StreamHead> FindHeadAsync(StreamName stream, long expectedVersion, CancellationToken cancellationToken)
        {
            StreamHead head = await store.ReadHeadAsync(stream, cancellationToken);
            return head.Version == expectedVersion
                ? head
                : throw new WrongExpectedVersionException(stream, expectedVersion, head.Version);
        }
    }
}
