namespace Serverless.EventSourcing.Tests;

/// <summary>Counts calls, and lets others go first.</summary>
internal sealed class CountingViewStore(IViewStore inner) : IViewStore
{
    private IViewStore inner = inner;
    private int reads;
    private int writes;

    public int Reads => reads;

    public int Writes => writes;

    public Func<int, Task>? BeforeWrite { get; set; }

    public Action? AfterWrite { get; set; }

    /// <summary>As when the views were lost and begin anew, in another store.</summary>
    public void Lose(IViewStore anew) => inner = anew;

    public void Reset() => (reads, writes) = (0, 0);

    public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads); // Partitions go side by side.
        return inner.ReadAsync(partition, ids, cancellationToken);
    }

    public async Task<ViewWrite> TryWriteAsync(
        ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        int number = Interlocked.Increment(ref writes);
        if (BeforeWrite is { } before)
        {
            await before(number);
        }
        ViewWrite write = await inner.TryWriteAsync(partition, documents, cancellationToken);
        AfterWrite?.Invoke();
        return write;
    }

    public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
        inner.TryDeleteAsync(partition, documents, cancellationToken);

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
}
