using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing;

/// <summary>
/// The name of a stream, <c>category-id</c> (<c>account-7f3a</c>): unit of order and consistency, and the Cosmos partition key.
/// The category ends at the first hyphen; the id may contain more of them, so a GUID is a valid id.
/// </summary>
public sealed record StreamName
{
    private static readonly SearchValues<char> CategoryCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");

    private StreamName(string value, string category)
    {
        Value = value;
        Category = category;
    }

    public string Value { get; }

    public string Category { get; }

    public string Id => Value[(Category.Length + 1)..];

    /// <exception cref="FormatException">The category or the id has a character or a length that is not allowed.</exception>
    public static StreamName Create(string category, string id) =>
        TryCreate(category, id, out StreamName? stream)
            ? stream
            : throw new FormatException($"'{Shorten(category)}-{Shorten(id)}' is not a stream name: {Rule}");

    /// <exception cref="FormatException">The text is not <c>category-id</c>.</exception>
    public static StreamName Parse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        int hyphen = value.IndexOf('-', StringComparison.Ordinal);
        return hyphen < 0
            ? throw new FormatException($"'{Shorten(value)}' is not a stream name: {Rule}")
            : Create(value[..hyphen], value[(hyphen + 1)..]);
    }

    public static bool TryCreate(string? category, string? id, [NotNullWhen(true)] out StreamName? stream)
    {
        bool valid = IsCategory(category) && IsId(id);
        stream = valid ? new StreamName($"{category}-{id}", category!) : null;
        return valid;
    }

    public static bool IsCategory([NotNullWhen(true)] string? category) =>
        category is { Length: > 0 and <= Limits.MaxCategoryLength }
        && char.IsAsciiLetterLower(category[0])
        && !category.AsSpan().ContainsAnyExcept(CategoryCharacters);

    public static bool IsId([NotNullWhen(true)] string? id) =>
        id is { Length: > 0 and <= Limits.MaxStreamIdLength }
        && !id.AsSpan().ContainsAnyExcept(IdCharacters);

    /// <summary>The JSON Schema of an id, for converters of types that are one.</summary>
    public static JsonObject IdSchema(string example) => new()
    {
        ["type"] = "string",
        ["pattern"] = $"^[A-Za-z0-9._~-]{{1,{Limits.MaxStreamIdLength}}}$",
        ["examples"] = new JsonArray(example),
    };

    public override string ToString() => Value;

    // Ordinal on purpose: Cosmos compares partition keys byte by byte.
    public bool Equals(StreamName? other) => other is not null && string.Equals(Value, other.Value, StringComparison.Ordinal);

    public override int GetHashCode() => string.GetHashCode(Value, StringComparison.Ordinal);

    private const string Rule =
        "a lower-case category (letter, then letters and digits), a hyphen, and an id of letters, digits and '.', '_', '~', '-'.";

    private static string Shorten(string? text) => text is { Length: > 60 } ? text[..60] + "…" : text ?? "";
}
