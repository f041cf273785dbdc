using System.Collections.Frozen;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Execution;

/// <summary>An aggregate call in a query: what it aggregates, and how.</summary>
internal sealed record Aggregate(Evaluator Argument, Func<Accumulator> Start);

/// <summary>One aggregate over one group. Undefined values don't count anywhere.</summary>
internal abstract class Accumulator
{
    private static readonly FrozenDictionary<string, Func<Accumulator>> Kinds = new Dictionary<string, Func<Accumulator>>
    {
        ["AVG"] = () => new AverageAccumulator(),
        ["COUNT"] = () => new CountAccumulator(_ => true),
        ["COUNTIF"] = () => new CountAccumulator(value => value.IsTrue),
        ["MAKELIST"] = () => new ListAccumulator(isSet: false),
        ["MAKESET"] = () => new ListAccumulator(isSet: true),
        ["MAX"] = () => new ExtremeAccumulator(sign: 1),
        ["MIN"] = () => new ExtremeAccumulator(sign: -1),
        ["SUM"] = () => new SumAccumulator(),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => Kinds.Keys;

    public abstract SqlValue Result { get; }

    public static bool IsAggregate(string name) => Kinds.ContainsKey(name);

    public static Func<Accumulator> Starter(string name) => Kinds[name];

    public void Add(SqlValue value)
    {
        if (!value.IsUndefined)
        {
            AddDefined(value);
        }
    }

    protected abstract void AddDefined(SqlValue value);
}

internal sealed class CountAccumulator(Func<SqlValue, bool> counts) : Accumulator
{
    private long count;

    public override SqlValue Result => SqlValue.Of(count);

    protected override void AddDefined(SqlValue value) => count += counts(value) ? 1 : 0;
}

/// <summary>Zero over nothing; undefined as soon as something is not a number.</summary>
internal sealed class SumAccumulator : Accumulator
{
    private SqlNumber sum = new(0L);
    private bool isUndefined;

    public override SqlValue Result => isUndefined ? default : SqlValue.Of(sum);

    protected override void AddDefined(SqlValue value)
    {
        isUndefined |= !value.IsNumber;
        sum = value.IsNumber ? sum + value.Number : sum;
    }
}

/// <summary>Undefined over nothing, and as soon as something is not a number.</summary>
internal sealed class AverageAccumulator : Accumulator
{
    private SqlNumber sum = new(0L);
    private long count;
    private bool isUndefined;

    public override SqlValue Result => isUndefined || count == 0 ? default : SqlValue.Of(sum / new SqlNumber(count));

    protected override void AddDefined(SqlValue value)
    {
        isUndefined |= !value.IsNumber;
        sum = value.IsNumber ? sum + value.Number : sum;
        count++;
    }
}

/// <summary>By the order of types; undefined over nothing, and as soon as something is an array or an object.</summary>
internal sealed class ExtremeAccumulator(int sign) : Accumulator
{
    private SqlValue best;
    private bool isUndefined;

    public override SqlValue Result => isUndefined ? default : best;

    protected override void AddDefined(SqlValue value)
    {
        isUndefined |= !value.IsPrimitive;
        best = best.IsUndefined || value.CompareTo(best) * sign > 0 ? value : best;
    }
}

internal sealed class ListAccumulator(bool isSet) : Accumulator
{
    private readonly List<SqlValue> items = [];
    private readonly HashSet<SqlValue> seen = [];

    public override SqlValue Result => SqlValue.ArrayOf([.. items]);

    protected override void AddDefined(SqlValue value)
    {
        if (!isSet || seen.Add(value))
        {
            items.Add(value);
        }
    }
}
