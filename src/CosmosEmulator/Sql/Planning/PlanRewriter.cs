using System.Diagnostics;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql.Planning;

/// <summary>
/// Turns a query into what each partition computes and what the client merges, as the service's planner does: order values beside the
/// document, partial aggregates, group keys beside partial groups, OFFSET added to LIMIT.
/// </summary>
internal static class PlanRewriter
{
    public static QueryPlan Rewrite(Query query, long? top, (long Offset, long Limit)? page, bool hasPartitionKey)
    {
        var plan = new QueryPlan { HasSelectValue = query.Select.Selection is SelectValue };
        if (query.From.Count == 0)
        {
            return plan; // Constant results: one partition answers.
        }

        if (DistinctCountOf(query) is var (inner, alias))
        {
            return plan with { DistinctType = "Unordered", DistinctCountAlias = alias, RewrittenQuery = Printer.Print(inner) };
        }

        plan = plan with { Top = top, DistinctType = DistinctType(query) };
        bool hasAggregates = AggregateCalls.Of(query).Count > 0;

        // One logical partition is one server, which can count by itself unless the client merges or compares results first.
        bool countsOnServer = hasPartitionKey && !query.Select.IsDistinct && query.GroupBy.Count == 0
            && !(hasAggregates && query.Select.Selection is SelectValue);
        plan = countsOnServer || page is null ? plan : plan with { Offset = page.Value.Offset, Limit = page.Value.Limit };
        Query paged = countsOnServer || page is null ? query : WithoutOffset(query, page.Value);
        if (query.GroupBy.Count > 0 || hasAggregates)
        {
            return RewriteAggregates(plan, paged);
        }

        if (query.OrderBy.Count > 0)
        {
            return RewriteOrderBy(plan, paged);
        }

        // The client removes duplicates across partitions before it counts.
        bool isCounted = query.Select.Top is not null || paged.OffsetLimit is not null;
        return query.Select.IsDistinct && isCounted ? plan with { RewrittenQuery = Printer.Print(Uncounted(query)) }
            : ReferenceEquals(paged, query) ? plan
            : plan with { RewrittenQuery = Printer.Print(paged) };
    }

    // Ordered: the client sees equal values next to each other, because the one value that is selected is the one it is ordered by.
    private static string DistinctType(Query query) =>
        !query.Select.IsDistinct ? "None"
        : query.Select.Selection is SelectValue selected && query.OrderBy is [var item] && Printer.Print(selected.Value) == Printer.Print(item.Value)
            ? "Ordered"
            : "Unordered";

    private static Query WithoutOffset(Query query, (long Offset, long Limit) page) =>
        query with { OffsetLimit = new(new CountLiteral(0), new CountLiteral(page.Offset + page.Limit)) };

    private static Query Uncounted(Query query) => query with { Select = query.Select with { Top = null }, OffsetLimit = null };

    // SELECT COUNT(1) FROM (SELECT DISTINCT ...): the partitions send the distinct values, the client counts them.
    private static (Query Inner, string Alias)? DistinctCountOf(Query query)
    {
        (Expression? count, string alias) = query.Select.Selection switch
        {
            SelectValue value => (value.Value, ""),
            SelectList { Items: [var only] } list => (only.Value, list.Names()[0]),
            _ => (null, ""),
        };
        bool countsRows = count is Call { Arguments: [Constant] } call && call.Name.Equals("COUNT", StringComparison.OrdinalIgnoreCase);
        return countsRows
            && query is { Where: null, GroupBy.Count: 0, OrderBy.Count: 0, From: [{ IsIterator: false, Collection: SubqueryCollection source }] }
            && source.Query.Select.IsDistinct
            ? (source.Query, alias)
            : null;
    }

    private static QueryPlan RewriteOrderBy(QueryPlan plan, Query query)
    {
        Expression root = RootOf(query.From[0]);
        Expression payload = query.Select.Selection switch
        {
            SelectStar => root,
            SelectValue value => value.Value,
            SelectList list => list.ToObject(),
            _ => throw new UnreachableException(),
        };
        Expression where = query.Where is Expression filter ? And(filter, new FilterPlaceholder()) : new FilterPlaceholder();
        if (query.Select.Selection is SelectValue)
        {
            where = And(where, new Call("IS_DEFINED", new([payload])));
        }

        var items = new SelectItem[]
        {
            new(new Member(root, "_rid", IsDotted: true), null),
            new(Items(query.OrderBy.Select(item => item.Value)), "orderByItems"),
            new(payload, "payload"),
        };
        Query rewritten = query with { Select = new(false, query.Select.Top, new SelectList(new(items))), Where = where };
        rewritten = query.Select.IsDistinct ? Uncounted(rewritten) : rewritten;
        return plan with
        {
            OrderBy = [.. query.OrderBy.Select(item => item.Descends ? "Descending" : "Ascending")],
            OrderByExpressions = [.. query.OrderBy.Select(item => Printer.Print(item.Value))],
            RewrittenQuery = Printer.Print(rewritten),
        };
    }

