using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Serverless.Cli.Output;

/// <summary>Values as people read them.</summary>
internal static class Cell
{
    private const int MaxJsonLength = 200;

    public static string Of(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Of(DateTimeOffset? time) => time is { } instant
        ? instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : "";

    public static string Versions(long first, long last) =>
        first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    /// <summary>On one line, and cut where it is long: --json has all of it.</summary>
    public static string Of(JsonElement? json) => json is { } value ? Cut(value.GetRawText(), MaxJsonLength) : "";

    public static string Indented(JsonElement json) => Safe(JsonSerializer.Serialize(json, Answers.ToolJson.Indented.JsonElement), keepLines: true);

    /// <summary>Text from elsewhere must not move the cursor, change the terminal, or appear in another order than it is stored.</summary>
    public static string Safe(string text, bool keepLines = false) =>
        text.Any(c => IsUnsafe(c, keepLines)) ? string.Concat(text.Select(c => IsUnsafe(c, keepLines) ? '\uFFFD' : c)) : text;

    /// <summary>On one line, for messages.</summary>
    public static string OneLine(string text) => Safe(text.ReplaceLineEndings(" "));

    /// <summary>JSON that means the same, with the characters escaped that would reorder what a terminal shows.</summary>
    public static string SafeJson(string json) =>
        json.Any(Reorders) ? string.Concat(json.Select(c => Reorders(c) ? $"\\u{(int)c:x4}" : c.ToString())) : json;

    public static TableCell Text(string? text) => new(OneLine(text ?? ""));

    /// <summary>A name can be chosen, so the id stands beside it.</summary>
    public static string Actor(string id, string? name) => name is null ? id : $"{name} ({id})";

    public static Text Node(string text) => new(OneLine(text));

    /// <summary>A state, in the color of how urgent it is. The word says the same, for a terminal without colors.</summary>
    public static TableCell State(string? state) => new(OneLine(state ?? ""), state?.TrimEnd(' ', '*') switch
    {
        "stuck" or "stopped" or "parked" or "failed" or "broken" => new Style(Color.Red),
        "behind" or "failing" or "paused" or "building" or "pending" => new Style(Color.Yellow),
        "current" or "running" or "serving" or "idle" or "accepted" or "done" => new Style(Color.Green),
        _ => (Style?)null,
    });

    private static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");

    private static bool IsUnsafe(char c, bool keepLines) => (char.IsControl(c) && !(keepLines && c is '\n' or '\r')) || Reorders(c);

    /// <summary>The controls of the Unicode bidirectional algorithm (UAX #9, section 2), and the separators that break a line.</summary>
    private static bool Reorders(char c) =>
        c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
