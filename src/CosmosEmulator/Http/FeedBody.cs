using System.Buffers.Text;
using System.Text;

namespace Serverless.CosmosEmulator.Http;

/// <summary>The body of every list: <c>{"_rid":...,"Documents":[...],"_count":n}</c>.</summary>
internal static class FeedBody
{
    private const int CountDigits = 11;

    public static byte[] Write(string ownerId, string member, IReadOnlyList<ReadOnlyMemory<byte>> entries)
    {
        byte[] head = Encoding.UTF8.GetBytes($"{{\"_rid\":\"{ownerId}\",\"{member}\":[");
        ReadOnlySpan<byte> tail = "],\"_count\":"u8;
        Span<byte> digits = stackalloc byte[CountDigits];
        Utf8Formatter.TryFormat(entries.Count, digits, out int digitCount);

        int length = head.Length + tail.Length + digitCount + 1 + Math.Max(0, entries.Count - 1);
        foreach (ReadOnlyMemory<byte> entry in entries)
        {
            length += entry.Length;
        }

        var body = new byte[length];
        head.CopyTo(body, 0);
        int position = head.Length;
        for (int i = 0; i < entries.Count; i++)
        {
            if (i > 0)
            {
                body[position++] = (byte)',';
            }

            entries[i].Span.CopyTo(body.AsSpan(position));
            position += entries[i].Length;
        }

        tail.CopyTo(body.AsSpan(position));
        digits[..digitCount].CopyTo(body.AsSpan(position + tail.Length));
        body[^1] = (byte)'}';
        return body;
    }
}
