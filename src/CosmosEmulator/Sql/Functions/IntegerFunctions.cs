using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Arithmetic on 64-bit integers. Anything that is no integer makes them undefined; overflow wraps, as shift counts do.</summary>
internal static class IntegerFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Binary("INTADD", (left, right) => unchecked(left + right)),
        Binary("INTBITAND", (left, right) => left & right),
        Binary("INTBITLEFTSHIFT", (left, right) => left << (int)(right & 63)),
        new("INTBITNOT", 1, 1, a => a[0].TryGetInteger(out long value) ? SqlValue.Of(~value) : default),
        Binary("INTBITOR", (left, right) => left | right),
        Binary("INTBITRIGHTSHIFT", (left, right) => left >> (int)(right & 63)),
        Binary("INTBITXOR", (left, right) => left ^ right),
        Binary("INTDIV", (left, right) => right == 0 || (left == long.MinValue && right == -1) ? null : left / right),
        Binary("INTMOD", (left, right) => right is 0 ? null : right == -1 ? 0 : left % right),
        Binary("INTMUL", (left, right) => unchecked(left * right)),
        Binary("INTSUB", (left, right) => unchecked(left - right)),
    ];

    private static Function Binary(string name, Func<long, long, long?> compute) => new(name, 2, 2, a =>
        a[0].TryGetInteger(out long left) && a[1].TryGetInteger(out long right) && compute(left, right) is long result
            ? SqlValue.Of(result)
            : default);
}
