using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// What every serializer context of this system must be set to, checked at registration. JSON that binds to nothing is an error,
/// and values keep their exact form on every way through the platform, whose trigger rewrites offsets and long numbers.
/// </summary>
public static class StrictJson
{
    /// <exception cref="ArgumentException">The options would let a missing or misspelt member pass, or store a value loosely.</exception>
    public static void Check(JsonTypeInfo json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonSerializerOptions options = json.Options;
        string[] missing = [.. Missing(options)];
        if (missing.Length > 0)
        {
            throw new ArgumentException(
                $"The JSON of {json.Type.Name} is not strict: set {string.Join(", ", missing)} in the JsonSourceGenerationOptions of its context.",
                nameof(json));
        }
        if (options.DefaultIgnoreCondition == JsonIgnoreCondition.WhenWritingNull
            && json.Properties.FirstOrDefault(p => p.AssociatedParameter is { IsNullable: true, HasDefaultValue: false, IsMemberInitializer: false }) is { } property)
        {
            throw new ArgumentException(
                $"{json.Type.Name}.{property.Name} is left out when it is null and required when it is read: give its parameter a default, "
                + "or drop WhenWritingNull from the JsonSourceGenerationOptions of its context.",
                nameof(json));
        }
        if (new LooseMembers(options).Find(json).FirstOrDefault() is { } loose)
        {
            throw new ArgumentException($"The JSON of {json.Type.Name} is not strict: {loose}", nameof(json));
        }
    }

    // All at once: whoever writes a context learns it from one start.
    private static IEnumerable<string> Missing(JsonSerializerOptions options)
    {
        if (options.UnmappedMemberHandling != JsonUnmappedMemberHandling.Disallow)
        {
            yield return "UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow";
        }
        if (!options.RespectRequiredConstructorParameters)
        {
            yield return "RespectRequiredConstructorParameters = true";
        }
        if (!options.RespectNullableAnnotations)
        {
            yield return "RespectNullableAnnotations = true";
        }
        if (options.AllowDuplicateProperties)
        {
            yield return "AllowDuplicateProperties = false";
        }
        if (!options.Converters.Any(c => c is UtcInstantConverter) || !options.Converters.Any(c => c is DecimalStringConverter))
        {
            yield return "Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter)]";
        }
    }
}

/// <summary>Instants as UTC with <c>Z</c> and without trailing zeros: the one form that the trigger hands on untouched.</summary>
public sealed class UtcInstantConverter : JsonConverter<DateTimeOffset>, IJsonSchemaProvider
{
    internal const int MaxLength = 32;

    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out DateTimeOffset instant)
            ? instant.ToUniversalTime()
            : throw new JsonException("An instant is a string such as \"2026-11-23T09:30:00Z\".");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[MaxLength];
        writer.WriteStringValue(text[..FormatTo(text, value)]);
    }

    public JsonObject GetJsonSchema() => new() { ["type"] = "string", ["format"] = "date-time", ["examples"] = new JsonArray("2026-11-23T09:30:00Z") };

    /// <summary>Writes the instant into at least <see cref="MaxLength"/> characters and returns how many it took.</summary>
    internal static int FormatTo(Span<char> text, DateTimeOffset value)
    {
        _ = value.UtcDateTime.TryFormat(text, out int length, Format, CultureInfo.InvariantCulture);
        return length;
    }
}

/// <summary>Decimals as strings, because JSON numbers become doubles on the way.</summary>
public sealed class DecimalStringConverter : JsonConverter<decimal>, IJsonSchemaProvider
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && decimal.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            ? value
            : throw new JsonException("A decimal is a string such as \"12.50\".");

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));

    public JsonObject GetJsonSchema() => new()
    {
        ["type"] = "string",
        ["pattern"] = @"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$",
        ["examples"] = new JsonArray("12.50"),
    };
}
