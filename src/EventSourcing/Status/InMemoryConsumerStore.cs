using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>Records of consumers in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryConsumerStore : IConsumerStore
{
    private readonly Dictionary<string, ConsumerRecord> records = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long writes;

    public Task<ConsumerRecord?> ReadAsync(string consumer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(records.GetValueOrDefault(consumer));
        }
    }

    public Task<bool> TryWriteAsync(ConsumerRecord record, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (records.GetValueOrDefault(record.Consumer)?.ETag != record.ETag)
            {
                return Task.FromResult(false);
            }
            records[record.Consumer] = record with { ETag = (++writes).ToString(CultureInfo.InvariantCulture) };
            return Task.FromResult(true);
        }
    }
}
