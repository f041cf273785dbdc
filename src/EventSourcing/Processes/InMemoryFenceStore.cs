namespace Serverless.EventSourcing;

/// <summary>Fences in this process's memory, with every guarantee of the port; for tests and for trying a context out.</summary>
public sealed class InMemoryFenceStore : IFenceStore
{
    private readonly InMemoryRecords<StreamFence> fences = new(f => f.ETag, (f, etag) => f with { ETag = etag });
    private readonly InMemoryRecords<ConsumerStarts> starts = new(s => s.ETag, (s, etag) => s with { ETag = etag });

    public async Task<FenceRead> ReadAsync(string consumer, StreamName stream, CancellationToken cancellationToken) =>
        new(await fences.ReadAsync($"{consumer}/{stream}", cancellationToken), RequestCharge: 0);

    public async Task<FenceWrite> TryWriteAsync(StreamFence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fence);
        return new FenceWrite(await fences.TryWriteAsync($"{fence.Consumer}/{fence.Stream}", fence, cancellationToken), RequestCharge: 0);
    }

    public Task<ConsumerStarts?> ReadStartsAsync(CancellationToken cancellationToken) => starts.ReadAsync("starts", cancellationToken);

    public Task<bool> TryWriteStartsAsync(ConsumerStarts starts, CancellationToken cancellationToken) =>
        this.starts.TryWriteAsync("starts", starts, cancellationToken);
}
