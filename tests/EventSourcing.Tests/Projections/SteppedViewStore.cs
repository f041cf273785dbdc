namespace Serverless.EventSourcing.Tests;

/// <summary>Views whose every call is one step: it waits to be chosen, takes effect at once, and fails when told to.</summary>
internal sealed class SteppedViewStore(IViewStore inner, Interleaving steps, Func<StoreFault> nextFault) : IViewStore
{
    public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        CallAsync($"read {partition.Value}", () => inner.ReadAsync(partition, ids, cancellationToken));

    public Task<ViewWrite> TryWriteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
        CallAsync($"write {partition.Value}", () => inner.TryWriteAsync(partition, documents, cancellationToken));

    public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
        CallAsync($"delete {partition.Value}", () => inner.TryDeleteAsync(partition, documents, cancellationToken));

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

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
