using System.Runtime.CompilerServices;
using Serverless.CosmosEmulator.Sql.Execution;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>After grouping a query has only its group keys and aggregates: finds references to anything else.</summary>
internal sealed class GroupCoverage(QueryChecker errors, Query query, NameScope scope)
{
    public void Check(Expression expression, string code, string place) => Check(expression, code, place, []);

    private void Check(Expression expression, string code, string place, HashSet<string> innerNames)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (expression)
        {
            case Call call when Accumulator.IsAggregate(call.Name) && innerNames.Count == 0:
                return;
            case Identifier or Member or Element when RootOf(expression) is string root:
                if (!IsCovered(expression) && scope.Declares(root) && !innerNames.Contains(root))
                {
                    errors.Add(expression.Span, code, Message(expression, place));
                }

                return;
            case Subquery subquery when !query.GroupBy.Contains(expression):
                CheckSubquery(subquery.Query, code, place, innerNames);
                return;
            default:
                if (!query.GroupBy.Contains(expression))
                {
                    foreach (Expression child in expression.Children())
                    {
                        Check(child, code, place, innerNames);
                    }
                }

                return;
        }
    }

    private static string Message(Expression path, string place) =>
        $"Property reference '{Printer.Print(path)}' is invalid {place} because it is not contained in either an aggregate function or "
        + "the GROUP BY clause.";

    private static string? RootOf(Expression expression) => expression switch
    {
        Identifier identifier => identifier.Name,
        Member member => RootOf(member.Target),
        Element element => RootOf(element.Target),
        _ => null,
    };

    private bool IsCovered(Expression path) => query.GroupBy.Contains(path) || path switch
    {
        Member member => IsCovered(member.Target),
        Element element => IsCovered(element.Target),
        _ => false,
    };

    private void CheckSubquery(Query inner, string code, string place, HashSet<string> outerNames)
    {
        var names = new HashSet<string>(outerNames);
        foreach (Source source in inner.From)
        {
            if (source.Collection is PathCollection path)
            {
                Check(path.Path, code, place, names);
            }
            else if (source.Collection is SubqueryCollection subquery)
            {
                CheckSubquery(subquery.Query, code, place, names);
            }

            names.Add(source.Name() ?? "");
        }

        IEnumerable<Expression> where = inner.Where is Expression condition ? [condition] : [];
        foreach (Expression expression in where.Concat(inner.GroupBy).Concat(inner.Select.Selection.Expressions()))
        {
            Check(expression, code, place, names);
        }
    }
}
