namespace Serverless.EventSourcing.Tests;

/// <summary>What goes wrong with one call to a store.</summary>
internal enum StoreFault
{
    None,

    /// <summary>The call fails and nothing happens.</summary>
    BeforeEffect,

    /// <summary>The call takes effect, and its answer is lost.</summary>
    AfterEffect,
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
        CallAsync($"load {stream}", () => inner.LoadAsync(stream, snapshotSchema, cancellationToken));

    public Task<StreamTail> ReadTailAsync(StreamHead head, string? commandId, CancellationToken cancellationToken) =>
        CallAsync($"tail {head.Stream} after {head.Version} for {commandId}", () => inner.ReadTailAsync(head, commandId, cancellationToken));

    public IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken) =>
        inner.ReadAsync(stream, fromVersion, cancellationToken);

    public Task<AppendResult> AppendAsync(StreamHead head, Commit commit, StoredSnapshot? snapshot, CancellationToken cancellationToken) =>
        CallAsync(
            $"append {head.Stream} after {head.Version} {commit.Metadata.CommandId}", () => inner.AppendAsync(head, commit, snapshot, cancellationToken));

    private async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        await steps.StepAsync(name);
        StoreFault fault = nextFault();
        if (fault == StoreFault.BeforeEffect)
        {
            throw new StoreFaultException(fault, name);
        }
        T result = await call();
        return fault == StoreFault.AfterEffect ? throw new StoreFaultException(fault, name) : result;
    }
}
