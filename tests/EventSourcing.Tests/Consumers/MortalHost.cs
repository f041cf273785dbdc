using System.Runtime.CompilerServices;

namespace Serverless.EventSourcing.Tests;

/// <summary>What happens at one call to a store.</summary>
internal enum Accident
{
    None,

    /// <summary>The call fails and nothing happens.</summary>
    FaultBefore,

    /// <summary>The call takes effect, and its answer is lost.</summary>
    FaultAfter,

    /// <summary>The host dies, with all that it has under way, before the call takes effect.</summary>
    DeathBefore,

    /// <summary>The host dies after the call has taken effect.</summary>
    DeathAfter,
}

/// <summary>
/// One life of a host. Every call to a store is one step: it waits to be chosen and takes effect at once, unless there is an accident.
/// What a dead host has begun never goes on.
/// </summary>
internal sealed class MortalHost(Interleaving steps, Func<Accident> nextAccident)
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    // Not with asynchronous continuations: who waits for several tasks would be woken by the thread pool, behind the back of the steps.
    private readonly TaskCompletionSource died = new();

    public Task Death => died.Task;

    public IEventStore Over(IEventStore store) => new Events(this, store);

    public IViewStore Over(IViewStore store) => new Views(this, store);

    public IParkedStore Over(IParkedStore store) => new Parked(this, store);

    public IFenceStore Over(IFenceStore store) => new SteppedFenceStore(store, CallAsync);

    private async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        await steps.StepAsync(name);
        await StopIfDeadAsync();
        Accident accident = nextAccident();
        switch (accident)
        {
            case Accident.FaultBefore:
                throw new StoreFaultException(StoreFault.BeforeEffect, name);
            case Accident.DeathBefore:
                await DieAsync();
                break;
            default:
                break;
        }
        T result = await call();
        return accident switch
        {
            Accident.FaultAfter => throw new StoreFaultException(StoreFault.AfterEffect, name),
            Accident.DeathAfter => await DieAsync<T>(),
            _ => result,
        };
    }

    private Task StopIfDeadAsync() => died.Task.IsCompleted ? Never : Task.CompletedTask;

    private Task DieAsync()
    {
        died.TrySetResult();
        return Never;
    }

    private async Task<T> DieAsync<T>()
    {
        await DieAsync();
        throw new InvalidOperationException("A dead host has gone on.");
    }

    private sealed class Events(MortalHost host, IEventStore inner) : IEventStore
    {
        public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
            host.CallAsync($"head {stream}", () => inner.ReadHeadAsync(stream, cancellationToken));

        public Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken) =>
            host.CallAsync($"load {stream}", () => inner.LoadAsync(stream, snapshotSchema, cancellationToken));

        public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken) =>
            host.CallAsync($"tail {head.Stream}", () => inner.ReadTailAsync(head, commandIds, cancellationToken));

        public async IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            _ = await host.CallAsync($"read {stream} from {fromVersion}", () => Task.FromResult(0));
            await foreach (Commit commit in inner.ReadAsync(stream, fromVersion, cancellationToken))
            {
                yield return commit;
            }
        }

        public Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken) =>
            host.CallAsync($"append {string.Join(", ", commits.Select(c => c.Metadata.CommandId))}", () => inner.AppendManyAsync(head, commits, snapshot, cancellationToken));
    }

    private sealed class Views(MortalHost host, IViewStore inner) : IViewStore
    {
        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            host.CallAsync($"read {partition.Value}", () => inner.ReadAsync(partition, ids, cancellationToken));

        public Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            host.CallAsync($"write {partition.Value}", () => inner.TryWriteAsync(partition, documents, cancellationToken));

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            host.CallAsync($"delete {partition.Value}", () => inner.TryDeleteAsync(partition, documents, cancellationToken));

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }

    private sealed class Parked(MortalHost host, IParkedStore inner) : IParkedStore
    {
        public Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken) =>
            host.CallAsync($"read record {stream}", () => inner.ReadAsync(consumer, stream, cancellationToken));

        public Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken) =>
            host.CallAsync($"write record {parked.Stream}", () => inner.TryWriteAsync(parked, cancellationToken));

        public Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken) =>
            host.CallAsync($"delete record {parked.Stream}", () => inner.TryDeleteAsync(parked, cancellationToken));

        public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
            inner.ListAsync(consumer, pageSize, continuation, cancellationToken);

        public Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken) =>
            host.CallAsync($"count {consumer}", () => inner.CountAsync(consumer, status, cancellationToken));
    }
}
