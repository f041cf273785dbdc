using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Arithmetic on 64-bit integers. Anything that is no integer makes them undefined; overflow wraps.</summary>
internal static class IntegerFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Binary("INTADD", (left, right) => unchecked(left + right)),
        Binary("INTBITAND", (left, right) => left & right),
        Binary("INTBITLEFTSHIFT", (left, right) => right is >= 0 and < 64 ? left << (int)right : 0),
        new("INTBITNOT", 1, 1, a => TryGet(a[0], out long value) ? SqlValue.Of(~value) : default),
        Binary("INTBITOR", (left, right) => left | right),
        Binary("INTBITRIGHTSHIFT", (left, right) => left >> (int)Math.Clamp(right, 0, 63)),
        Binary("INTBITXOR", (left, right) => left ^ right),
        Binary("INTDIV", Divide),
        Binary("INTMOD", (left, right) => right is 0 ? null : right == -1 ? 0 : left % right),
        Binary("INTMUL", (left, right) => unchecked(left * right)),
        Binary("INTSUB", (left, right) => unchecked(left - right)),
    ];

    private static long? Divide(long left, long right) => right == 0 ? null : right == -1 ? unchecked(-left) : left / right;

    private static Function Binary(string name, Func<long, long, long?> compute) => new(name, 2, 2, a =>
        TryGet(a[0], out long left) && TryGet(a[1], out long right) && compute(left, right) is long result
            ? SqlValue.Of(result)
            : default);

    private static bool TryGet(SqlValue value, out long integer)
    {
        integer = 0;
        return value.IsNumber && value.Number.TryGetIntegral(out integer);
    }
}
