using System.Globalization;

namespace Serverless.EventSourcing;

/// <summary>Pages of what was written last, for stores in memory: a position is the number of records that were written before it.</summary>
internal static class InMemoryNewest
{
    /// <param name="query">What is wanted.</param>
    /// <param name="container">Tells one store's continuation from another's.</param>
    /// <param name="records">All records in the order in which they were written.</param>
    public static NewestPage<T> Page<T>(NewestQuery query, string container, IEnumerable<(T Record, StreamName Stream, DateTimeOffset At)> records)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.PageSize, 1);
        string name = query.NameOf(container);
        int before = int.Parse(Continuation.Unwrap(name, query.Continuation) ?? $"{int.MaxValue}", CultureInfo.InvariantCulture);
        (Written<T> Written, int Number)[] found =
        [
            .. records
                .Select((r, number) => (r.Stream, Written: new Written<T>(r.Record, WholeSeconds(r.At)), Number: number))
                .Where(r => r.Number < before && (query.Category is null || r.Stream.Category == query.Category))
                .Where(r => query.Since is null || r.Written.WrittenAt >= WholeSeconds(query.Since.Value))
                .Reverse()
                .Take(query.PageSize + 1)
                .Select(r => (r.Written, r.Number)),
        ];
        return found.Length <= query.PageSize
            ? new NewestPage<T>([.. found.Select(f => f.Written)], Continuation: null)
            : new NewestPage<T>(
                [.. found.SkipLast(1).Select(f => f.Written)], Continuation.Wrap(name, found[^2].Number.ToString(CultureInfo.InvariantCulture)));
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());
}
