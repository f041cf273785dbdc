using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// Writes the stored form of one container's items: the client's properties, then the system properties in a fixed order. Also
/// gives each version its ETag, which follows from its LSN and so needs no memory.
/// </summary>
internal sealed class ItemFormat
{
    private const int MaxTimestampDigits = 20;
    private const int EtagLength = 38;

    private readonly byte[] containerId;
    private readonly byte[] selfPrefix;
    private readonly string etagSuffix;

    public ItemFormat(byte[] containerId, string containerSelf)
    {
        this.containerId = containerId;
        selfPrefix = Encoding.UTF8.GetBytes($"\",\"_self\":\"{containerSelf}docs/");

        // Part of the container's own random id: versions of a container that was deleted and made again never look alike.
        uint salt = BinaryPrimitives.ReadUInt32BigEndian(containerId.AsSpan(ResourceId.DatabaseBytes));
        etagSuffix = $"-0000-0000{salt:x8}\"";
    }

    /// <summary>The quotes belong to the value. Children of a split continue their parent's LSNs, so no two versions share a tag.</summary>
    public string Etag(long lsn) => $"\"{(uint)lsn:x8}-{(ushort)(lsn >> 32):x4}-{(ushort)(lsn >> 48):x4}{etagSuffix}";

    public byte[] Write(ReadOnlySpan<byte> properties, ulong number, long lsn, long timestamp)
    {
        Span<byte> resourceId = stackalloc byte[ResourceId.ItemTextLength];
        Base64.EncodeToUtf8(ResourceId.Item(containerId, number), resourceId, out _, out _);
        resourceId.Replace((byte)'/', (byte)'-');

        Span<byte> digits = stackalloc byte[MaxTimestampDigits];
        Utf8Formatter.TryFormat(timestamp, digits, out int digitCount);

        ReadOnlySpan<byte> ridName = "\"_rid\":\""u8;
        ReadOnlySpan<byte> etagName = "/\",\"_etag\":\"\\"u8;
        ReadOnlySpan<byte> attachments = "\",\"_attachments\":\"attachments/\",\"_ts\":"u8;
        int comma = properties.IsEmpty ? 0 : 1;
        var json = new byte[1 + properties.Length + comma + ridName.Length + ResourceId.ItemTextLength + selfPrefix.Length
            + ResourceId.ItemTextLength + etagName.Length + EtagLength + 1 + attachments.Length + digitCount + 1];

        var target = new SpanWriter(json);
        target.Write("{"u8);
        target.Write(properties);
        target.Write(","u8[..comma]);
        target.Write(ridName);
        target.Write(resourceId);
        target.Write(selfPrefix);
        target.Write(resourceId);
        target.Write(etagName);
        target.WriteAscii(Etag(lsn).AsSpan(0, EtagLength - 1));
        target.Write("\\\""u8);
        target.Write(attachments);
        target.Write(digits[..digitCount]);
        target.Write("}"u8);
        Debug.Assert(target.Written == json.Length, "The length was computed wrongly.");
        return json;
    }

    /// <summary>An item as the change feed shows it: <c>_lsn</c> is the counter that session tokens show too.</summary>
    public static byte[] WithLsn(StoredItem item)
    {
        Span<byte> suffix = stackalloc byte[32];
        var writer = new SpanWriter(suffix);
        writer.Write(",\"_lsn\":"u8);
        Utf8Formatter.TryFormat(item.Lsn, suffix[writer.Written..], out int digitCount);
        int length = writer.Written + digitCount;
        suffix[length++] = (byte)'}';
        return [.. item.Json.AsSpan(0, item.Json.Length - 1), .. suffix[..length]];
    }

    private ref struct SpanWriter(Span<byte> target)
    {
        private readonly Span<byte> target = target;

        public int Written { get; private set; }

        public void Write(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(target[Written..]);
            Written += bytes.Length;
        }

        public void WriteAscii(scoped ReadOnlySpan<char> text) => Written += Encoding.ASCII.GetBytes(text, target[Written..]);
    }
}
