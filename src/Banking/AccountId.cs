using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The id part of an account's stream name.</summary>
[JsonConverter(typeof(AccountIdConverter))]
public sealed record AccountId
{
    private AccountId(string value) => Value = value;

    public static AccountId None { get; } = new("");

    public string Value { get; }

    /// <exception cref="FormatException">The text has a character or a length that is not allowed.</exception>
    public static AccountId Parse(string value) => TryParse(value, out AccountId? account) ? account : throw new FormatException(Rule);

    public static bool TryParse(string? value, [NotNullWhen(true)] out AccountId? account)
    {
        account = StreamName.IsId(value) ? new AccountId(value) : null;
        return account is not null;
    }

    public override string ToString() => Value;

    internal static readonly string Rule =
        $"An account is an id of 1 to {Limits.MaxStreamIdLength} letters, digits and '.', '_', '~', '-'.";
}

internal sealed class AccountIdConverter : JsonConverter<AccountId>, IJsonSchemaProvider
{
    public override AccountId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && AccountId.TryParse(reader.GetString(), out AccountId? account)
            ? account
            : throw new JsonException(AccountId.Rule);

    public override void Write(Utf8JsonWriter writer, AccountId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    public JsonObject GetJsonSchema() => StreamName.IdSchema("alice-1");
}
