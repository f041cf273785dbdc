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

    /// <summary>Stored text must not move the cursor of who looks at it.</summary>
    public static string Safe(string text, bool keepLines = false) =>
        text.Any(c => IsControl(c, keepLines)) ? string.Concat(text.Select(c => IsControl(c, keepLines) ? '\uFFFD' : c)) : text;

    public static Text Text(string? text) => new(Safe(text ?? ""));

    private static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");

    private static bool IsControl(char c, bool keepLines) => char.IsControl(c) && !(keepLines && c is '\n' or '\r');
}
