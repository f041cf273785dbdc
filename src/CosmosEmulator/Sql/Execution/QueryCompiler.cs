using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Serverless.CosmosEmulator.Sql.Functions;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// Turns a checked query into operators. The first name of FROM that nothing binds is the container, whatever it is called. One
/// compiler serves one execution: parameters and its start are constants to it.
/// </summary>
internal sealed class QueryCompiler(IReadOnlyDictionary<string, SqlValue> parameters, TimeProvider clock)
{
    private static readonly IReadOnlyDictionary<Expression, int> NoSubstitutions = ImmutableDictionary<Expression, int>.Empty;

    private IEnumerable<SqlRow> rows = [];
    private int slots;
    private int rootSlot;

    /// <summary>The time of the execution, for the static functions of the current time.</summary>
    public DateTime Start { get; } = clock.GetUtcNow().UtcDateTime;

    /// <summary>The time of this moment, for the others.</summary>
    public DateTime Now => clock.GetUtcNow().UtcDateTime;

    public int SlotCount => slots;

    /// <summary>Whether the value at a path such as <c>/a/b</c> is in the container's index.</summary>
    public Func<string, bool> IsIndexed { get; init; } = _ => false;

    /// <summary>How many values the query looks up in the index.</summary>
    public int IndexLookups { get; private set; }

    /// <summary>Whether no condition is left that needs the items themselves.</summary>
    public bool IsServedByIndex { get; private set; } = true;

    public CompiledQuery Compile(Query query, IEnumerable<SqlRow> source)
    {
        rows = source;
        return CompileInner(query, null, NoSubstitutions);
    }

    public SqlValue Parameter(string name) => parameters.GetValueOrDefault(name);

