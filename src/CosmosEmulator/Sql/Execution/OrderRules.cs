using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>What the service's execution, unlike its planner, refuses of ORDER BY.</summary>
internal static class OrderRules
{
    public static void Check(Query query, IReadOnlyList<CompositeIndex>? indexes)
    {
        if (query.OrderBy.Any(item => IsCorrelated(query, item.Value)))
        {
            throw SqlException.Plan("Order-by over correlated collections is not supported.");
        }

        if (indexes is not null && query.OrderBy.Count > 1 && query.GroupBy.Count == 0 && !indexes.Any(index => Serves(index, query)))
        {
            throw SqlException.Plan("The order by query does not have a corresponding composite index that it can be served from.");
        }
    }

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
