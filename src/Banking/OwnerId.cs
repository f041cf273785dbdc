using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>Who an account belongs to. Has the characters of a stream id, because it is the key of the owner's portfolio.</summary>
[JsonConverter(typeof(OwnerIdConverter))]
public sealed record OwnerId
{
    private OwnerId(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="FormatException">The text has a character or a length that is not allowed.</exception>
    public static OwnerId Parse(string value) => TryParse(value, out OwnerId? owner) ? owner : throw new FormatException(Rule);

    public static bool TryParse(string? value, [NotNullWhen(true)] out OwnerId? owner)
    {
        owner = StreamName.IsId(value) ? new OwnerId(value) : null;
        return owner is not null;
    }

    public override string ToString() => Value;

    internal static readonly string Rule =
        $"An owner is an id of 1 to {Limits.MaxStreamIdLength} letters, digits and '.', '_', '~', '-'.";
}

internal sealed class OwnerIdConverter : JsonConverter<OwnerId>, IJsonSchemaProvider
{
    public override OwnerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && OwnerId.TryParse(reader.GetString(), out OwnerId? owner)
            ? owner
            : throw new JsonException(OwnerId.Rule);

    public override void Write(Utf8JsonWriter writer, OwnerId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public JsonObject GetJsonSchema() => StreamName.IdSchema("alice");
}