    /// <summary>Whether an expression has the same value for every row.</summary>
    public bool IsConstant(Expression expression)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return expression switch
        {
            Constant or Syntax.Parameter => true,
            Unary unary => IsConstant(unary.Operand),
            Binary binary => IsConstant(binary.Right) && IsConstant(binary.Left),
            Conditional choice => IsConstant(choice.Condition) && IsConstant(choice.WhenTrue) && IsConstant(choice.Otherwise),
            ArrayLiteral array => array.Items.All(IsConstant),
            ObjectLiteral literal => literal.Properties.All(property => IsConstant(property.Value)),
            Call call => FunctionTable.Find(call.Name) is { IsVolatile: false } && call.Arguments.All(IsConstant),
            Member member => IsConstant(member.Target),
            Element element => IsConstant(element.Target),
            _ => false,
        };
    }

    /// <summary>The value of a constant expression.</summary>
    public SqlValue Evaluate(Expression constant) =>
        new ExpressionCompiler(this, new Scope(null), NoSubstitutions).Compile(constant)(new Frame(0));

    public CompiledQuery CompileInner(Query query, Scope? outer, IReadOnlyDictionary<Expression, int> substitutions)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var scope = new Scope(outer);
        (Operator source, int lastSlot) = CompileFrom(query, scope, substitutions);
        var input = new ExpressionCompiler(this, scope, substitutions);
        if (outer is null)
        {
            source = CompileOuterWhere(query, source, input);
        }
        else if (query.Where is Expression where)
        {
            source = new Filter(source, input.Compile(where));
        }

        ExpressionCompiler output = input;
        IReadOnlyList<Call> calls = AggregateCalls.Of(query);
        bool isGrouped = query.GroupBy.Count > 0 || calls.Count > 0;
        if (isGrouped)
        {
            (source, output) = CompileGroup(query, calls, source, input, scope, substitutions);
        }

        Evaluator select = CompileSelect(query, output, lastSlot);
        (Evaluator, bool)[] orderBy = [.. query.OrderBy.Select(item => (output.Compile(item.Value), item.Descends))];
        Evaluator[] groupBy = [.. query.GroupBy.Select(output.Compile)];
        return new(source, select, query.Select.IsDistinct, orderBy) { IsGrouped = isGrouped, GroupBy = groupBy };
    }

    // Where items come from storage, those that pass what an index serves are counted before the other conditions are looked at.
    private Operator CompileOuterWhere(Query query, Operator source, ExpressionCompiler input)
    {
        if (query.Where is not Expression where)
        {
            return new Load(source);
        }

        var indexes = new IndexUse(this, AccessPlanner.RootOf(query) ?? "", IsIndexed);
        (Expression? served, Expression? rest) = indexes.Divide(where);
        (IndexLookups, IsServedByIndex) = (indexes.Lookups, rest is null);
        var load = new Load(served is null ? source : new Filter(source, input.Compile(served)));
        return rest is null ? load : new Filter(load, input.Compile(rest));
    }

    private (Operator Source, int LastSlot) CompileFrom(Query query, Scope scope, IReadOnlyDictionary<Expression, int> substitutions)
    {
        Operator input = new SingleRow();
        int slot = 0;
        foreach (Source source in query.From)
        {
            var expressions = new ExpressionCompiler(this, scope, substitutions);
            switch (source.Collection)
            {
                case SubqueryCollection subquery:
                    slot = slots++;
                    input = new Derive(input, CompileInner(subquery.Query, scope, substitutions), slot);
                    if (source.IsIterator)
                    {
                        int arrays = slot;
                        slot = slots++;
                        input = new Iterate(input, frame => frame[arrays], slot);
                    }

                    break;
                case PathCollection path:
                    (input, slot) = CompilePath(path.Path, source.IsIterator, input, scope, expressions);
                    break;
                default:
                    throw new UnreachableException($"No rows for {source.Collection.GetType().Name}.");
            }

            if (source.Name() is string name)
            {
                scope.Add(name, slot);
            }
        }

        return (input, slot);
    }

    private (Operator Input, int Slot) CompilePath(
        Expression path, bool isIterator, Operator input, Scope scope, ExpressionCompiler expressions)
    {
        string root = path.RootName();
        if (scope.Find(root) is null)
        {
            rootSlot = slots++;
            scope.Add(root, rootSlot);
            input = new Scan(rows, rootSlot);
            if (path is Identifier && !isIterator)
            {
                return (input, rootSlot);
            }
        }

        int slot = slots++;
        Evaluator collection = expressions.Compile(path);
        return (isIterator ? new Iterate(input, collection, slot) : new Alias(input, collection, slot), slot);
    }

    private (Operator Source, ExpressionCompiler Output) CompileGroup(
        Query query,
        IReadOnlyList<Call> calls,
        Operator source,
        ExpressionCompiler input,
        Scope scope,
        IReadOnlyDictionary<Expression, int> outer)
    {
        var substitutions = new Dictionary<Expression, int>(outer);
        var keys = new List<(Evaluator, int)>();
        foreach (Expression key in query.GroupBy)
        {
            keys.Add((input.Compile(key), substitutions[key] = slots++));
        }

        var aggregates = new List<(Aggregate, int)>();
        foreach (Call call in calls)
        {
            var aggregate = new Aggregate(input.Compile(call.Arguments[0]), Accumulator.Starter(call.Name));
            aggregates.Add((aggregate, substitutions[call] = slots++));
        }

        return (new Group(source, keys, aggregates), new ExpressionCompiler(this, scope, substitutions));
    }

    private Evaluator CompileSelect(Query query, ExpressionCompiler expressions, int lastSlot)
    {
        switch (query.Select.Selection)
        {
            case SelectStar:
                return frame => frame[lastSlot]; // The checker allows '*' only over a single input set.
            case SelectValue value:
                return expressions.Compile(value.Value);
            case SelectList list:
                bool isRewritten = query.IsRewrittenForOrder();
                IReadOnlyList<string> names = list.Names();
                var properties = new List<(string, Evaluator)>();
                for (int i = 0; i < names.Count; i++)
                {
                    properties.Add((names[i], isRewritten && i == 0 ? CompileRid() : expressions.Compile(list.Items[i].Value)));
                }

                return ExpressionCompiler.CompileProperties(properties);
            default:
                throw new UnreachableException($"No results for {query.Select.Selection.GetType().Name}.");
        }
    }

    // A rewritten query asks some input set for its _rid and means that of the stored item, whatever it ranges over.
    private Evaluator CompileRid()
    {
        var rid = new PropertyName("_rid");
        int root = rootSlot;
        return frame => frame[root] is { Kind: SqlKind.Object } item ? item.Object[rid] : default;
    }
}
