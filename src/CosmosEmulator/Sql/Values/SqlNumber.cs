using System.Globalization;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>
/// A number as the query engine sees it: a 64-bit integer while it can be one, a double otherwise. Arithmetic on integers stays
/// exact and turns into doubles on overflow; a literal or stored integer beyond 64 bits is a double from the start.
/// </summary>
internal readonly struct SqlNumber : IEquatable<SqlNumber>, IComparable<SqlNumber>
{
    private const double LongLimit = 9223372036854775808d; // 2^63, the first double beyond a long.

    private readonly long bits;

    public SqlNumber(long value)
    {
        bits = value;
        IsInteger = true;
    }

    public SqlNumber(double value) => bits = BitConverter.DoubleToInt64Bits(value);

    private SqlNumber(long bits, bool isInteger)
    {
        this.bits = bits;
        IsInteger = isInteger;
    }

    /// <summary>Whether it is kept as an integer; a double with an integral value is not.</summary>
    public bool IsInteger { get; }

    public long Bits => bits;

    public long Integer => bits;

    public double Double => IsInteger ? bits : BitConverter.Int64BitsToDouble(bits);

    public static SqlNumber FromBits(long bits, bool isInteger) => new(bits, isInteger);

    public static SqlNumber operator +(SqlNumber left, SqlNumber right)
    {
        long sum = unchecked(left.bits + right.bits);
        bool exact = left.IsInteger && right.IsInteger && ((left.bits ^ sum) & (right.bits ^ sum)) >= 0;
        return exact ? new(sum) : new(left.Double + right.Double);
    }

    public static SqlNumber operator -(SqlNumber left, SqlNumber right)
    {
        long difference = unchecked(left.bits - right.bits);
        bool exact = left.IsInteger && right.IsInteger && ((left.bits ^ right.bits) & (left.bits ^ difference)) >= 0;
        return exact ? new(difference) : new(left.Double - right.Double);
    }

    public static SqlNumber operator *(SqlNumber left, SqlNumber right)
    {
        if (left.IsInteger && right.IsInteger)
        {
            long high = Math.BigMul(left.bits, right.bits, out long low);
            if (high == low >> 63)
            {
                return new(low);
            }
        }

        return new(left.Double * right.Double);
    }

    public static SqlNumber operator /(SqlNumber left, SqlNumber right) =>
        left.IsInteger && right.IsInteger && right.bits is not (0 or -1) && left.bits % right.bits == 0
            ? new(left.bits / right.bits)
            : new(left.Double / right.Double);

    public static SqlNumber operator %(SqlNumber left, SqlNumber right) =>
        left.IsInteger && right.IsInteger && right.bits is not (0 or -1)
            ? new(left.bits % right.bits)
            : new(left.Double % right.Double);

    public static SqlNumber operator -(SqlNumber value) => new SqlNumber(0) - value;

    public static bool operator ==(SqlNumber left, SqlNumber right) => left.Equals(right);

    public static bool operator !=(SqlNumber left, SqlNumber right) => !left.Equals(right);

    public static bool operator <(SqlNumber left, SqlNumber right) => left.CompareTo(right) < 0;

    public static bool operator >(SqlNumber left, SqlNumber right) => left.CompareTo(right) > 0;

    public static bool operator <=(SqlNumber left, SqlNumber right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SqlNumber left, SqlNumber right) => left.CompareTo(right) >= 0;

    /// <summary>Exact also between an integer and a double, where a cast would lose the last bits.</summary>
    public int CompareTo(SqlNumber other) => (IsInteger, other.IsInteger) switch
    {
        (true, true) => bits.CompareTo(other.bits),
        (false, false) => Double == other.Double ? 0 : Double.CompareTo(other.Double), // -0 equals 0.
        (true, false) => -CompareDouble(other.Double, bits),
        (false, true) => CompareDouble(Double, other.bits),
    };

    public bool Equals(SqlNumber other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is SqlNumber other && Equals(other);

    public override int GetHashCode() => (Double + 0).GetHashCode(); // Equal numbers have equal doubles; + 0 joins -0 and 0.

    /// <summary>The value as a 32-bit integer, wrapped the way bit operators do.</summary>
    public int ToInt32()
    {
        if (IsInteger)
        {
            return unchecked((int)bits);
        }

        double value = Double;
        return double.IsFinite(value) ? unchecked((int)(long)(Math.Truncate(value) % 4294967296d)) : 0;
    }

    /// <summary>The integral part as a 64-bit integer; false when there is none.</summary>
    public bool TryTruncate(out long value)
    {
        double number = Double;
        value = IsInteger ? bits : number is > -LongLimit and < LongLimit ? (long)number : 0;
        return IsInteger || number is > -LongLimit and < LongLimit;
    }

    /// <summary>An integral value in 64 bits, however it is kept.</summary>
    public bool TryGetIntegral(out long value) => TryTruncate(out value) && (IsInteger || value == Double);

    /// <summary>The shape the service's own planner prints: 15 digits when they are enough to read the value back, else 17.</summary>
    public override string ToString()
    {
        double value = Double;
        if (IsInteger)
        {
            return bits.ToString(CultureInfo.InvariantCulture);
        }

        if (Math.Abs(value) < 1e17 && value == Math.Truncate(value))
        {
            return value == 0 && double.IsNegative(value) ? "-0" : ((long)value).ToString(CultureInfo.InvariantCulture);
        }

        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        string text = value.ToString("G15", CultureInfo.InvariantCulture);
        if (double.Parse(text, CultureInfo.InvariantCulture) != value)
        {
            text = value.ToString("G17", CultureInfo.InvariantCulture);
        }

        return text.Replace('E', 'e');
    }

    private static int CompareDouble(double left, long right)
    {
        if (left is >= LongLimit or < -LongLimit || double.IsNaN(left))
        {
            return left > 0 ? 1 : -1;
        }

        long whole = (long)left;
        return whole != right ? whole.CompareTo(right) : left.CompareTo(Math.Truncate(left));
    }
}
