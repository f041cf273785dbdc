using System.Buffers.Binary;
using System.Numerics;

namespace Serverless.CosmosEmulator.Hashing;

/// <summary>MurmurHash3, the variant for x64 with 128 bits, as Austin Appleby published it, but with a seed for each half.</summary>
internal static class MurmurHash3
{
    private const ulong FirstMultiplier = 0x87c37b91114253d5;
    private const ulong SecondMultiplier = 0x4cf5ad432745937f;

    public static (ulong Low, ulong High) Hash128(ReadOnlySpan<byte> data, ulong lowSeed = 0, ulong highSeed = 0)
    {
        ulong low = lowSeed;
        ulong high = highSeed;
        ReadOnlySpan<byte> rest = data;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            low ^= MixLow(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            low = ((BitOperations.RotateLeft(low, 27) + high) * 5) + 0x52dce729;
            high ^= MixHigh(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
            high = ((BitOperations.RotateLeft(high, 31) + low) * 5) + 0x38495ab5;
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        rest.CopyTo(tail);
        high ^= MixHigh(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]));
        low ^= MixLow(BinaryPrimitives.ReadUInt64LittleEndian(tail));

        low ^= (ulong)data.Length;
        high ^= (ulong)data.Length;
        low += high;
        high += low;
        low = Finish(low);
        high = Finish(high);
        low += high;
        high += low;
        return (low, high);
    }

    private static ulong MixLow(ulong block) => BitOperations.RotateLeft(block * FirstMultiplier, 31) * SecondMultiplier;

    private static ulong MixHigh(ulong block) => BitOperations.RotateLeft(block * SecondMultiplier, 33) * FirstMultiplier;

    private static ulong Finish(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
}
