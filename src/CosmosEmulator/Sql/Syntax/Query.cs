namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>A whole query, or one in parentheses.</summary>
internal sealed record Query(
    SelectClause Select,
    Nodes<Source> From,
    Expression? Where,
    Nodes<Expression> GroupBy,
    Nodes<OrderItem> OrderBy,
    OffsetLimit? OffsetLimit)
{
    public SourceSpan Span { get; init; }

    /// <summary>Where the ORDER BY clause stands, for the error that refuses it in a subquery.</summary>
    public SourceSpan OrderBySpan { get; init; }
}

internal sealed record SelectClause(bool IsDistinct, Count? Top, Selection Selection)
{
    /// <summary>Where the TOP clause stands.</summary>
    public SourceSpan TopSpan { get; init; }
}

/// <summary>What is selected. Closed: every case is in this file.</summary>
internal abstract record Selection
{
    private protected Selection() { }
}

internal sealed record SelectStar : Selection
{
    public SourceSpan Span { get; init; }
}

internal sealed record SelectValue(Expression Value) : Selection;

internal sealed record SelectList(Nodes<SelectItem> Items) : Selection;

internal sealed record SelectItem(Expression Value, string? Alias)
{
    public SourceSpan AliasSpan { get; init; }
}

/// <summary>The count of TOP, OFFSET or LIMIT. Closed: every case is in this file.</summary>
internal abstract record Count
{
    private protected Count() { }

    public SourceSpan Span { get; init; }
}

internal sealed record CountLiteral(long Value) : Count;

internal sealed record CountParameter(string Name) : Count;

internal sealed record OrderItem(Expression Value, bool? IsDescending)
{
    public bool Descends => IsDescending is true;
}

internal sealed record OffsetLimit(Count Offset, Count Limit)
{
    public SourceSpan Span { get; init; }
}

/// <summary>One input set of FROM; the first is the root, the others are joined to all before them.</summary>
/// <param name="Collection">What it ranges over.</param>
/// <param name="Alias">Its explicit name, if it has one.</param>
/// <param name="IsIterator">Whether it is <c>alias IN collection</c>: the elements of an array one by one.</param>
internal sealed record Source(Collection Collection, string? Alias, bool IsIterator)
{
    public SourceSpan AliasSpan { get; init; }
}

/// <summary>Closed: every case is in this file.</summary>
internal abstract record Collection
{
    private protected Collection() { }
}

/// <summary>An identifier with property and element steps.</summary>
internal sealed record PathCollection(Expression Path) : Collection;

internal sealed record SubqueryCollection(Query Query) : Collection;
