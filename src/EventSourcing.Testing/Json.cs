using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Testing;

/// <summary>Values compared by the JSON they are stored as, which sees into lists where record equality does not.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Compare<T>(string heading, T expected, T actual, JsonTypeInfo<T> json)
    {
        string[] expectedLines = Lines(expected, json);
        string[] actualLines = Lines(actual, json);
        if (!expectedLines.SequenceEqual(actualLines, StringComparer.Ordinal))
        {
            throw SpecificationException.Difference(heading, expectedLines, actualLines);
        }
    }

    public static string[] Lines<T>(T value, JsonTypeInfo<T> json)
    {
        using JsonDocument document = JsonSerializer.SerializeToDocument(value, json);
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Indented))
        {
            document.WriteTo(writer);
        }
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}
