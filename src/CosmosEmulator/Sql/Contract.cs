using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql;

// What the SQL module asks of storage and what it gives to the HTTP layer. Both sides are written against these shapes only.

/// <summary>A stored item: its item number (the tie-breaker of every order) and its UTF-8 JSON with the system properties.</summary>
public readonly record struct SqlRow(ulong Number, ReadOnlyMemory<byte> Json);

/// <summary>A range of item ids in ordinal order; a missing bound is open.</summary>
public sealed record IdRange(string? From, bool FromInclusive, string? To, bool ToInclusive);

/// <summary>A row is wanted when it satisfies all that an alternative names: an id range, an equality on a path such as <c>/a/b</c>.</summary>
public sealed record RowAlternative(IdRange? Ids, string? EqualPath, JsonElement? EqualValue);

/// <summary>The rows that any alternative wants; no alternative means all rows of the scope.</summary>
/// <remarks>
/// <see cref="FromNumber"/> lets a resumed query start where it stopped: storage leaves out rows with a smaller item number.
/// </remarks>
public sealed record RowAccess(IReadOnlyList<RowAlternative> Alternatives, RowOrder Order)
{
    public ulong FromNumber { get; init; }
}

/// <summary>
/// The order in which rows come. Ids compare ordinally, by UTF-16 code unit; equal ids of several logical partitions come by number,
/// and descending order is the exact reverse.
/// </summary>
public enum RowOrder
{
    ByNumber,
    ById,
    ByIdDescending,
}

/// <summary>
/// The rows of one request's scope. It may return more rows than asked for (the engine filters again), never fewer, each at most
/// once, and always in the wanted order.
/// </summary>
public interface IRowSource
{
    IEnumerable<SqlRow> Rows(RowAccess access);
}

/// <summary>The partition key paths of a container, such as <c>/tenant</c>.</summary>
public sealed record PartitionKeyPaths(IReadOnlyList<string> Paths, bool Hierarchical);

/// <summary>
/// One page of one query. Parameters is the request's array of names and values, or default; counts and sizes below one leave the
/// limit to the engine.
/// </summary>
public sealed record QueryRequest(
    SqlQuery Query, JsonElement Parameters, int MaxItemCount, string? Continuation, JsonElement? ResumeFilter, int MaxPageBytes)
{
    /// <summary>What the functions of the current time read.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The composite indexes of the container, without which an ORDER BY of several paths is refused; null to serve any ORDER BY.</summary>
    public IReadOnlyList<CompositeIndex>? CompositeIndexes { get; init; }

    /// <summary>Which paths such as <c>/a/b</c> are indexed: what counts as loaded, and what can be ordered by.</summary>
    public Func<string, bool> IsIndexed { get; init; } = _ => false;
}

/// <summary>One composite index: its paths, such as <c>/name</c>, in their order.</summary>
public sealed record CompositeIndex(IReadOnlyList<(string Path, bool IsDescending)> Paths);

/// <summary>The results in order, the token for the rest (none when there is no more), and what was read to find them.</summary>
public sealed record QueryPage(
    IReadOnlyList<ReadOnlyMemory<byte>> Documents, string? Continuation, int RowsScanned, long BytesScanned)
{
    /// <summary>Whether the results of several partitions make one answer only when somebody merges them: groups, aggregates, DISTINCT.</summary>
    public bool RequiresDistribution { get; init; }

    /// <summary>The values that a database with a full index would have looked up in it.</summary>
    public int IndexLookups { get; init; }

    /// <summary>The size of the items that such a database would have had to load.</summary>
    public long BytesLoaded { get; init; }
}
