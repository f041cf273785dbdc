using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// What a query must have read before it can answer. Only the query and the chain of subqueries at the root of FROM count: any other
/// subquery looks at one item.
/// </summary>
internal sealed record QueryShape
{
    private QueryShape() { }

    /// <summary>Its results are groups.</summary>
    public required bool IsGrouped { get; init; }

    /// <summary>Its results are groups, or values without duplicates.</summary>
    public required bool NeedsAllRows { get; init; }

    /// <summary>It or a subquery that it ranges over needs all rows, so no page may begin in the middle of them.</summary>
    public required bool DependsOnAllRows { get; init; }

    /// <summary>It ranges over groups, which have no place of their own where a page could end: it answers with one page.</summary>
    public required bool IsOnePage { get; init; }

    public static QueryShape Of(Query query)
    {
        QueryShape? inner = query.From is [{ Collection: SubqueryCollection root }, ..] ? Of(root.Query) : null;
        bool isGrouped = query.GroupBy.Count > 0 || AggregateCalls.Of(query).Count > 0;
        bool needsAllRows = isGrouped || query.Select.IsDistinct;
        return new()
        {
            IsGrouped = isGrouped,
            NeedsAllRows = needsAllRows,
            DependsOnAllRows = needsAllRows || inner is { DependsOnAllRows: true },
            IsOnePage = inner is { IsGrouped: true } or { IsOnePage: true },
        };
    }
}
