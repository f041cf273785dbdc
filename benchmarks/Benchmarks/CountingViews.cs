using Serverless.EventSourcing;

namespace Serverless.Benchmarks;

/// <summary>Counts what goes to the store of views.</summary>
internal sealed class CountingViews(IViewStore inner) : IViewStore
{
    private readonly Lock gate = new();

    public long Requests { get; private set; }

    public double RequestCharge { get; private set; }

    public int Created { get; private set; }

    public async Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        ViewRead read = await inner.ReadAsync(partition, ids, cancellationToken);
        Count(read.RequestCharge, created: 0);
        return read;
    }

    public async Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
    {
        ViewWrite write = await inner.TryWriteAsync(partition, documents, cancellationToken);
        Count(write.RequestCharge, write.IsWritten ? documents.Count(d => d.ETag is null) : 0);
        return write;
    }

    public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
        inner.TryDeleteAsync(partition, documents, cancellationToken);

    public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

    private void Count(double charge, int created)
    {
        lock (gate)
        {
            Requests++;
            RequestCharge += charge;
            Created += created;
        }
    }
}
