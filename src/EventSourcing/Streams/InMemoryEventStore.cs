using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>Streams in this process's memory, with every guarantee of the port; for tests and for trying a context out.</summary>
public sealed class InMemoryEventStore : IEventStore, ICommitLog
{
    private const string AllStreams = "commits";

    private readonly ConcurrentDictionary<StreamName, Entry> streams = new();
    private readonly List<Commit> all = [];
    private readonly Lock allGate = new();

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Of(stream).Read(HeadOf));

        StreamHead HeadOf(Entry entry) => entry.Head(stream);
    }

    public Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Of(stream).Read(entry =>
        {
            StoredSnapshot? snapshot = snapshotSchema is not null && entry.Snapshot?.SchemaVersion == snapshotSchema.SchemaVersion ? entry.Snapshot : null;
            long start = snapshot?.Version ?? 0;
            return new StreamLoad(entry.Head(stream), snapshot, [.. entry.Commits.Where(c => c.FirstVersion > start)], RequestCharge: 0);
        }));
    }

    public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Of(head.Stream).Read(entry => new StreamTail(
            entry.Head(head.Stream),
            [.. entry.Commits.Where(c => c.FirstVersion > head.Version)],
            commandIds.Count == 0 ? [] : [.. entry.Commits.Where(c => commandIds.Contains(c.Metadata.CommandId))],
            RequestCharge: 0)));
    }

    public async IAsyncEnumerable<Commit> ReadAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        foreach (Commit commit in Of(stream).Read(entry => entry.Commits.ToArray()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (commit.LastVersion >= fromVersion)
            {
                yield return commit;
            }
        }
    }

    public Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CommitRules.Check(head, commits, snapshot);
        SealedCommits @sealed = SealedCommits.After(head, commits);
        bool isSnapshotted = snapshot is not null && @sealed.Write(snapshot) is not null;
        return Task.FromResult(Of(head.Stream).Read<AppendResult>(entry =>
        {
            if (entry.Version != head.Version || commits.Any(c => entry.CommandIds.Contains(c.Metadata.CommandId)))
            {
                return new AppendResult.Conflict(RequestCharge: 0);
            }
            entry.CommandIds.UnionWith(commits.Select(c => c.Metadata.CommandId));
            entry.Commits.AddRange(@sealed.Commits);
            lock (allGate)
            {
                all.AddRange(@sealed.Commits);
            }
            entry.Snapshot = isSnapshotted ? snapshot : entry.Snapshot;
            return new AppendResult.Appended(entry.Head(head.Stream), @sealed.Commits, RequestCharge: 0) { SnapshotVersion = isSnapshotted ? snapshot!.Version : null };
        }));
    }

    public async IAsyncEnumerable<JsonElement> ReadItemsAsync(
        StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (Commit commit in ReadAsync(stream, fromVersion: 1, cancellationToken))
        {
            yield return ItemOf(commit);
        }
    }

    public async IAsyncEnumerable<JsonElement> ReadItemsByIdAsync(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (JsonElement item in ReadAllItemsAsync(cancellationToken))
        {
            if (item.GetProperty("id"u8).ValueEquals(id))
            {
                yield return item;
            }
        }
    }

    public async IAsyncEnumerable<JsonElement> ReadAllItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (Commit commit in Copy())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return ItemOf(commit);
        }
    }

    public Task<CommitLogPage> ReadPageAsync(StreamName? stream, string? continuation, int pageSize, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        string query = stream?.Value ?? AllStreams;
        int start = int.Parse(Continuation.Unwrap(query, continuation) ?? "0", CultureInfo.InvariantCulture);
        Commit[] commits = stream is null ? Copy() : Of(stream).Read(entry => entry.Commits.ToArray());
        int end = Math.Min(start + pageSize, commits.Length);
        return Task.FromResult(new CommitLogPage(
            [.. commits[start..end].Select(ItemOf)],
            end == commits.Length ? null : Continuation.Wrap(query, end.ToString(CultureInfo.InvariantCulture)))
        {
            Snapshots = stream is null
                ? [.. commits[start..end].Where(c => Of(c.Stream).Read(entry => entry.Snapshot?.Version) == c.LastVersion).Select(c => c.Stream)]
                : [],
        });
    }

    public Task<CommitLink?> FindLinkBeforeAsync(StreamName stream, long version, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Of(stream).Read(entry => entry.Commits.FindLast(c => c.FirstVersion < version) is { } commit ? CommitLink.Of(commit) : null));
    }

    public Task<long?> EstimateCountAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<long?>(Copy().Length);
    }

    public async IAsyncEnumerable<StreamName> ReadStreamsAsync(
        string category, StreamName? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        // A stream that was only looked for has an entry, too.
        foreach ((StreamName stream, Entry entry) in streams.Where(s => s.Key.Category == category).OrderBy(s => s.Key.Value, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((after is null || string.CompareOrdinal(stream.Value, after.Value) > 0) && entry.Read(e => e.Version) > 0)
            {
                yield return stream;
            }
        }
    }

    public Task<IReadOnlyList<Commit>> ReadConversationAsync(string correlationId, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return Task.FromResult<IReadOnlyList<Commit>>([.. streams.Values
            .SelectMany(entry => entry.Read(e => e.Commits.ToArray()))
            .Where(c => c.Metadata.CorrelationId == correlationId)
            .OrderBy(c => c.Metadata.Timestamp).ThenBy(c => c.Stream.Value, StringComparer.Ordinal).ThenBy(c => c.FirstVersion)
            .Take(limit)]);
    }

    public Task<NewestPage<Delivery>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(InMemoryNewest.Page(
            query, AllStreams, Copy().Select(c => (Delivery.Of(c), c.Stream, c.Metadata.Timestamp))));
    }

    public Task<IReadOnlyList<Commit>> ReadByCommandAsync(string commandId, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return Task.FromResult<IReadOnlyList<Commit>>(
            [.. Copy().Where(c => c.Metadata.CommandId == commandId).OrderBy(c => c.Stream.Value, StringComparer.Ordinal).Take(limit)]);
    }

    private static JsonElement ItemOf(Commit commit) => JsonElement.Parse(CommitJson.Write(commit, commit.PreviousHash).Json.Span);

    private Commit[] Copy()
    {
        lock (allGate)
        {
            return [.. all];
        }
    }

    private Entry Of(StreamName stream) => streams.GetOrAdd(stream, static _ => new Entry());

    private sealed class Entry
    {
        private readonly Lock gate = new();

        public List<Commit> Commits { get; } = [];

        public StoredSnapshot? Snapshot { get; set; }

        public HashSet<string> CommandIds { get; } = new(StringComparer.Ordinal);

        public long Version => Commits.Count == 0 ? 0 : Commits[^1].LastVersion;

        public StreamHead Head(StreamName stream) =>
            Commits.Count == 0 ? StreamHead.StartOf(stream) : StreamHead.SeenByStore(Commits[^1]);

        public T Read<T>(Func<Entry, T> read)
        {
            lock (gate)
            {
                return read(this);
            }
        }
    }
}
