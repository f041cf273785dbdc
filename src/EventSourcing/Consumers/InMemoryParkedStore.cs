using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>Parked streams in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryParkedStore : IParkedStore
{
    private readonly SortedDictionary<string, ParkedStream> records = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long writes;

    public Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(records.GetValueOrDefault(KeyOf(consumer, stream)));
        }
    }

    public Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            string key = KeyOf(parked.Consumer, parked.Stream);
            if (records.GetValueOrDefault(key)?.ETag != parked.ETag)
            {
                return Task.FromResult<ParkedStream?>(null);
            }
            ParkedStream stored = parked with { ETag = (++writes).ToString(CultureInfo.InvariantCulture) };
            records[key] = stored;
            return Task.FromResult<ParkedStream?>(stored);
        }
    }

    public Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            string key = KeyOf(parked.Consumer, parked.Stream);
            return Task.FromResult(records.GetValueOrDefault(key)?.ETag == parked.ETag && records.Remove(key));
        }
    }

    public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        string? after = Continuation.Unwrap(consumer, continuation);
        lock (gate)
        {
            List<ParkedStream> page = [.. records.Values
                .Where(r => r.Consumer == consumer && (after is null || string.CompareOrdinal(r.Stream, after) > 0))
                .Take(pageSize + 1)];
            return Task.FromResult(page.Count > pageSize
                ? new ParkedPage(page[..pageSize], Continuation.Wrap(consumer, page[pageSize - 1].Stream))
                : new ParkedPage(page, Continuation: null));
        }
    }

    public Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            return Task.FromResult(records.Values.Count(r => r.Consumer == consumer && r.Status == status));
        }
    }

    private static string KeyOf(string consumer, string stream) => $"{consumer}\n{stream}";
}
