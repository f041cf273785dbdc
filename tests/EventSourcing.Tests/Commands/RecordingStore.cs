namespace Serverless.EventSourcing.Tests;

/// <summary>Counts the calls to a store, and lets a test act right before one of them.</summary>
internal sealed class RecordingStore(IEventStore inner) : IEventStore
{
    private readonly List<string> calls = [];

    /// <summary>The calls since the last look.</summary>
    public string[] TakeCalls()
    {
        string[] taken = [.. calls];
        calls.Clear();
        return taken;
    }

    /// <summary>From which version each read of a stream began.</summary>
    public List<long> ReadFrom { get; } = [];

    /// <summary>Runs before each append takes effect, with how many there were.</summary>
    public Func<int, Task>? BeforeAppend { get; set; }

    private int appends;

    /// <summary>What the last append stored beside its commit; null when it was none, or was left out.</summary>
    public StoredSnapshot? LastSnapshot { get; private set; }

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken)
    {
        calls.Add("head");
        return inner.ReadHeadAsync(stream, cancellationToken);
    }

    public Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken)
    {
        calls.Add("load");
        return inner.LoadAsync(stream, snapshotSchema, cancellationToken);
    }

    public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken)
    {
        calls.Add("tail");
        return inner.ReadTailAsync(head, commandIds, cancellationToken);
    }

    public IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken)
    {
        calls.Add("read");
        ReadFrom.Add(fromVersion);
        return inner.ReadAsync(stream, fromVersion, cancellationToken);
    }

    public async Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken)
    {
        calls.Add("append");
        if (BeforeAppend is { } before)
        {
            await before(++appends);
        }
        AppendResult result = await inner.AppendManyAsync(head, commits, snapshot, cancellationToken);
        LastSnapshot = (result as AppendResult.Appended)?.SnapshotVersion is null ? null : snapshot;
        return result;
    }
}
