using System.Text;
using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>A path such as <c>/tenant/id</c> or <c>/"a/b"</c>, as container definitions name properties.</summary>
internal sealed class JsonPath
{
    private readonly byte[][] segments;

    private JsonPath(string text, byte[][] segments)
    {
        Text = text;
        this.segments = segments;
    }

    public string Text { get; }

    /// <summary>The name of the top-level property that the path goes through.</summary>
    public ReadOnlySpan<byte> Root => segments[0];

    public static JsonPath? TryParse(string? text)
    {
        if (text is null || text.Length < 2 || text[0] != '/')
        {
            return null;
        }

        List<byte[]> segments = [];
        int position = 0;
        while (position < text.Length)
        {
            if (text[position] != '/')
            {
                return null;
            }

            position++;
            bool quoted = position < text.Length && text[position] is '"' or '\'';
            int end = quoted ? text.IndexOf(text[position], position + 1) : text.IndexOf('/', position);
            if (quoted && end < 0)
            {
                return null;
            }

            end = end < 0 ? text.Length : end;
            string segment = quoted ? text[(position + 1)..end] : text[position..end];
            if (segment.Length == 0)
            {
                return null;
            }

            segments.Add(Encoding.UTF8.GetBytes(segment));
            position = quoted ? end + 1 : end;
        }

        return new JsonPath(text, [.. segments]);
    }

    /// <summary>The value at this path, below the value of the root property that the reader stands on.</summary>
    public PathValue Read(Utf8JsonReader reader)
    {
        for (int depth = 1; depth < segments.Length; depth++)
        {
            if (reader.TokenType != JsonTokenType.StartObject || !MoveTo(ref reader, segments[depth]))
            {
                return PathValue.Missing;
            }
        }

        return PathValue.From(reader);
    }

    private static bool MoveTo(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool wanted = reader.ValueTextEquals(name);
            reader.Read();
            if (wanted)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}

/// <summary>A value found in an item: a scalar as a key component, or the text of an object or array.</summary>
internal readonly record struct PathValue(PartitionKeyComponent Component, string? Structure)
{
    public static PathValue Missing { get; } = new(PartitionKeyComponent.Undefined, null);

    public static PathValue From(Utf8JsonReader reader)
    {
        PartitionKeyComponent? component = reader.TokenType switch
        {
            JsonTokenType.String => new StringComponent(reader.GetString() ?? ""),
            JsonTokenType.Number => new NumberComponent(reader.GetDouble()),
            JsonTokenType.True => PartitionKeyComponent.True,
            JsonTokenType.False => PartitionKeyComponent.False,
            JsonTokenType.Null => PartitionKeyComponent.Null,
            _ => null,
        };
        return component is not null
            ? new PathValue(component, null)
            : new PathValue(PartitionKeyComponent.Undefined, JsonSerializer.Serialize(JsonElement.ParseValue(ref reader))); // Without its white space.
    }
}
