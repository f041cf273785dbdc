using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using Serverless.CosmosEmulator.Hashing;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>
/// The hash by which clients order arrays among arrays and objects among objects when they merge partitions, and by which they say where
/// to resume. Seeds and nesting are a wire format: the .NET client computes the same, bit by bit.
/// </summary>
internal static class OrderHash
{
    private static readonly Hash Root = new(0xbfc2359eafc0e2b7, 0x8846e00284c4cf1f);
    private static readonly Hash Null = new(0x1380f68bb3b0cfe4, 0x156c918bf564ee48);
    private static readonly Hash False = new(0xc1be517fe893b40c, 0xe9fc8a4c531cd0dd);
    private static readonly Hash True = new(0xf86d4abf9a412e74, 0x788488365c8a985d);
    private static readonly Hash Number = new(0x2400e8b894ce9c2a, 0x790be1eabd7b9481);
    private static readonly Hash Text = new(0x61f53f0a44204cfb, 0x09481be8ef4b56dd);
    private static readonly Hash Array = new(0xfa573b014c4dc18e, 0xa014512c858eb115);
    private static readonly Hash ArrayIndex = new(0xfe057204216db999, 0x5b1cc3178bd9c593);
    private static readonly Hash Object = new(0x77b285ac511aef30, 0x3dcf187245822449);
    private static readonly Hash PropertyName = new(0xc915dde058492a8a, 0x7c8be2eba72e4634);

    /// <summary>The hash in the order of clients, who compare its bytes, low half first.</summary>
    public static UInt128 Of(SqlValue value)
    {
        Hash hash = Compute(value, Root);
        return FromHalves(hash.Low, hash.High);
    }

    /// <summary>From the two halves in which a client sends it.</summary>
    public static UInt128 FromHalves(ulong low, ulong high) =>
        new(BinaryPrimitives.ReverseEndianness(low), BinaryPrimitives.ReverseEndianness(high));

    private static Hash Compute(SqlValue value, Hash seed)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return value.Kind switch
        {
            SqlKind.Undefined => seed,
            SqlKind.Null => Null.Over(seed),
            SqlKind.Boolean => (value.IsTrue ? True : False).Over(seed),
            SqlKind.Number => ComputeNumber(value.Number, Number.Over(seed)),
            SqlKind.String => Bytes(Encoding.UTF8.GetBytes(value.String), Text.Over(seed)),
            SqlKind.Array => ComputeArray(value.Array, Array.Over(seed)),
            _ => ComputeObject(value.Object, Object.Over(seed)),
        };
    }

    private static Hash ComputeArray(SqlArray array, Hash hash)
    {
        for (int i = 0; i < array.Items.Count; i++)
        {
            hash = Compute(array.Items[i], ArrayIndex.Plus((ulong)i)).Over(hash);
        }

        return hash;
    }

    // The hashes of the properties are joined so that their order doesn't count.
    private static Hash ComputeObject(SqlObject value, Hash hash)
    {
        var properties = new Hash(0, 0);
        foreach ((string name, SqlValue content) in value.Properties)
        {
            Hash property = Compute(content, Bytes(Encoding.UTF8.GetBytes(name), Text.Over(PropertyName)));
            properties = new(properties.Low ^ property.Low, properties.High ^ property.High);
        }

        return properties == default ? hash : properties.Over(hash);
    }

    // Eight bytes of a double, and two for the digits of an integer that a double can't hold.
    private static Hash ComputeNumber(SqlNumber number, Hash seed)
    {
        Span<byte> bytes = stackalloc byte[10];
        (double value, ushort extra) = number.IsInteger ? Split(number.Integer) : (number.Double, (ushort)0);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], extra);
        return Bytes(bytes, seed);
    }

    private static (double Value, ushort Extra) Split(long integer)
    {
        const int MantissaBits = 52;
        ulong magnitude = (ulong)Math.Abs((decimal)integer);
        int highest = 63 - BitOperations.LeadingZeroCount(magnitude);
        if (integer == long.MinValue || highest - BitOperations.TrailingZeroCount(magnitude) <= MantissaBits)
        {
            return (integer, 0);
        }

        // The first 52 bits behind the leading one stay in the double, cut off and not rounded; ten more go beside it.
        ulong mantissa = (magnitude << (62 - highest)) & 0x3FFFFFFFFFFFFFFF;
        ulong bits = ((ulong)(highest + 1023) << MantissaBits) | (mantissa >> 10);
        double value = BitConverter.UInt64BitsToDouble(bits);
        return (integer < 0 ? -value : value, (ushort)((mantissa & 0x3FF) << 6));
    }

    private static Hash Bytes(ReadOnlySpan<byte> bytes, Hash seed)
    {
        (ulong low, ulong high) = MurmurHash3.Hash128(bytes, seed.Low, seed.High);
        return new(low, high);
    }

    private readonly record struct Hash(ulong Low, ulong High)
    {
        public Hash Over(Hash seed)
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Low);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], High);
            return Bytes(bytes, seed);
        }

        public Hash Plus(ulong value)
        {
            UInt128 sum = new UInt128(High, Low) + value;
            return new((ulong)sum, (ulong)(sum >> 64));
        }
    }
}
