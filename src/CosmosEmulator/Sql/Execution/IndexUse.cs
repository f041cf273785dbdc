using System.Collections.Frozen;
using Serverless.CosmosEmulator.Sql.Functions;
using Serverless.CosmosEmulator.Sql.Syntax;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>
/// Which of the conditions that WHERE joins by AND the service would answer from its index. Only the estimated charge depends on
/// it: an item is taken as loaded when it passes these. docs/emulator-request-charges.md.
/// </summary>
internal sealed class IndexUse(QueryCompiler constants, string root, Func<string, bool> isIndexed)
{
    private static readonly FrozenSet<string> Functions = new[]
    {
        "STARTSWITH", "ENDSWITH", "CONTAINS", "STRINGEQUALS", "REGEXMATCH", "IS_DEFINED", "IS_NULL", "IS_BOOL", "IS_NUMBER", "IS_STRING",
        "IS_ARRAY", "IS_OBJECT", "IS_PRIMITIVE",
    }.ToFrozenSet();

    /// <summary>The values looked up.</summary>
    public int Lookups { get; private set; }

    /// <summary>The conditions that an index serves and the others, each list joined by AND again.</summary>
    public (Expression? Served, Expression? Other) Divide(Expression where)
    {
        IReadOnlyList<Expression> conditions = where is Binary { Operator: BinaryOperator.And } chain ? chain.Operands() : [where];
        ILookup<bool, Expression> byUse = conditions.ToLookup(condition =>
        {
            int lookups = LookupsOf(condition) ?? -1;
            Lookups += Math.Max(0, lookups);
            return lookups >= 0;
        });
        return (And(byUse[true]), And(byUse[false]));
    }

    private static Expression? And(IEnumerable<Expression> conditions) =>
        conditions.Aggregate((Expression?)null, (all, next) => all is null ? next : new Binary(BinaryOperator.And, all, next));

    // How many values a condition looks up in the index; null when the index does not serve it.
    private int? LookupsOf(Expression condition) => condition switch
    {
        Constant => 0,
        Binary { Operator: BinaryOperator.And or BinaryOperator.Or } chain => Sum(chain.Operands().Select(LookupsOf)),
        Binary { Operator: >= BinaryOperator.Equal and <= BinaryOperator.GreaterOrEqual } comparison =>
            Serves(comparison.Left, comparison.Right) || Serves(comparison.Right, comparison.Left) ? 1 : null,
        In { IsNegated: false } test => Serves(test.Value, [.. test.Candidates]) ? test.Candidates.Count : null,
        Between { IsNegated: false } between => Serves(between.Value, between.Low, between.High) ? 1 : null,
        Like { IsNegated: false } like => Serves(like.Value, like.Pattern) ? 1 : null,
        Call { Arguments: [Member member, var value, ..] } call when NameOf(call) == "ARRAY_CONTAINS" =>
            IsRooted(member) && member.PathText() is string path && isIndexed(path + "/[]") && constants.IsConstant(value) ? 1 : null,
        Call { Arguments: [var path, ..] } call when Functions.Contains(NameOf(call)) => Serves(path, [.. call.Arguments.Skip(1)]) ? 1 : null,
        _ => null,
    };

    private static int? Sum(IEnumerable<int?> lookups)
    {
        int sum = 0;
        foreach (int? count in lookups)
        {
            if (count is null)
            {
                return null;
            }

            sum += count.Value;
        }

        return sum;
    }

    private bool Serves(Expression path, params ReadOnlySpan<Expression> values)
    {
        foreach (Expression value in values)
        {
            if (!constants.IsConstant(value))
            {
                return false;
            }
        }

        return path is Member member && IsRooted(member) && member.PathText() is string text && isIndexed(text);
    }

    private bool IsRooted(Expression path) => path switch
    {
        Identifier identifier => identifier.Name == root,
        Member member => IsRooted(member.Target),
        _ => false,
    };

    private static string NameOf(Call call) => FunctionTable.Find(call.Name)?.Name ?? "";
}
