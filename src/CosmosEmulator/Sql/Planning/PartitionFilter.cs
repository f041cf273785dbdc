using Serverless.CosmosEmulator.Hashing;
using Serverless.CosmosEmulator.Sql.Execution;
using Serverless.CosmosEmulator.Sql.Syntax;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Planning;

/// <summary>
/// Reads out of WHERE which partition keys a result can have. The answer is a list of keys, each with a value for some of the key
/// paths; a path without value can have any. An empty list: nothing can match.
/// </summary>
internal sealed class PartitionFilter
{
    private const int MaxKeys = 16_000;

    private readonly QueryCompiler constants;
    private readonly IReadOnlyList<IReadOnlyList<string>> paths;
    private readonly string root;

    private PartitionFilter(QueryCompiler constants, IReadOnlyList<IReadOnlyList<string>> paths, string root)
    {
        this.constants = constants;
        this.paths = paths;
        this.root = root;
    }

    private IReadOnlyList<SqlValue?[]> Any => [new SqlValue?[paths.Count]];

    /// <summary>Only the lower end of all keys: one partition answers, with nothing or with constants.</summary>
    public static IReadOnlyList<KeyRange> Nowhere { get; } = [new("", "", IsMaxInclusive: true)];

    public static IReadOnlyList<KeyRange> Ranges(Query query, QueryCompiler constants, PartitionKeyPaths keys)
    {
        IReadOnlyList<IReadOnlyList<string>> paths = [.. keys.Paths.Select(Split)];
        if (query.From.Count == 0)
        {
            return Nowhere;
        }

        if (query.Where is not Expression where || AccessPlanner.RootOf(query) is not string root)
        {
            return [Everything];
        }

        IReadOnlyList<SqlValue?[]> found = new PartitionFilter(constants, paths, root).Analyze(where);
        return found.Count == 0 ? Nowhere : ToRanges(found, keys.Hierarchical);
    }

    private static KeyRange Everything => new(EffectivePartitionKey.Minimum, EffectivePartitionKey.Maximum, IsMaxInclusive: false);

    private static List<KeyRange> ToRanges(IReadOnlyList<SqlValue?[]> keys, bool isHierarchical)
    {
        var ranges = new SortedDictionary<string, KeyRange>(StringComparer.Ordinal);
        foreach (SqlValue?[] key in keys)
        {
            PartitionKeyComponent[] prefix = [.. key.TakeWhile(value => value is not null).Select(value => ToComponent(value ?? default))];
            if (prefix.Length == 0)
            {
                return [Everything];
            }

            string min = EffectivePartitionKey.Compute(prefix, isHierarchical);
            bool isPoint = prefix.Length == key.Length;
            KeyRange range = isPoint ? new(min, min, true) : new(min, min + EffectivePartitionKey.Maximum, false);
            ranges[min] = ranges.TryGetValue(min, out KeyRange? other) && !other.IsMaxInclusive ? other : range;
        }

        return WithoutContained([.. ranges.Values]);
    }

    // A full key inside the range of one of its prefixes adds nothing; clients want ranges that don't overlap.
    private static List<KeyRange> WithoutContained(IReadOnlyList<KeyRange> sorted)
    {
        var result = new List<KeyRange>();
        foreach (KeyRange range in sorted)
        {
            if (result.Count == 0 || result[^1].IsMaxInclusive || string.CompareOrdinal(range.Min, result[^1].Max) >= 0)
            {
                result.Add(range);
            }
        }

        return result;
    }

    private static PartitionKeyComponent ToComponent(SqlValue value) => value.Kind switch
    {
        SqlKind.Null => PartitionKeyComponent.Null,
        SqlKind.Boolean => value.IsTrue ? PartitionKeyComponent.True : PartitionKeyComponent.False,
        SqlKind.Number => new NumberComponent(value.Number.Double),
        SqlKind.String => new StringComponent(value.String),
        _ => PartitionKeyComponent.Undefined,
    };

