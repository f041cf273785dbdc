using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>What the service's execution, unlike its planner, refuses of ORDER BY.</summary>
internal static class OrderRules
{
    public static void Check(Query query, IReadOnlyList<CompositeIndex>? indexes, Func<string, bool> isIndexed)
    {
        if (query.OrderBy.Any(item => IsCorrelated(query, item.Value)))
        {
            throw SqlException.Plan("Order-by over correlated collections is not supported.");
        }

        if (indexes is null || query.GroupBy.Count > 0)
        {
            return;
        }

        if (query.OrderBy is [var only] && PathOf(only.Value, AccessPlanner.RootOf(query)) is { Length: > 0 } path && !isIndexed(path))
        {
            throw SqlException.Plan("The index path corresponding to the specified order-by item is excluded.");
        }

        if (query.OrderBy.Count > 1 && !indexes.Any(index => Serves(index, query)))
        {
            throw SqlException.Plan("The order by query does not have a corresponding composite index that it can be served from.");
        }
    }

    // As indexing policies write it: /a/[]/b. What is no path of the stored item, or can't be written so, is not looked up.
    private static string? PathOf(Expression expression, string? root) => expression switch
    {
        Identifier identifier when identifier.Name == root => "",
        Member member when !member.Name.Contains('/', StringComparison.Ordinal) && PathOf(member.Target, root) is { } parent => $"{parent}/{member.Name}",
        Element element when PathOf(element.Target, root) is { } parent => $"{parent}/[]",
        _ => null,
    };

    // Elements of arrays have no place in an index of items.
    private static bool IsCorrelated(Query query, Expression path) => path switch
    {
        Identifier identifier => query.From.Skip(1).Any(source => source.Name() == identifier.Name)
            || query.From is [{ IsIterator: true, Alias: string alias }, ..] && alias == identifier.Name,
        Member member => IsCorrelated(query, member.Target),
        Element element => IsCorrelated(query, element.Target),
        _ => false,
    };

    // The same paths in the same order, all in the directions of the index or all in the opposite ones.
    private static bool Serves(CompositeIndex index, Query query)
    {
        if (index.Paths.Count != query.OrderBy.Count)
        {
            return false;
        }

        bool isReverse = index.Paths[0].IsDescending != query.OrderBy[0].Descends;
        return index.Paths.Zip(query.OrderBy).All(pair =>
            pair.First.Path == pair.Second.Value.PathText() && pair.First.IsDescending != pair.Second.Descends == isReverse);
    }
}
