using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions of arrays, CHOOSE and OBJECTTOARRAY.</summary>
internal static class ArrayFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        new("ARRAY_CONCAT", 2, null, Concat),
        new("ARRAY_CONTAINS", 2, 3, Contains),
        new("ARRAY_CONTAINS_ALL", 2, null, a => ContainsMany(a, needsAll: true)),
        new("ARRAY_CONTAINS_ANY", 2, null, a => ContainsMany(a, needsAll: false)),
        new("ARRAY_LENGTH", 1, 1, a => a[0].Kind == SqlKind.Array ? SqlValue.Of((long)a[0].Array.Items.Count) : default),
        new("ARRAY_SLICE", 2, 3, Slice),
        Numbers("ARRAY_AVG", values => values.Length == 0 ? default : SqlValue.Of(values.Sum(v => v.Number.Double) / values.Length)),
        Numbers("ARRAY_MEDIAN", Median),
        Numbers("ARRAY_SUM", values => values.Length == 0 ? default : values.Aggregate(SqlValue.Of(0L), (sum, v) => SqlValue.Of(sum.Number + v.Number))),
        Extreme("ARRAY_MAX", sign: 1),
        Extreme("ARRAY_MIN", sign: -1),
        new("CHOOSE", 2, null, Choose),
        new("OBJECTTOARRAY", 1, 3, ObjectToArray),
    ];

    private static SqlValue Concat(ReadOnlySpan<SqlValue> a)
    {
        var items = new List<SqlValue>();
        foreach (SqlValue array in a)
        {
            if (array.Kind != SqlKind.Array)
            {
                return default;
            }

            items.AddRange(array.Array.Items);
        }

        return SqlValue.ArrayOf(items);
    }

    private static SqlValue Contains(ReadOnlySpan<SqlValue> a)
    {
        if (a[0].Kind != SqlKind.Array || a[1].IsUndefined || (a.Length > 2 && a[2].Kind != SqlKind.Boolean))
        {
            return default;
        }

        bool isPartial = a.Length > 2 && a[2].IsTrue;
        foreach (SqlValue item in a[0].Array.Items)
        {
            if (item == a[1] || (isPartial && ContainsPart(item, a[1])))
            {
                return SqlValue.True;
            }
        }

        return SqlValue.False;
    }

    // An object contains a part when it has all its properties, at any depth.
    private static bool ContainsPart(SqlValue whole, SqlValue part) =>
        whole.Kind == SqlKind.Object && part.Kind == SqlKind.Object
            ? part.Object.Properties.All(p => ContainsPart(whole.Object[new PropertyName(p.Key)], p.Value))
            : whole == part;

    // As if each value were tested alone and the results were joined by AND or OR.
    private static SqlValue ContainsMany(ReadOnlySpan<SqlValue> a, bool needsAll)
    {
        if (a[0].Kind != SqlKind.Array)
        {
            return default;
        }

        SqlValue result = SqlValue.Of(needsAll);
        foreach (SqlValue wanted in a[1..])
        {
            if (!wanted.IsUndefined && a[0].Array.Items.Contains(wanted) != needsAll)
            {
                return SqlValue.Of(!needsAll);
            }

            result = wanted.IsUndefined ? default : result;
        }

        return result;
    }

    // A negative start counts from the end.
    private static SqlValue Slice(ReadOnlySpan<SqlValue> a)
    {
        long length = long.MaxValue;
        if (a[0].Kind != SqlKind.Array || !a[1].TryGetInteger(out long start) || (a.Length > 2 && !a[2].TryGetInteger(out length)))
        {
            return default;
        }

        IReadOnlyList<SqlValue> items = a[0].Array.Items;
        int from = (int)Math.Clamp(start < 0 ? items.Count + start : start, 0, items.Count);
        return SqlValue.ArrayOf([.. items.Skip(from).Take((int)Math.Clamp(length, 0, items.Count))]);
    }

    private static Function Numbers(string name, Func<SqlValue[], SqlValue> compute) => new(name, 1, 1, a =>
        a[0].Kind == SqlKind.Array && a[0].Array.Items.All(item => item.IsNumber) ? compute([.. a[0].Array.Items]) : default);

    private static SqlValue Median(SqlValue[] values)
    {
        if (values.Length == 0)
        {
            return default;
        }

        Array.Sort(values);
        SqlNumber upper = values[values.Length / 2].Number;
        return values.Length % 2 == 1
            ? SqlValue.Of(upper)
            : SqlValue.Of((values[(values.Length / 2) - 1].Number + upper) / new SqlNumber(2));
    }

    private static Function Extreme(string name, int sign) => new(name, 1, 1, a =>
    {
        if (a[0].Kind != SqlKind.Array || !a[0].Array.Items.All(item => item.IsPrimitive))
        {
            return default;
        }

        SqlValue best = default;
        foreach (SqlValue item in a[0].Array.Items)
        {
            best = best.IsUndefined || item.CompareTo(best) * sign > 0 ? item : best;
        }

        return best;
    });

    // CHOOSE(1, first, second): counts from one.
    private static SqlValue Choose(ReadOnlySpan<SqlValue> a) =>
        a[0].TryGetInteger(out long index) && index >= 1 && index < a.Length ? a[(int)index] : default;

    private static SqlValue ObjectToArray(ReadOnlySpan<SqlValue> a)
    {
        if (a[0].Kind != SqlKind.Object || (a.Length > 1 && !a[1].IsString) || (a.Length > 2 && !a[2].IsString))
        {
            return default;
        }

        string key = a.Length > 1 ? a[1].String : "k";
        string value = a.Length > 2 ? a[2].String : "v";
        var items = new List<SqlValue>();
        foreach ((string name, SqlValue content) in a[0].Object.Properties)
        {
            items.Add(SqlValue.Of(new SqlObject([new(key, SqlValue.Of(name)), new(value, content)])));
        }

        return SqlValue.ArrayOf(items);
    }
}
