namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>A value to sort by. Of an array or an object only its hash is kept, which is all that clients compare and send back.</summary>
internal readonly struct OrderKey : IComparable<OrderKey>
{
    private readonly SqlValue primitive;
    private readonly UInt128 hash;

    public OrderKey(SqlValue value)
    {
        Kind = value.Kind;
        primitive = IsComplex ? default : value;
        hash = IsComplex ? OrderHash.Of(value) : default;
    }

    public OrderKey(SqlKind kind, UInt128 hash)
    {
        Kind = kind;
        this.hash = hash;
    }

    public SqlKind Kind { get; }

    /// <summary>The value, unless it is complex.</summary>
    public SqlValue Value => primitive;

    /// <summary>The hash of a complex value.</summary>
    public UInt128 Hash => hash;

    public bool IsComplex => Kind is SqlKind.Array or SqlKind.Object;

    public static bool operator <(OrderKey left, OrderKey right) => left.CompareTo(right) < 0;

    public static bool operator >(OrderKey left, OrderKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(OrderKey left, OrderKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OrderKey left, OrderKey right) => left.CompareTo(right) >= 0;

    public int CompareTo(OrderKey other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : IsComplex ? hash.CompareTo(other.hash) : primitive.CompareTo(other.primitive);
}
