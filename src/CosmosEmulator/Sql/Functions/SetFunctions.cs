using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Arrays as sets: each value once, in the order of first appearance.</summary>
internal static class SetFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Set("SETDIFFERENCE", (left, right) => left.Except(right)),
        Set("SETINTERSECT", (left, right) => left.Intersect(right)),
        Set("SETUNION", (left, right) => left.Union(right)),
        new("SETEQUAL", 2, 2, a => AreArrays(a) ? SqlValue.Of(a[0].Array.Items.ToHashSet().SetEquals(a[1].Array.Items)) : default),
    ];

    private static Function Set(string name, Func<IEnumerable<SqlValue>, IEnumerable<SqlValue>, IEnumerable<SqlValue>> combine) =>
        new(name, 2, 2, a => AreArrays(a) ? SqlValue.ArrayOf([.. combine(a[0].Array.Items, a[1].Array.Items)]) : default);

    private static bool AreArrays(ReadOnlySpan<SqlValue> a) => a[0].Kind == SqlKind.Array && a[1].Kind == SqlKind.Array;
}
