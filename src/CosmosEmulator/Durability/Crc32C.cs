using System.Buffers.Binary;
using System.Numerics;

namespace Serverless.CosmosEmulator.Durability;

/// <summary>CRC-32C (Castagnoli), which processors compute.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes, ulong salt)
    {
        uint crc = BitOperations.Crc32C(uint.MaxValue, salt);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte rest in bytes)
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}