    private static QueryPlan RewriteAggregates(QueryPlan plan, Query query)
    {
        var payload = query.Select.Selection switch
        {
            SelectValue value => Partial(value.Value) is Expression partial ? new ArrayLiteral(new([partial])) : value.Value,
            SelectList list => list.ToObject(item => Partial(item.Value) ?? item.Value),
            _ => throw new UnreachableException("The checker refuses '*' here."),
        };
        IReadOnlyList<Expression> selected = [.. query.Select.Selection.Expressions()];
        plan = query.Select.Selection is SelectList columns
            ? plan with
            {
                GroupByAliases = columns.Names(),
                AliasToAggregate = [.. columns.Names().Zip(selected, (name, value) => KeyValuePair.Create(name, AggregateType(value)))],
            }
            : plan with { Aggregates = [.. selected.Select(AggregateType).OfType<string>()] };
        Query rewritten = query;
        if (query.GroupBy.Count > 0)
        {
            SelectItem[] items = [new(Items(query.GroupBy), "groupByItems"), new(payload, "payload")];
            rewritten = Uncounted(query) with { Select = new(query.Select.IsDistinct, null, new SelectList(new(items))) };
            plan = plan with { GroupByExpressions = [.. query.GroupBy.Select(Printer.Print)] };
        }
        else if (query.Select.Selection is SelectValue)
        {
            rewritten = Uncounted(query) with { Select = new(query.Select.IsDistinct, null, new SelectValue(payload)) };
        }
        else
        {
            rewritten = query with { Select = query.Select with { Selection = new SelectList(new([new(payload, "payload")])) } };
        }

        return plan with { RewrittenQuery = Printer.Print(rewritten) };
    }

    /// <summary>What a partition computes for an aggregate, or null when the expression is none.</summary>
    private static ObjectLiteral? Partial(Expression expression)
    {
        if (AggregateName(expression) is not string name)
        {
            return AggregateCalls.Contains(expression)
                ? throw SqlException.Plan("Compositions of aggregates and other expressions are not allowed.")
                : null;
        }

        var argument = ((Call)expression).Arguments;
        Expression Of(string function) => new Call(function, argument);
        PropertyNode[] parts = name switch
        {
            "AVG" => [new("item", Literal(("sum", Of("SUM")), ("count", Of("COUNT"))))],
            "MIN" => [new("item", expression), new("item2", Literal(("min", Of("MIN")), ("count", Of("COUNT"))))],
            "MAX" => [new("item", expression), new("item2", Literal(("max", Of("MAX")), ("count", Of("COUNT"))))],
            _ => [new("item", expression)],
        };
        return new(new(parts));
    }

    private static string? AggregateName(Expression expression) =>
        expression is Call call && Accumulator.IsAggregate(call.Name) ? call.Name.ToUpperInvariant() : null;

    private static string? AggregateType(Expression expression) => AggregateName(expression) switch
    {
        "AVG" => "Average",
        "COUNT" => "Count",
        "COUNTIF" => "CountIf",
        "MAKELIST" => "MakeList",
        "MAKESET" => "MakeSet",
        "MAX" => "Max",
        "MIN" => "Min",
        "SUM" => "Sum",
        _ => null,
    };

    // The name of the first input set; of a path or an iterator without a name of its own, that of the container.
    private static Identifier RootOf(Source source) => new(
        !source.IsIterator && source.Alias is string alias ? alias
        : source.Collection is PathCollection path ? path.Path.RootName()
        : source.Alias ?? "c");

    private static ArrayLiteral Items(IEnumerable<Expression> expressions) =>
        new(new([.. expressions.Select(expression => Literal(("item", expression)))]));

    private static ObjectLiteral Literal(params (string Name, Expression Value)[] properties) =>
        new(new([.. properties.Select(property => new PropertyNode(property.Name, property.Value))]));

    private static Binary And(Expression left, Expression right) => new(BinaryOperator.And, left, right);
}
