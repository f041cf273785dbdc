using System.Buffers.Binary;
using System.Text;

namespace Serverless.CosmosEmulator.Batch;

/// <summary>Reads the primitive values of a HybridRow; integers are little endian. Throws when the row ends too early.</summary>
internal ref struct RowReader(ReadOnlyMemory<byte> row)
{
    private ReadOnlyMemory<byte> rest = row;

    public readonly bool AtEnd => rest.IsEmpty;

    public byte Byte() => Take(1).Span[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public int VarInt()
    {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte next = Byte();
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(row));
    }

    public ReadOnlyMemory<byte> Variable() => Take(VarInt());

    public string Text() => Encoding.UTF8.GetString(Variable().Span);

    private ReadOnlyMemory<byte> Take(int count)
    {
        ReadOnlyMemory<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}

/// <summary>Writes the primitive values of HybridRows one after the other.</summary>
internal sealed class RowWriter(int capacity)
{
    private byte[] buffer = new byte[capacity];

    public int Length { get; private set; }

    public void Byte(byte value) => Space(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Space(4), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Space(8), value);

    public void Float64(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Space(8), value);

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Space(bytes.Length));

    public void Variable(ReadOnlySpan<byte> bytes)
    {
        uint length = (uint)bytes.Length;
        for (; length >= 0x80; length >>= 7)
        {
            Byte((byte)(length | 0x80));
        }

        Byte((byte)length);
        Bytes(bytes);
    }

    public int Reserve(int count)
    {
        int at = Length;
        Space(count);
        return at;
    }

    public void Int32At(int position, int value) => BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(position), value);

    public ReadOnlySpan<byte> Written(int from) => buffer.AsSpan(from, Length - from);

    public byte[] ToArray() => buffer.AsSpan(0, Length).ToArray();

    private Span<byte> Space(int count)
    {
        if (buffer.Length - Length < count)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + count));
        }

        Length += count;
        return buffer.AsSpan(Length - count, count);
    }
}

/// <summary>The common CRC-32 (IEEE, as in zip).</summary>
internal static class Crc32
{
    private const uint ReversedPolynomial = 0xEDB88320;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint checksum = uint.MaxValue;
        foreach (byte value in data)
        {
            checksum = (checksum >> 8) ^ Table[(byte)(checksum ^ value)];
        }

        return ~checksum;
    }

    private static uint Entry(int index)
    {
        uint entry = (uint)index;
        for (int bit = 0; bit < 8; bit++)
        {
            entry = (entry & 1) == 0 ? entry >> 1 : (entry >> 1) ^ ReversedPolynomial;
        }

        return entry;
    }
}
