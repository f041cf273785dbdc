using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Serverless.EventSourcing.Cosmos;

/// <summary>The stored form of a view document: an item of container <c>views</c>.</summary>
internal static class ViewDocumentItem
{
    // Room for the members around the payload; a stream in the fence takes its name and a number.
    private const int EnvelopeBytes = 512;
    private const int SeenBytes = 64;

    private static readonly UtcInstantConverter Instant = new();

    public static MemoryStream Write(ViewPartition partition, ViewDocument document)
    {
        // Not from a pool: after a timeout or a cancellation the client may still be sending these bytes.
        ArrayBufferWriter<byte> buffer = new(document.Data.Length + EnvelopeBytes + SeenBytes * document.Seen.Count);
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, partition, document);
        }
        return ItemJson.StreamOver(buffer.WrittenMemory);
    }

    public static ViewItem Read(JsonElement item)
    {
        Dictionary<string, long> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty stream in item.GetProperty("seen"u8).EnumerateObject())
        {
            seen.Add(stream.Name, stream.Value.GetInt64());
        }
        ViewDocument document = new()
        {
            Id = item.GetProperty("id"u8).GetString()!,
            Kind = KindOf(item.GetProperty("kind"u8).GetString()!),
            Seen = seen,
            AsOf = item.GetProperty("asOf"u8).GetDateTimeOffset().ToUniversalTime(),
            // The document's memory goes back to a pool.
            Data = item.TryGetProperty("data"u8, out JsonElement data) ? JsonMarshal.GetRawUtf8Value(data).ToArray() : default,
            ETag = item.GetProperty("_etag"u8).GetString(),
        };
        return new ViewItem(item.GetProperty("key"u8).GetString()!, document);
    }

    /// <summary>The stored name of a projection and its version, the part of a partition before the key.</summary>
    public static string ProjectionOf(string projection, int version) => $"{projection}@{version}";

    public static string NameOf(ViewKind kind) => kind switch
    {
        ViewKind.View => "view",
        ViewKind.Entry => "entry",
        ViewKind.Marker => "marker",
        _ => throw new UnreachableException($"No name for {kind}."),
    };

    private static ViewKind KindOf(string name) => name switch
    {
        "view" => ViewKind.View,
        "entry" => ViewKind.Entry,
        "marker" => ViewKind.Marker,
        _ => throw new JsonException($"'{name}' is not a kind of view document."),
    };

    private static void Write(Utf8JsonWriter writer, ViewPartition partition, ViewDocument document)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, document.Id);
        writer.WriteString("partition"u8, partition.Value);
        writer.WriteString("projection"u8, ProjectionOf(partition.Projection, partition.Version));
        writer.WriteString("key"u8, partition.Key);
        writer.WriteString("kind"u8, NameOf(document.Kind));
        writer.WriteStartObject("seen"u8);
        foreach ((string stream, long version) in document.Seen)
        {
            writer.WriteNumber(stream, version);
        }
        writer.WriteEndObject();
        writer.WritePropertyName("asOf"u8);
        Instant.Write(writer, document.AsOf, JsonSerializerOptions.Default);
        if (!document.Data.IsEmpty)
        {
            ItemJson.WriteRaw(writer, "data"u8, document.Data.Span, document.Id);
        }
        writer.WriteEndObject();
    }
}
