using System.Diagnostics;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>The kinds of values, in the order in which ORDER BY sorts them.</summary>
internal enum SqlKind : byte
{
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// <summary>
/// A value of the query language: JSON and <c>undefined</c>. Arrays and objects that come from a stored item stay slices of its
/// bytes until someone looks inside. Equality is that of DISTINCT and GROUP BY: deep, and undefined equals undefined.
/// </summary>
internal readonly struct SqlValue : IEquatable<SqlValue>, IComparable<SqlValue>
{
    private readonly object? reference;
    private readonly long bits;
    private readonly bool isInteger;

    private SqlValue(SqlKind kind, object? reference = null, long bits = 0, bool isInteger = false)
    {
        Kind = kind;
        this.reference = reference;
        this.bits = bits;
        this.isInteger = isInteger;
    }

    public static SqlValue Undefined => default;

    public static SqlValue Null { get; } = new(SqlKind.Null);

    public static SqlValue True { get; } = new(SqlKind.Boolean, bits: 1);

    public static SqlValue False { get; } = new(SqlKind.Boolean);

    public SqlKind Kind { get; }

    public bool IsUndefined => Kind == SqlKind.Undefined;

    public bool IsTrue => Kind == SqlKind.Boolean && bits != 0;

    public bool IsFalse => Kind == SqlKind.Boolean && bits == 0;

    public bool IsNumber => Kind == SqlKind.Number;

    public bool IsString => Kind == SqlKind.String;

    public bool IsPrimitive => Kind is > SqlKind.Undefined and < SqlKind.Array;

    public SqlNumber Number => SqlNumber.FromBits(bits, isInteger);

    public string String => (string)(reference ?? throw new UnreachableException());

    public SqlArray Array => (SqlArray)(reference ?? throw new UnreachableException());

    public SqlObject Object => (SqlObject)(reference ?? throw new UnreachableException());

    public static SqlValue Of(bool value) => value ? True : False;

    public static SqlValue Of(SqlNumber value) => new(SqlKind.Number, null, value.Bits, value.IsInteger);

    public static SqlValue Of(double value) => Of(new SqlNumber(value));

    public static SqlValue Of(long value) => Of(new SqlNumber(value));

    public static SqlValue Of(string value) => new(SqlKind.String, value);

    public static SqlValue Of(SqlArray value) => new(SqlKind.Array, value);

    public static SqlValue Of(SqlObject value) => new(SqlKind.Object, value);

    public static SqlValue ArrayOf(IReadOnlyList<SqlValue> items) => Of(new SqlArray(items));

    /// <summary>A number that is a whole one beyond doubt: an integer, or a double within the 53 bits where all integers are exact.</summary>
    public bool TryGetInteger(out long value)
    {
        const long MaxExact = (1L << 53) - 1;
        value = 0;
        return IsNumber && Number.TryGetIntegral(out value) && (isInteger || value is >= -MaxExact and <= MaxExact);
    }

    public static bool operator ==(SqlValue left, SqlValue right) => left.Equals(right);

    public static bool operator !=(SqlValue left, SqlValue right) => !left.Equals(right);

    public static bool operator <(SqlValue left, SqlValue right) => left.CompareTo(right) < 0;

    public static bool operator >(SqlValue left, SqlValue right) => left.CompareTo(right) > 0;

    public static bool operator <=(SqlValue left, SqlValue right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SqlValue left, SqlValue right) => left.CompareTo(right) >= 0;

    public bool Equals(SqlValue other) => Kind == other.Kind && Kind switch
    {
        SqlKind.Undefined or SqlKind.Null => true,
        SqlKind.Boolean => bits == other.bits,
        SqlKind.Number => Number == other.Number,
        SqlKind.String => string.Equals(String, other.String, StringComparison.Ordinal),
        SqlKind.Array => Array.Equals(other.Array),
        SqlKind.Object => Object.Equals(other.Object),
        _ => throw new UnreachableException($"No equality for {Kind}."),
    };

    /// <summary>
    /// The order of ORDER BY over all types. Strings compare by UTF-16 code unit, as the clients that merge partitions do.
    /// Arrays and objects are ordered by a hash, as there too.
    /// </summary>
    public int CompareTo(SqlValue other) => Kind != other.Kind ? Kind.CompareTo(other.Kind) : Kind switch
    {
        SqlKind.Undefined or SqlKind.Null => 0,
        SqlKind.Boolean => bits.CompareTo(other.bits),
        SqlKind.Number => Number.CompareTo(other.Number),
        SqlKind.String => string.CompareOrdinal(String, other.String),
        _ => OrderHash.Of(this).CompareTo(OrderHash.Of(other)),
    };

    public override bool Equals(object? obj) => obj is SqlValue other && Equals(other);

    public override int GetHashCode() => Kind switch
    {
        SqlKind.Undefined or SqlKind.Null => (int)Kind,
        SqlKind.Boolean => HashCode.Combine(Kind, bits),
        SqlKind.Number => HashCode.Combine(Kind, Number),
        _ => reference?.GetHashCode() ?? 0,
    };

    public override string ToString() => JsonText.Write(this);
}
