using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing;

/// <summary>Whole numbers of 64 bits as JSON numbers, as far as a double holds them exactly; beyond ±(2^53 - 1) they are refused.</summary>
public sealed class SafeInt64Converter : JsonConverter<long>, IJsonSchemaProvider
{
    private const long Max = (1L << 53) - 1;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value is >= -Max and <= Max
            ? value
            : throw new JsonException(); // The serializer adds the member, and what is said of any number that is out of range.

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(
        value is >= -Max and <= Max ? value : throw new JsonException($"{value} is beyond 2^53 and would be rounded: write it as a string (Int64StringConverter)."));

    public JsonObject GetJsonSchema() => new() { ["type"] = "integer", ["minimum"] = -Max, ["maximum"] = Max };
}

/// <summary>Whole numbers of 64 bits as strings, for ids and ticks, which need all of their digits.</summary>
public sealed class Int64StringConverter : JsonConverter<long>, IJsonSchemaProvider
{
    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && long.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new JsonException("A whole number here is a string such as \"639316053342991376\".");

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));

    public JsonObject GetJsonSchema() => new() { ["type"] = "string", ["pattern"] = "^-?[0-9]+$", ["examples"] = new JsonArray("639316053342991376") };
}
