using System.Diagnostics;
using System.Runtime.CompilerServices;
using Serverless.CosmosEmulator.Sql.Functions;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>Turns expressions into delegates. Names are bound to slots and parameters to values once, not per row.</summary>
internal sealed class ExpressionCompiler(QueryCompiler queries, Scope scope, IReadOnlyDictionary<Expression, int> substitutions)
{
    [InlineArray(4)]
    private struct ArgumentBuffer
    {
#pragma warning disable IDE0051, IDE0044, S1144 // The one field of an inline array is its element type; only its indexer uses it.
        private SqlValue first;
#pragma warning restore IDE0051, IDE0044, S1144
    }

    public Evaluator Compile(Expression expression)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();

        // After GROUP BY, group keys and aggregates are values that were computed already.
        if (substitutions.Count > 0 && substitutions.TryGetValue(expression, out int slot))
        {
            return frame => frame[slot];
        }

        return expression switch
        {
            Constant constant => Always(constant.Value),
            Parameter parameter => Always(queries.Parameter(parameter.Name)),
            Identifier identifier => CompileIdentifier(identifier),
            Member member => CompileMember(member),
            Element element => CompileElement(element),
            Unary unary => CompileUnary(unary),
            Binary { Operator: BinaryOperator.And or BinaryOperator.Or } chain => CompileChain(chain),
            Binary { Operator: BinaryOperator.Coalesce } coalesce => CompileCoalesce(coalesce),
            Binary binary => CompileBinary(binary),
            Conditional conditional => CompileConditional(conditional),
            Between between => CompileBetween(between),
            In test => CompileIn(test),
            Like like => CompileLike(like),
            ArrayLiteral array => CompileArray(array),
            ObjectLiteral literal => CompileObject(literal),
            Call call => CompileCall(call),
            Subquery subquery => CompileSubquery(subquery),
            _ => throw new UnreachableException($"No evaluation for {expression.GetType().Name}."),
        };
    }

    private static Evaluator Always(SqlValue value) => _ => value;

    private Evaluator CompileIdentifier(Identifier identifier)
    {
        int slot = scope.Find(identifier.Name) ?? throw new UnreachableException($"'{identifier.Name}' was not bound.");
        return frame => frame[slot];
    }

    private Evaluator CompileMember(Member member)
    {
        Evaluator target = Compile(member.Target);
        var name = new PropertyName(member.Name);
        return frame => target(frame) is { Kind: SqlKind.Object } value ? value.Object[name] : default;
    }

    private Evaluator CompileElement(Element element)
    {
        Evaluator target = Compile(element.Target);
        bool isIndex = element.Index.TryTruncate(out long index) && index >= 0;
        return frame => isIndex && target(frame) is { Kind: SqlKind.Array } value && index < value.Array.Items.Count
            ? value.Array.Items[(int)index]
            : default;
    }

    private Evaluator CompileUnary(Unary unary)
    {
        Evaluator operand = Compile(unary.Operand);
        UnaryOperator operation = unary.Operator;
        return frame => Operations.Apply(operation, operand(frame));
    }

    // A chain of ANDs or ORs is as deep as it is long in the tree; here it becomes one loop. One false (true) decides an AND (OR);
    // else a value that is no boolean makes it undefined.
    private Evaluator CompileChain(Binary chain)
    {
        Evaluator[] operands = [.. chain.Operands().Select(Compile)];
        SqlValue decisive = SqlValue.Of(chain.Operator == BinaryOperator.Or);
        SqlValue neutral = SqlValue.Of(chain.Operator == BinaryOperator.And);
        return frame =>
        {
            SqlValue result = neutral;
            foreach (Evaluator operand in operands)
            {
                SqlValue value = operand(frame);
                if (value == decisive)
                {
                    return decisive;
                }

                result = value.Kind == SqlKind.Boolean ? result : default;
            }

            return result;
        };
    }

    private Evaluator CompileCoalesce(Binary coalesce)
    {
        Evaluator left = Compile(coalesce.Left);
        Evaluator right = Compile(coalesce.Right);
        return frame => left(frame) is { IsUndefined: false } value ? value : right(frame);
    }

    private Evaluator CompileBinary(Binary binary)
    {
        Evaluator left = Compile(binary.Left);
        Evaluator right = Compile(binary.Right);
        BinaryOperator operation = binary.Operator;
        return frame => Operations.Apply(operation, left(frame), right(frame));
    }

    private Evaluator CompileConditional(Conditional conditional)
    {
        Evaluator condition = Compile(conditional.Condition);
        Evaluator whenTrue = Compile(conditional.WhenTrue);
        Evaluator otherwise = Compile(conditional.Otherwise);
        return frame => condition(frame).IsTrue ? whenTrue(frame) : otherwise(frame);
    }

    private Evaluator CompileBetween(Between between)
    {
        Evaluator value = Compile(between.Value);
        Evaluator low = Compile(between.Low);
        Evaluator high = Compile(between.High);
        return Negatable(between.IsNegated, frame =>
        {
            SqlValue current = value(frame);
            return Operations.And(
                Operations.Apply(BinaryOperator.GreaterOrEqual, current, low(frame)),
                Operations.Apply(BinaryOperator.LessOrEqual, current, high(frame)));
        });
    }

    private Evaluator CompileIn(In test)
    {
        Evaluator value = Compile(test.Value);
        if (test.Candidates.All(queries.IsConstant))
        {
            // A long list of constants, as in ReadMany, is a look-up.
            HashSet<SqlValue> constants = [.. test.Candidates.Select(queries.Evaluate).Where(candidate => !candidate.IsUndefined)];
            return Negatable(test.IsNegated, frame => value(frame) is { IsUndefined: false } current ? SqlValue.Of(constants.Contains(current)) : default);
        }

        Evaluator[] candidates = [.. test.Candidates.Select(Compile)];
        return Negatable(test.IsNegated, frame =>
        {
            SqlValue current = value(frame);
            return current.IsUndefined ? default : SqlValue.Of(candidates.Any(candidate => candidate(frame) == current));
        });
    }

    private Evaluator CompileLike(Like like)
    {
        Evaluator value = Compile(like.Value);
        Evaluator pattern = Compile(like.Pattern);
        char? escape = like.Escape;
        (string Text, LikePattern Pattern)? last = null; // Nearly always the pattern is the same for all rows.
        return Negatable(like.IsNegated, frame =>
        {
            SqlValue text = value(frame);
            SqlValue current = pattern(frame);
            if (!text.IsString || !current.IsString)
            {
                return default;
            }

            if (last is null || last.Value.Text != current.String)
            {
                last = (current.String, new LikePattern(current.String, escape));
            }

            return SqlValue.Of(last.Value.Pattern.Matches(text.String));
        });
    }

    private static Evaluator Negatable(bool isNegated, Evaluator test) => isNegated ? frame => Operations.Not(test(frame)) : test;

    private Evaluator CompileArray(ArrayLiteral array)
    {
        Evaluator[] items = [.. array.Items.Select(Compile)];
        return frame =>
        {
            var values = new List<SqlValue>(items.Length);
            foreach (Evaluator item in items)
            {
                SqlValue value = item(frame);
                if (!value.IsUndefined)
                {
                    values.Add(value);
                }
            }

            return SqlValue.ArrayOf(values);
        };
    }

    private Evaluator CompileObject(ObjectLiteral literal) =>
        CompileProperties([.. literal.Properties.Select(property => (property.Name, Compile(property.Value)))]);

    /// <summary>An object from named values; the undefined ones are left out.</summary>
    public static Evaluator CompileProperties(IReadOnlyList<(string Name, Evaluator Value)> properties) => frame =>
    {
        var values = new List<KeyValuePair<string, SqlValue>>(properties.Count);
        foreach ((string name, Evaluator evaluate) in properties)
        {
            SqlValue value = evaluate(frame);
            if (!value.IsUndefined)
            {
                values.Add(new(name, value));
            }
        }

        return SqlValue.Of(new SqlObject(values));
    };

    private Evaluator CompileCall(Call call)
    {
        Function function = FunctionTable.Find(call.Name) ?? throw new UnreachableException($"'{call.Name}' was not checked.");
        if (function.OfNow is Func<DateTime, SqlValue> ofNow)
        {
            return function.IsStatic ? Always(ofNow(queries.Start)) : _ => ofNow(queries.Now);
        }

        FunctionBody body = function.Body ?? throw new UnreachableException($"'{call.Name}' was not refused.");
        Evaluator[] arguments = [.. call.Arguments.Select(Compile)];
        Evaluator evaluate = frame =>
        {
            var buffer = default(ArgumentBuffer);
            Span<SqlValue> values = arguments.Length <= 4 ? buffer[..arguments.Length] : new SqlValue[arguments.Length];
            for (int i = 0; i < arguments.Length; i++)
            {
                values[i] = arguments[i](frame);
            }

            return body(values);
        };
        return !function.IsVolatile && call.Arguments.All(queries.IsConstant) ? Always(evaluate(new Frame(0))) : evaluate;
    }

    private Evaluator CompileSubquery(Subquery subquery)
    {
        CompiledQuery query = queries.CompileInner(subquery.Query, scope, substitutions);
        return subquery.Kind switch
        {
            SubqueryKind.Scalar or SubqueryKind.First => frame => query.Results(frame).FirstOrDefault(),
            SubqueryKind.Last => frame => query.Results(frame).LastOrDefault(),
            SubqueryKind.Exists => frame => SqlValue.Of(query.Results(frame).Any()),
            SubqueryKind.Array => frame => SqlValue.ArrayOf([.. query.Results(frame)]),
            _ => throw new UnreachableException($"No evaluation for {subquery.Kind}."),
        };
    }
}
