using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>
/// The texts of <c>_rid</c>. Clients parse them, so their lengths and type bits matter: COSMOS-PROTOCOL §7.
/// </summary>
internal static class ResourceId
{
    public const int DatabaseBytes = 4;
    public const int ContainerBytes = 8;
    public const int ItemBytes = 16;
    public const int ItemTextLength = 24;

    private const ulong ItemNumberMask = 0x0FFF_FFFF_FFFF_FFFF;

    public static byte[] NewDatabase()
    {
        byte[] id = RandomNumberGenerator.GetBytes(DatabaseBytes);
        id[0] |= 0x01; // Never zero.
        return id;
    }

    /// <summary>The top bit of the first byte after the database's says that this is a container and not a user.</summary>
    public static byte[] NewContainer(ReadOnlySpan<byte> database)
    {
        byte[] id = [.. database, .. RandomNumberGenerator.GetBytes(ContainerBytes - DatabaseBytes)];
        id[DatabaseBytes] |= 0x80;
        return id;
    }

    public static byte[] Item(ReadOnlySpan<byte> container, ulong number) => Child(container, number & ItemNumberMask);

    public static byte[] PartitionKeyRange(ReadOnlySpan<byte> container, ulong number) =>
        Child(container, (number & ItemNumberMask) | 0x5000_0000_0000_0000);

    public static string Text(ReadOnlySpan<byte> id) => Convert.ToBase64String(id).Replace('/', '-');

    /// <summary>The bytes of a text that this emulator made.</summary>
    public static byte[] Bytes(string text) => Convert.FromBase64String(text.Replace('-', '/'));

    public static bool TryParse(string text, int length, out byte[] id)
    {
        id = new byte[length];
        return text.Length == (length + 2) / 3 * 4
            && Convert.TryFromBase64String(text.Replace('-', '/'), id, out int written) && written == length;
    }

    public static bool TryReadItemNumber(string text, out ulong number)
    {
        bool parsed = TryParse(text, ItemBytes, out byte[] id);
        number = parsed ? BinaryPrimitives.ReadUInt64LittleEndian(id.AsSpan(ContainerBytes)) : 0;
        return parsed && number <= ItemNumberMask;
    }

    private static byte[] Child(ReadOnlySpan<byte> container, ulong number)
    {
        var id = new byte[ItemBytes];
        container.CopyTo(id);
        BinaryPrimitives.WriteUInt64LittleEndian(id.AsSpan(ContainerBytes), number);
        return id;
    }
}
