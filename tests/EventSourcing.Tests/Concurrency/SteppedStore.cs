namespace Serverless.EventSourcing.Tests;

/// <summary>What goes wrong with one call to a store.</summary>
internal enum StoreFault
{
    None,

    /// <summary>The call fails and nothing happens.</summary>
    BeforeEffect,

    /// <summary>The call takes effect, and its answer is lost.</summary>
    AfterEffect,

    /// <summary>A load is answered by a replica that lacks the newest commit. Reads that must not be stale never are.</summary>
    Stale,
}

internal sealed class StoreFaultException(StoreFault fault, string call) : IOException($"{call}: {fault}")
{
    public StoreFault Fault { get; } = fault;

    public string Call { get; } = call;
}

/// <summary>A store whose every call is one step: it waits to be chosen, takes effect at once, and fails when told to.</summary>
internal sealed class SteppedStore(IEventStore inner, Interleaving steps, Func<StoreFault> nextFault) : IEventStore
{
    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        CallAsync($"head {stream}", () => inner.ReadHeadAsync(stream, cancellationToken));

    public Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken) =>
        CallAsync($"load {stream}", () => inner.LoadAsync(stream, snapshotSchema, cancellationToken), WithoutNewest);

    private static StreamLoad WithoutNewest(StreamLoad load) => load.Commits.Count switch
    {
        0 => load,
        1 when load.Snapshot is not null => load, // The head behind a snapshot is known to its store only.
        1 => load with { Head = StreamHead.StartOf(load.Head.Stream), Commits = [] },
        _ => load with { Head = StreamHead.SeenByStore(load.Commits[^2]), Commits = [.. load.Commits.SkipLast(1)] },
    };

    public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken) =>
        CallAsync($"tail {head.Stream} after {head.Version} for {string.Join(", ", commandIds)}", () => inner.ReadTailAsync(head, commandIds, cancellationToken));

    public IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken) =>
        inner.ReadAsync(stream, fromVersion, cancellationToken);

    public Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken) =>
        CallAsync(
            $"append {head.Stream} after {head.Version} {string.Join(", ", commits.Select(c => c.Metadata.CommandId))}", () => inner.AppendManyAsync(head, commits, snapshot, cancellationToken));

    private async Task<T> CallAsync<T>(string name, Func<Task<T>> call, Func<T, T>? makeStale = null)
    {
        await steps.StepAsync(name);
        StoreFault fault = nextFault();
        if (fault == StoreFault.BeforeEffect)
        {
            throw new StoreFaultException(fault, name);
        }
        T result = await call();
        return fault switch
        {
            StoreFault.AfterEffect => throw new StoreFaultException(fault, name),
            StoreFault.Stale when makeStale is not null => makeStale(result),
            _ => result,
        };
    }
}
