using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>Records by name in this process's memory, each replaced only while its ETag is the one that was read.</summary>
internal sealed class InMemoryRecords<TRecord>(Func<TRecord, string?> etagOf, Func<TRecord, string, TRecord> withETag)
    where TRecord : class
{
    private readonly Dictionary<string, TRecord> records = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long writes;

    public Task<TRecord?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(records.GetValueOrDefault(name));
        }
    }

    public Task<bool> TryWriteAsync(string name, TRecord record, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            string? current = records.TryGetValue(name, out TRecord? stored) ? etagOf(stored) : null;
            if (current != etagOf(record))
            {
                return Task.FromResult(false);
            }
            records[name] = withETag(record, (++writes).ToString(CultureInfo.InvariantCulture));
            return Task.FromResult(true);
        }
    }
}
