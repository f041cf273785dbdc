using System.Buffers.Binary;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>The number inside an item's resource id, which is Base64 with '-' for '/': the container's eight bytes, then the number.</summary>
internal static class ItemNumber
{
    private const int ResourceIdBytes = 16;

    public static bool TryRead(string resourceId, out ulong number)
    {
        Span<byte> bytes = stackalloc byte[64];
        bool isItem = Convert.TryFromBase64String(resourceId.Replace('-', '/'), bytes, out int length) && length == ResourceIdBytes;
        number = isItem ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) : 0;
        return isItem;
    }
}
