using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// A document among the commits that stands at no version of any stream: its <c>stream</c> is no stream name, or its <c>id</c> is no
/// version. No stream waits for it. It is listed under a name made of both, such as <c>account-7:x</c>, which no stream can have.
/// </summary>
internal static class StrayDocument
{
    private const char Separator = ':';

    public static bool IsStreamName([NotNullWhen(true)] string? text) =>
        text is not null && text.IndexOf('-', StringComparison.Ordinal) is > 0 and int hyphen
        && StreamName.TryCreate(text[..hyphen], text[(hyphen + 1)..], out _);

    public static bool TryReadVersion(string? id, out long version)
    {
        version = 0;
        return id is { Length: 10 } && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;
    }

    public static string NameOf(JsonElement item) => Escaped(Member(item, "stream"u8)) + Separator + Escaped(Member(item, "id"u8));

    /// <summary>The category of a stream's name, or of the stream that a stray document names; null when it names none.</summary>
    public static string? CategoryOf(string name) =>
        name.Split(Separator)[0] is var stream && IsStreamName(stream) ? stream[..stream.IndexOf('-', StringComparison.Ordinal)] : null;

    /// <summary>The id of the document that <see cref="NameOf"/> named; false for the name of a stream.</summary>
    public static bool TryReadId(string name, [NotNullWhen(true)] out string? id)
    {
        id = name.IndexOf(Separator, StringComparison.Ordinal) is >= 0 and int separator ? Uri.UnescapeDataString(name[(separator + 1)..]) : null;
        return id is not null;
    }

    private static string Escaped(string text) => Uri.EscapeDataString(text); // The separator, too.

    private static string Member(JsonElement item, ReadOnlySpan<byte> name) =>
        item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out JsonElement value) ? ""
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : value.GetRawText();
}
