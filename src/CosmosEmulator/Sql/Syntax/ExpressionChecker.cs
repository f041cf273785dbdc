using System.Runtime.CompilerServices;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Functions;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>Where an expression stands, as far as aggregates are concerned.</summary>
internal enum AggregatePlace
{
    Allowed,
    Where,
    Nested,
}

/// <summary>Checks names, functions and aggregates of the expressions of one query.</summary>
internal sealed class ExpressionChecker(QueryChecker errors, NameScope scope)
{
    public void Check(Expression expression, AggregatePlace place)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (expression)
        {
            case Identifier identifier when !scope.Contains(identifier.Name):
                errors.AddUnresolved(identifier);
                break;
            case Subquery subquery:
                errors.CheckSubquery(subquery, scope);
                break;
            case Call call when Accumulator.IsAggregate(call.Name):
                CheckAggregate(call, place);
                break;
            case Call call:
                CheckFunction(call);
                CheckChildren(call, place);
                break;
            default:
                CheckChildren(expression, place);
                break;
        }
    }

    public void CheckGroupKey(Expression key)
    {
        if (AggregateCalls.Contains(key) || key is Subquery)
        {
            const string Message = "Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP BY clause.";
            errors.Add(key.Span, "SC2111", Message);
        }
        else
        {
            Check(key, AggregatePlace.Allowed);
        }

        if (!HasReference(key))
        {
            errors.Add(key.Span, "SC2110", "Each GROUP BY expression must contain at least one property reference.");
        }
    }

    private bool HasReference(Expression expression) => expression switch
    {
        Identifier identifier => scope.Contains(identifier.Name),
        Call call when FunctionTable.Find(call.Name) is null => false, // The service doesn't look inside what it doesn't know.
        _ => expression.Children().Any(HasReference),
    };

    private void CheckChildren(Expression expression, AggregatePlace place)
    {
        foreach (Expression child in expression.Children())
        {
            Check(child, place);
        }
    }

    private void CheckAggregate(Call call, AggregatePlace place)
    {
        if (call.Arguments.Count != 1)
        {
            errors.Add(call.Span, "SC2050", $"The {call.Name.ToUpperInvariant()} function requires 1 argument(s).");
        }
        else if (place == AggregatePlace.Where)
        {
            errors.Add(call.Span, "SC2104", "Aggregates are not allowed in the WHERE clause.");
        }
        else if (AggregateCalls.Contains(call.Arguments[0]))
        {
            const string Message = "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.";
            errors.Add(call.Span, "SC2101", Message);
        }
        else
        {
            CheckChildren(call, AggregatePlace.Nested);
        }
    }

    private void CheckFunction(Call call)
    {
        Function? function = FunctionTable.Find(call.Name);
        int count = call.Arguments.Count;
        if (function is null)
        {
            var name = new SourceSpan(call.Span.Start, call.Span.Start + call.Name.Length);
            errors.Add(name, "SC2005", $"'{call.Name}' is not a recognized built-in function name.");
        }
        else if (count < function.MinArguments || count > (function.MaxArguments ?? int.MaxValue))
        {
            errors.Add(call.Span, "SC2050", $"The {call.Name.ToUpperInvariant()} function requires {Arity(function)} argument(s).");
        }
        else if (!function.IsSupported || count == function.RefusedArguments)
        {
            string what = function.IsSupported ? $"{call.Name} with {count} arguments" : call.Name;
            errors.Add(call.Span, "SC2990", SqlErrors.NotSupportedMessage(what));
        }
    }

    private static string Arity(Function function) =>
        function.MaxArguments is not int max ? $"at least {function.MinArguments}"
        : max == function.MinArguments ? $"{max}"
        : $"{function.MinArguments} to {max}";
}
