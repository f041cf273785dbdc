using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Serverless.CosmosEmulator.Hashing;

/// <summary>
/// Version 2 of the hash that puts a logical partition on a physical one. Clients compute it too, so it must agree with theirs
/// bit by bit; strings of equal length compare ordinally, <see cref="Minimum"/> to <see cref="Maximum"/>.
/// </summary>
public static class EffectivePartitionKey
{
    public const string Minimum = "";
    public const string Maximum = "FF";

    private const int StackLimitBytes = 512;

    /// <summary>
    /// The effective partition key as upper-case hex. A hierarchical key is the concatenation of its components' hashes, so a
    /// prefix of the components gives a prefix of the text; otherwise there is one component.
    /// </summary>
    public static string Compute(IReadOnlyList<PartitionKeyComponent> components, bool hierarchical)
    {
        ArgumentNullException.ThrowIfNull(components);
        if (!hierarchical)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(components.Count, 1);
            return Hash(components[0]);
        }

        return string.Concat(components.Select(Hash));
    }

    private static string Hash(PartitionKeyComponent component)
    {
        int size = component is StringComponent text ? Encoding.UTF8.GetByteCount(text.Value) + 2 : 9;
        Span<byte> buffer = size <= StackLimitBytes ? stackalloc byte[StackLimitBytes] : new byte[size];
        (ulong low, ulong high) = MurmurHash3.Hash128(buffer[..Write(component, buffer)]);

        // Both halves little endian, then all bytes reversed, is both halves big endian in the other order.
        Span<byte> hash = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(hash, high);
        BinaryPrimitives.WriteUInt64BigEndian(hash[8..], low);
        hash[0] &= 0x3F;
        return Convert.ToHexString(hash);
    }

    private static int Write(PartitionKeyComponent component, Span<byte> target)
    {
        switch (component)
        {
            case UndefinedComponent:
                target[0] = 0x00;
                return 1;
            case NullComponent:
                target[0] = 0x01;
                return 1;
            case BooleanComponent boolean:
                target[0] = boolean.Value ? (byte)0x03 : (byte)0x02;
                return 1;
            case NumberComponent number:
                target[0] = 0x05;
                BinaryPrimitives.WriteDoubleLittleEndian(target[1..], number.Value);
                return 9;
            case StringComponent text:
                target[0] = 0x08;
                int length = Encoding.UTF8.GetBytes(text.Value, target[1..]);
                target[length + 1] = 0xFF;
                return length + 2;
            default:
                throw new UnreachableException($"No encoding for {component.GetType().Name}.");
        }
    }
}
