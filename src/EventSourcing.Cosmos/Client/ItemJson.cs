using System.Runtime.InteropServices;
using System.Text.Json;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>What all stored items share: payloads go in and out as the bytes they are.</summary>
internal static class ItemJson
{
    /// <summary>A stream that shows its buffer, so that the client sends it without a copy.</summary>
    public static MemoryStream StreamOver(ReadOnlyMemory<byte> buffer) =>
        MemoryMarshal.TryGetArray(buffer, out ArraySegment<byte> bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false, publiclyVisible: true)
            : new MemoryStream(buffer.ToArray());

    /// <summary>Parses where the bytes lie, since the client has read every answer into memory. They outlive the answer's disposal.</summary>
    public static JsonDocument Parse(Stream answer) =>
        answer is MemoryStream memory && memory.TryGetBuffer(out ArraySegment<byte> bytes) ? JsonDocument.Parse(bytes) : JsonDocument.Parse(answer);

    /// <exception cref="ArgumentException">The payload is not JSON; unchecked it could close the object around it.</exception>
    public static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> payload, string owner)
    {
        writer.WritePropertyName(name);
        try
        {
            writer.WriteRawValue(payload);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The data of '{owner}' is not JSON: {e.Message}", nameof(payload), e);
        }
    }
}