    // "/a/\"b c\"/d": names between slashes, in quotes when they are unusual.
    private static IReadOnlyList<string> Split(string path) =>
        [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Trim('"', '\''))];

    private IReadOnlyList<SqlValue?[]> Analyze(Expression expression) => expression switch
    {
        _ when constants.IsConstant(expression) => constants.Evaluate(expression).IsTrue ? Any : [],
        Binary { Operator: BinaryOperator.And } chain => chain.Operands().Select(Analyze).Aggregate(Any, Both),
        Binary { Operator: BinaryOperator.Or } chain => Either(chain.Operands().Select(Analyze)),
        Binary test when constants.IsConstant(test.Right) => Compare(test.Operator, test.Left, constants.Evaluate(test.Right)),
        Binary test when constants.IsConstant(test.Left) => Compare(test.Operator, test.Right, constants.Evaluate(test.Left)),
        In { IsNegated: false } test when test.Candidates.All(constants.IsConstant) =>
            Equal(test.Value, [.. test.Candidates.Select(constants.Evaluate)]),
        Call { Arguments: [var array, var item] } call when Is(call, "ARRAY_CONTAINS") && constants.IsConstant(array) =>
            constants.Evaluate(array) is { Kind: SqlKind.Array } values ? Equal(item, values.Array.Items) : [],
        Call { Arguments: [var value] } call when Is(call, "IS_NULL") => Equal(value, [SqlValue.Null]),
        Member => Equal(expression, [SqlValue.True]),
        _ => Any,
    };

    private static bool Is(Call call, string name) => call.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    // Nothing compares with undefined, which is also the value of a parameter that was not given.
    private IReadOnlyList<SqlValue?[]> Compare(BinaryOperator operation, Expression path, SqlValue value) =>
        operation is BinaryOperator.Coalesce ? Any
        : value.IsUndefined ? []
        : operation == BinaryOperator.Equal ? Equal(path, [value])
        : Any;

    private IReadOnlyList<SqlValue?[]> Equal(Expression path, IReadOnlyList<SqlValue> values)
    {
        int index = IndexOf(path);
        if (index < 0 || values.Any(value => value.IsNumber && !double.IsFinite(value.Number.Double)))
        {
            return Any;
        }

        var keys = new List<SqlValue?[]>();
        foreach (SqlValue value in values.Where(value => !value.IsUndefined).Distinct())
        {
            var key = new SqlValue?[paths.Count];
            key[index] = value;
            keys.Add(key);
        }

        return keys;
    }

    private int IndexOf(Expression expression)
    {
        var names = new Stack<string>();
        while (expression is Member member)
        {
            names.Push(member.Name);
            expression = member.Target;
        }

        if (expression is not Identifier identifier || identifier.Name != root || names.Count == 0)
        {
            return -1;
        }

        for (int i = 0; i < paths.Count; i++)
        {
            if (paths[i].SequenceEqual(names))
            {
                return i;
            }
        }

        return -1;
    }

    private IReadOnlyList<SqlValue?[]> Either(IEnumerable<IReadOnlyList<SqlValue?[]>> sides)
    {
        var keys = new List<SqlValue?[]>();
        foreach (IReadOnlyList<SqlValue?[]> side in sides)
        {
            keys.AddRange(side);
        }

        return keys.Count <= MaxKeys ? keys : Any;
    }

    private static IReadOnlyList<SqlValue?[]> Both(IReadOnlyList<SqlValue?[]> left, IReadOnlyList<SqlValue?[]> right)
    {
        if ((long)left.Count * right.Count > MaxKeys)
        {
            return left.Count <= right.Count ? left : right; // Less narrow, still right.
        }

        var keys = new List<SqlValue?[]>();
        foreach (SqlValue?[] one in left)
        {
            foreach (SqlValue?[] other in right)
            {
                if (Merge(one, other) is SqlValue?[] merged)
                {
                    keys.Add(merged);
                }
            }
        }

        return keys;
    }

    // Two values for one path exclude each other.
    private static SqlValue?[]? Merge(SqlValue?[] left, SqlValue?[] right)
    {
        var merged = new SqlValue?[left.Length];
        for (int i = 0; i < merged.Length; i++)
        {
            if (left[i] is SqlValue one && right[i] is SqlValue other && one != other)
            {
                return null;
            }

            merged[i] = left[i] ?? right[i];
        }

        return merged;
    }
}
