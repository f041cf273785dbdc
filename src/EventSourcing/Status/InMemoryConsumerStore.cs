namespace Serverless.EventSourcing;

/// <summary>Records of consumers in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryConsumerStore : IConsumerStore
{
    private readonly InMemoryRecords<ConsumerRecord> records = new(r => r.ETag, (r, etag) => r with { ETag = etag });

    public Task<ConsumerRecord?> ReadAsync(string consumer, CancellationToken cancellationToken) => records.ReadAsync(consumer, cancellationToken);

    public Task<bool> TryWriteAsync(ConsumerRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return records.TryWriteAsync(record.Consumer, record, cancellationToken);
    }
}
