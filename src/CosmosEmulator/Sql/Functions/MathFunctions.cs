using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions of numbers. Any other argument makes them undefined, and so does a result that is not a number.</summary>
internal static class MathFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Integral("ABS", number => number.IsInteger && number.Integer != long.MinValue ? new(Math.Abs(number.Integer)) : new(Math.Abs(number.Double))),
        Real("ACOS", Math.Acos),
        Real("ASIN", Math.Asin),
        Real("ATAN", Math.Atan),
        new("ATN2", 2, 2, a => a[0].IsNumber && a[1].IsNumber ? Result(Math.Atan2(a[0].Number.Double, a[1].Number.Double)) : default),
        Rounding("CEILING", Math.Ceiling),
        Real("COS", Math.Cos),
        Real("COT", value => 1 / Math.Tan(value)),
        Real("DEGREES", value => value * (180 / Math.PI)),
        Real("EXP", Math.Exp),
        Rounding("FLOOR", Math.Floor),
        new("LOG", 1, 2, Log),
        Real("LOG10", Math.Log10),
        new("NUMBERBIN", 1, 2, Bin),
        new("PI", 0, 0, _ => SqlValue.Of(Math.PI)),
        new("POWER", 2, 2, a => a[0].IsNumber && a[1].IsNumber ? Result(Math.Pow(a[0].Number.Double, a[1].Number.Double)) : default),
        Real("RADIANS", value => value * (Math.PI / 180)),
        new("RAND", 0, 0, _ => SqlValue.Of(Random.Shared.NextDouble())) { IsVolatile = true },
        new("ROUND", 1, 2, Round),
        Integral("SIGN", number => new SqlNumber((long)Math.Sign(number.Double))),
        Real("SIN", Math.Sin),
        Real("SQRT", Math.Sqrt),
        Integral("SQUARE", number => number * number),
        Real("TAN", Math.Tan),
        Rounding("TRUNC", Math.Truncate),
    ];

    private static SqlValue Result(double value) => double.IsNaN(value) ? SqlValue.Undefined : SqlValue.Of(value);

    private static Function Real(string name, Func<double, double> compute) =>
        new(name, 1, 1, a => a[0].IsNumber ? Result(compute(a[0].Number.Double)) : default);

    private static Function Integral(string name, Func<SqlNumber, SqlNumber> compute) =>
        new(name, 1, 1, a => a[0].IsNumber ? SqlValue.Of(compute(a[0].Number)) : default);

    // An integer stays what it is; as a double it could lose its last digits.
    private static Function Rounding(string name, Func<double, double> compute) =>
        new(name, 1, 1, a => !a[0].IsNumber ? default : a[0].Number.IsInteger ? a[0] : Result(compute(a[0].Number.Double)));

    private static SqlValue Log(ReadOnlySpan<SqlValue> a) =>
        !a[0].IsNumber || (a.Length > 1 && !a[1].IsNumber) ? default
        : Result(a.Length > 1 ? Math.Log(a[0].Number.Double) / Math.Log(a[1].Number.Double) : Math.Log(a[0].Number.Double));

    private static SqlValue Bin(ReadOnlySpan<SqlValue> a)
    {
        if (!a[0].IsNumber || (a.Length > 1 && !a[1].IsNumber))
        {
            return default;
        }

        double size = a.Length > 1 ? a[1].Number.Double : 1;
        return size == 0 ? default : Result(Math.Floor(a[0].Number.Double / size) * size);
    }

    private static SqlValue Round(ReadOnlySpan<SqlValue> a)
    {
        long digits = 0;
        if (!a[0].IsNumber || (a.Length > 1 && !a[1].TryGetInteger(out digits)))
        {
            return default;
        }

        if (a[0].Number.IsInteger && digits >= 0)
        {
            return a[0];
        }

        // Above 15 digits a double has nothing to round; adding zero makes a negative zero a plain one.
        double scale = Math.Pow(10, Math.Clamp(digits, -400, 15));
        double rounded = scale == 0 ? 0 : Math.Round(a[0].Number.Double * scale, MidpointRounding.AwayFromZero) / scale;
        return Result((double.IsFinite(rounded) ? rounded : a[0].Number.Double) + 0);
    }
}
