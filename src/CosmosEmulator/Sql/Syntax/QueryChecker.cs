using Serverless.CosmosEmulator.Sql.Execution;

namespace Serverless.CosmosEmulator.Sql.Syntax;

/// <summary>
/// Finds what is wrong with a query that parses: unknown names and functions, misplaced aggregates, clauses where they can't be. All
/// errors are reported at once, in the order of the service: FROM, WHERE, GROUP BY, ORDER BY, SELECT.
/// </summary>
internal sealed class QueryChecker
{
    private const int MaxJoins = Limits.Joins;

    private readonly List<(int Start, int End, string Code, string Message)> errors = [];
    private int joins;
    private int mostJoins;

    private QueryChecker() { }

    public static void Check(Query query)
    {
        var checker = new QueryChecker();
        checker.CheckQuery(query, new NameScope(null), isTop: true, canBindContainer: true);
        if (checker.errors.Count == 0 && checker.mostJoins > MaxJoins)
        {
            checker.Add(query.Span, "SC3002", $"The SQL query exceeded the maximum number of joins. The allowed limit is {MaxJoins}.");
        }

        if (checker.errors.Count > 0)
        {
            throw SqlException.At(checker.errors);
        }

        if (query.From.Count > 0 && !query.OrderBy.All(item => DocumentPath.IsPath(item.Value, query)))
        {
            throw SqlException.Of(2206, "Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path.");
        }
    }

    public void Add(SourceSpan span, string code, string message) => errors.Add((span.Start, span.End, code, message));

    public void CheckSubquery(Subquery subquery, NameScope outer)
    {
        CheckQuery(subquery.Query, new NameScope(outer), isTop: false, canBindContainer: false);
        if (subquery.Kind == SubqueryKind.Scalar && CanHaveMany(subquery.Query))
        {
            Add(subquery.Query.Span, "SC2201", "The cardinality of a scalar subquery result set cannot be greater than one.");
        }
    }

    // An aggregate without GROUP BY makes one result of any number.
    private static bool CanHaveMany(Query query) =>
        (query.GroupBy.Count > 0 || AggregateCalls.Of(query).Count == 0)
        && query.From.Any(source => source.IsIterator || (source.Collection is SubqueryCollection inner && CanHaveMany(inner.Query)));

    private void CheckQuery(Query query, NameScope scope, bool isTop, bool canBindContainer)
    {
        if (query.Select.Top is not null && query.OffsetLimit is not null)
        {
            Add(query.Span, "SC2205", "A TOP cannot be used in the same query or subquery as an OFFSET.");
        }

        // Joins add up along the nesting of subqueries, not over subqueries beside each other.
        int outerJoins = joins;
        joins += Math.Max(query.From.Count - 1, 0);
        mostJoins = Math.Max(mostJoins, joins);
        CheckFrom(query, scope, canBindContainer);
        if (query.IsRewrittenForOrder())
        {
            scope.ShowContainer();
        }

        CheckClauses(query, new ExpressionChecker(this, scope), isTop);
        joins = outerJoins;
        if (errors.Count == 0)
        {
            CheckGrouping(query, scope); // Reported only when nothing else is wrong.
        }
    }

    private void CheckClauses(Query query, ExpressionChecker rows, bool isTop)
    {
        if (query.Where is Expression where)
        {
            rows.Check(where, AggregatePlace.Where);
        }

        foreach (Expression key in query.GroupBy)
        {
            rows.CheckGroupKey(key);
        }

        if (!isTop && query.OrderBy.Count > 0)
        {
            Add(query.OrderBySpan, "SC2202", "'ORDER BY' is not supported in subqueries.");
        }

        foreach (OrderItem item in query.OrderBy)
        {
            rows.Check(item.Value, AggregatePlace.Allowed);
        }

        CheckSelect(query, rows);
        if (!isTop && query.Select.Top is not null)
        {
            Add(query.Select.TopSpan, "SC2203", "'TOP' is not supported in subqueries.");
        }

        if (!isTop && query.OffsetLimit is OffsetLimit page)
        {
            Add(page.Span, "SC2204", "'OFFSET LIMIT' clause is not supported in subqueries.");
        }
    }

    private void CheckGrouping(Query query, NameScope scope)
    {
        bool hasAggregates = AggregateCalls.Of(query).Count > 0;
        if (query.GroupBy.Count == 0 && !hasAggregates)
        {
            return;
        }

        if (query.Select.Selection is SelectStar star)
        {
            Add(star.Span, hasAggregates ? "SC2040" : "SC2041", $"'SELECT *' is not allowed with {(hasAggregates ? "aggregate functions" : "GROUP BY")}.");
        }

        var coverage = new GroupCoverage(this, query, scope);
        foreach (OrderItem item in query.OrderBy.Where(_ => query.GroupBy.Count > 0))
        {
            coverage.Check(item.Value, "SC2103", "in the ORDER BY clause");
        }

        foreach (Expression value in query.Select.Selection.Expressions())
        {
            coverage.Check(value, "SC2102", "in the select list");
        }
    }

    private void CheckFrom(Query query, NameScope scope, bool canBindContainer)
    {
        for (int i = 0; i < query.From.Count; i++)
        {
            Source source = query.From[i];
            bool canBind = canBindContainer && i == 0;
            if (source.Collection is SubqueryCollection subquery)
            {
                CheckQuery(subquery.Query, new NameScope(scope), isTop: false, canBind);
            }
            else if (source.Collection is PathCollection path && !scope.Contains(path.Path.RootName()))
            {
                if (canBind)
                {
                    scope.Container = path.Path.RootName();
                }
                else
                {
                    AddUnresolved(path.Path);
                }
            }

            if (source.Name() is string name && !scope.TryAdd(name, isExplicit: source.Alias is not null))
            {
                SourceSpan span = source is { Alias: null, Collection: PathCollection implied } ? LastName(implied.Path) : source.AliasSpan;
                Add(span, "SC2021", $"The input set name or alias '{name}' is specified more than once in the FROM clause.");
            }
        }
    }

    public void AddUnresolved(Expression path)
    {
        string name = path.RootName();
        Add(new(path.Span.Start, path.Span.Start + name.Length), "SC2001", $"Identifier '{name}' could not be resolved.");
    }

    private void CheckSelect(Query query, ExpressionChecker rows)
    {
        if (query.Select.Selection is SelectStar star && query.From.Count != 1)
        {
            (string code, string message) = query.From.Count == 0
                ? ("SC1021", "Syntax error, 'SELECT *' is not valid if FROM clause is omitted.")
                : ("SC2042", "'SELECT *' is only valid with a single input set.");
            Add(star.Span, code, message);
        }

        foreach (Expression value in query.Select.Selection.Expressions())
        {
            rows.Check(value, AggregatePlace.Allowed);
        }

        if (query.Select.Selection is SelectList list)
        {
            CheckNames(list);
        }
    }

    private void CheckNames(SelectList list)
    {
        var seen = new HashSet<string>();
        foreach ((string name, SelectItem item) in list.Names().Zip(list.Items))
        {
            if (!seen.Add(name))
            {
                Add(NameSpan(item), "SC2022", $"Object creation error, property name '{name}' specified more than once.");
            }
        }
    }

    // The alias, or the last name of the path that gives the column its name.
    private static SourceSpan NameSpan(SelectItem item) => item.Alias is null ? LastName(item.Value) : item.AliasSpan;

    private static SourceSpan LastName(Expression path) => path is Member { IsDotted: true } member
        ? new(member.Span.End - member.Name.Length, member.Span.End)
        : path.Span;
}
