using System.Runtime.CompilerServices;
using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>Finds the aggregates of a query. Those inside its subqueries are theirs.</summary>
internal static class AggregateCalls
{
    public static IReadOnlyList<Call> Of(Query query)
    {
        var calls = new List<Call>();
        foreach (Expression expression in query.Select.Selection.Expressions().Concat(query.OrderBy.Select(item => item.Value)))
        {
            Collect(expression, calls);
        }

        return [.. calls.Distinct()];
    }

    public static bool Contains(Expression expression)
    {
        var calls = new List<Call>();
        Collect(expression, calls);
        return calls.Count > 0;
    }

    private static void Collect(Expression expression, List<Call> calls)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (expression is Call call && Accumulator.IsAggregate(call.Name))
        {
            calls.Add(call);
            return;
        }

        foreach (Expression child in expression.Children())
        {
            Collect(child, calls);
        }
    }
}
