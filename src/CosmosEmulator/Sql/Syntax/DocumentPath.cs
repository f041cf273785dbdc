namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>
/// Whether an expression is a path into the stored item, so that it can be ordered by. It may go through object and array literals
/// and through subqueries in FROM, as long as what it finds at their end is a path again.
/// </summary>
internal static class DocumentPath
{
    public static bool IsPath(Expression expression, Query query) => Resolve(expression, query) is { IsPath: true };

    private static Target? Resolve(Expression expression, Query query) => expression switch
    {
        Identifier identifier => ResolveName(identifier, query),
        Member member => Resolve(member.Target, query) switch
        {
            { IsPath: true } path => path,
            { Value: ObjectLiteral literal } found when literal.Properties.FirstOrDefault(property => property.Name == member.Name) is { } property =>
                Resolve(property.Value, found.Query),
            _ => null,
        },
        Element element => Resolve(element.Target, query) switch
        {
            { IsPath: true } path => path,
            { Value: ArrayLiteral literal } found when element.Index.TryTruncate(out long index) && index >= 0 && index < literal.Items.Count =>
                Resolve(literal.Items[(int)index], found.Query),
            _ => null,
        },
        ObjectLiteral or ArrayLiteral => new Target(expression, query, IsPath: false),
        Subquery { Kind: SubqueryKind.Scalar, Query: { From.Count: 0, Select.Selection: SelectValue inner } } => Resolve(inner.Value, query),
        _ => null,
    };

    private static Target? ResolveName(Identifier identifier, Query query)
    {
        Source? source = query.From.FirstOrDefault(source => source.Name() == identifier.Name);
        return source is { IsIterator: false, Collection: SubqueryCollection subquery }
            ? subquery.Query.Select.Selection switch
            {
                SelectValue selected => Resolve(selected.Value, subquery.Query),
                SelectList list => new Target(list.ToObject(), subquery.Query, IsPath: false),
                _ => new Target(identifier, query, IsPath: true),
            }
            : new Target(identifier, query, IsPath: true);
    }

    /// <summary>What a step of the path has found, and the query whose names it uses.</summary>
    private sealed record Target(Expression Value, Query Query, bool IsPath);
}
