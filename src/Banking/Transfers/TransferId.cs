using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The id part of a transfer's stream name.</summary>
[JsonConverter(typeof(TransferIdConverter))]
public sealed record TransferId
{
    private TransferId(string value) => Value = value;

    public string Value { get; }

    /// <exception cref="FormatException">The text has a character or a length that is not allowed.</exception>
    public static TransferId Parse(string value) => TryParse(value, out TransferId? transfer) ? transfer : throw new FormatException(Rule);

    public static bool TryParse(string? value, [NotNullWhen(true)] out TransferId? transfer)
    {
        transfer = StreamName.IsId(value) ? new TransferId(value) : null;
        return transfer is not null;
    }

    public override string ToString() => Value;

    internal static readonly string Rule =
        $"A transfer is an id of 1 to {Limits.MaxStreamIdLength} letters, digits and '.', '_', '~', '-'.";
}

internal sealed class TransferIdConverter : JsonConverter<TransferId>, IJsonSchemaProvider
{
    public override TransferId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TransferId.TryParse(reader.GetString(), out TransferId? transfer)
            ? transfer
            : throw new JsonException(TransferId.Rule);

    public override void Write(Utf8JsonWriter writer, TransferId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public JsonObject GetJsonSchema() => StreamName.IdSchema("rent-1");
}
