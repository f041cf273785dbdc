using System.Text;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions that make strings from strings. A wrong type makes them undefined.</summary>
internal static class StringFunctions
{
    private const int MaxReplicatedCharacters = 100_000;

    public static IEnumerable<Function> All { get; } =
    [
        new("CONCAT", 2, null, Concat),
        new("LEFT", 2, 2, a => TryCount(a, out string text, out long count) ? SqlValue.Of(text[..CodePoints.Offset(text, count)]) : default),
        new("LENGTH", 1, 1, a => a[0].IsString ? SqlValue.Of((long)CodePoints.Count(a[0].String)) : default),
        Map("LOWER", text => text.ToLowerInvariant()),
        Trimming("LTRIM", (text, characters) => text.TrimStart(characters)),
        new("REPLACE", 3, 3, Replace),
        new("REPLICATE", 2, 2, Replicate),
        Map("REVERSE", Reverse),
        new("RIGHT", 2, 2, Right),
        Trimming("RTRIM", (text, characters) => text.TrimEnd(characters)),
        new("STRINGJOIN", 2, 2, Join),
        new("STRINGSPLIT", 2, 2, Split),
        new("SUBSTRING", 3, 3, Substring),
        Cut("LASTSUBSTRINGAFTER", (text, mark) => text.LastIndexOf(mark, StringComparison.Ordinal), isAfter: true),
        Cut("LASTSUBSTRINGBEFORE", (text, mark) => text.LastIndexOf(mark, StringComparison.Ordinal), isAfter: false),
        Cut("SUBSTRINGAFTER", (text, mark) => text.IndexOf(mark, StringComparison.Ordinal), isAfter: true),
        Cut("SUBSTRINGBEFORE", (text, mark) => text.IndexOf(mark, StringComparison.Ordinal), isAfter: false),
        Trimming("TRIM", (text, characters) => text.Trim(characters)),
        Map("UPPER", text => text.ToUpperInvariant()),
    ];

    private static Function Map(string name, Func<string, string> compute) =>
        new(name, 1, 1, a => a[0].IsString ? SqlValue.Of(compute(a[0].String)) : default);

    private static Function Trimming(string name, Func<string, char[]?, string> trim) => new(name, 1, 2, a =>
        !a[0].IsString || (a.Length > 1 && !a[1].IsString) ? default
        : SqlValue.Of(trim(a[0].String, a.Length > 1 ? a[1].String.ToCharArray() : null)));

    private static Function Cut(string name, Func<string, string, int> find, bool isAfter) => new(name, 2, 2, a =>
    {
        if (!a[0].IsString || !a[1].IsString)
        {
            return default;
        }

        string text = a[0].String;
        int index = find(text, a[1].String);
        return index < 0 ? default : SqlValue.Of(isAfter ? text[(index + a[1].String.Length)..] : text[..index]);
    });

    private static bool TryCount(ReadOnlySpan<SqlValue> a, out string text, out long count)
    {
        text = a[0].IsString ? a[0].String : "";
        return a[1].TryGetInteger(out count) && a[0].IsString;
    }

    private static SqlValue Right(ReadOnlySpan<SqlValue> a) => TryCount(a, out string text, out long count)
        ? SqlValue.Of(text[CodePoints.Offset(text, CodePoints.Count(text) - Math.Max(count, 0))..])
        : default;

    private static SqlValue Concat(ReadOnlySpan<SqlValue> a)
    {
        var result = new StringBuilder();
        foreach (SqlValue value in a)
        {
            if (!value.IsString)
            {
                return default;
            }

            result.Append(value.String);
        }

        return SqlValue.Of(result.ToString());
    }

    private static SqlValue Replace(ReadOnlySpan<SqlValue> a) =>
        !a[0].IsString || !a[1].IsString || !a[2].IsString || a[1].String.Length == 0
        ? default
        : SqlValue.Of(a[0].String.Replace(a[1].String, a[2].String, StringComparison.Ordinal));

    private static SqlValue Replicate(ReadOnlySpan<SqlValue> a)
    {
        if (!TryCount(a, out string text, out long count) || count < 0 || CodePoints.Count(text) * (double)count > MaxReplicatedCharacters)
        {
            return default;
        }

        return SqlValue.Of(text.Length == 0 ? "" : new StringBuilder().Insert(0, text, (int)count).ToString());
    }

    private static string Reverse(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes().Reverse())
        {
            result.Append(rune);
        }

        return result.ToString();
    }

    private static SqlValue Join(ReadOnlySpan<SqlValue> a) =>
        a[0].Kind == SqlKind.Array && a[1].IsString && a[0].Array.Items.All(item => item.IsString)
            ? SqlValue.Of(string.Join(a[1].String, a[0].Array.Items.Select(item => item.String)))
            : default;

    private static SqlValue Split(ReadOnlySpan<SqlValue> a) =>
        !a[0].IsString || !a[1].IsString ? default
        : SqlValue.ArrayOf([.. a[0].String.Split(a[1].String, StringSplitOptions.None).Select(SqlValue.Of)]);

    // What begins before the text or behind it is empty.
    private static SqlValue Substring(ReadOnlySpan<SqlValue> a)
    {
        if (!TryCount(a[..2], out string text, out long start) || !a[2].TryGetInteger(out long length))
        {
            return default;
        }

        if (start < 0 || length <= 0)
        {
            return SqlValue.Of("");
        }

        string rest = text[CodePoints.Offset(text, start)..];
        return SqlValue.Of(rest[..CodePoints.Offset(rest, length)]);
    }
}
