using System.Runtime.CompilerServices;

namespace Serverless.EventSourcing;

/// <summary>Refused commands in this process's memory; for tests and for trying a context out.</summary>
public sealed class InMemoryRefusedCommandStore(TimeProvider time) : IRefusedCommandStore
{
    private readonly Dictionary<(StreamName Stream, string Id), (RefusedCommand Command, DateTimeOffset ExpiresAt)> records = [];
    private readonly Lock gate = new();

    public Task<RefusedWrite> TryRecordAsync(RefusedCommand command, TimeSpan keep, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellationToken.ThrowIfCancellationRequested();
        lock (gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            bool isKnown = records.TryGetValue((command.Stream, command.Id), out var known) && known.ExpiresAt > now;
            if (!isKnown)
            {
                records[(command.Stream, command.Id)] = (command, now + keep);
            }
            return Task.FromResult(new RefusedWrite(!isKnown, RequestCharge: 0));
        }
    }

    public IAsyncEnumerable<RefusedCommand> ReadAsync(StreamName stream, string? afterId, CancellationToken cancellationToken) => Each(
        Living(c => c.Stream == stream && (afterId is null || string.CompareOrdinal(c.Id, afterId) > 0)).OrderBy(c => c.Id, StringComparer.Ordinal),
        cancellationToken);

    public Task<NewestPage<RefusedCommand>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(InMemoryNewest.Page(query, "refused", Living(_ => true).Select(c => (c, c.Stream, c.Metadata.Timestamp))));
    }

    public IAsyncEnumerable<StreamName> ReadRefusedBeginningsAsync(string category, StreamName? after, CancellationToken cancellationToken) => Each(
        Living(c => c.Version == 0 && c.Stream.Category == category && (after is null || string.CompareOrdinal(c.Stream.Value, after.Value) > 0))
            .Select(c => c.Stream).Distinct().OrderBy(s => s.Value, StringComparer.Ordinal),
        cancellationToken);

    private RefusedCommand[] Living(Func<RefusedCommand, bool> isWanted)
    {
        lock (gate)
        {
            return [.. records.Values.Where(r => r.ExpiresAt > time.GetUtcNow()).Select(r => r.Command).Where(isWanted)];
        }
    }

    private static async IAsyncEnumerable<T> Each<T>(IEnumerable<T> found, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (T one in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return one;
        }
    }
}
