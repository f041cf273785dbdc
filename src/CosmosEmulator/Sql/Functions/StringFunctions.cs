using System.Text;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions that make strings from strings. A wrong type makes them undefined.</summary>
internal static class StringFunctions
{
    private const int MaxReplicatedCharacters = 10_000;

    public static IEnumerable<Function> All { get; } =
    [
        new("CONCAT", 2, null, Concat),
        new("LEFT", 2, 2, a => TryRange(a, out string text, out long count) ? SqlValue.Of(text[..Clamp(count, text)]) : default),
        new("LENGTH", 1, 1, a => a[0].IsString ? SqlValue.Of((long)CodePoints(a[0].String)) : default),
        Map("LOWER", text => text.ToLowerInvariant()),
        Trimming("LTRIM", (text, characters) => text.TrimStart(characters)),
        new("REPLACE", 3, 3, Replace),
        new("REPLICATE", 2, 2, Replicate),
        Map("REVERSE", Reverse),
        new("RIGHT", 2, 2, a => TryRange(a, out string text, out long count) ? SqlValue.Of(text[^Clamp(count, text)..]) : default),
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
        return index < 0 ? SqlValue.Of("") : SqlValue.Of(isAfter ? text[(index + a[1].String.Length)..] : text[..index]);
    });

    private static int CodePoints(string text) => text.EnumerateRunes().Count();

    private static bool TryRange(ReadOnlySpan<SqlValue> a, out string text, out long count)
    {
        text = a[0].IsString ? a[0].String : "";
        count = 0;
        return a[0].IsString && a[1].IsNumber && a[1].Number.TryTruncate(out count);
    }

    private static int Clamp(long count, string text) => (int)Math.Clamp(count, 0, text.Length);

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
        !a[0].IsString || !a[1].IsString || !a[2].IsString ? default
        : a[1].String.Length == 0 ? a[0]
        : SqlValue.Of(a[0].String.Replace(a[1].String, a[2].String, StringComparison.Ordinal));

    private static SqlValue Replicate(ReadOnlySpan<SqlValue> a)
    {
        if (!TryRange(a, out string text, out long count) || count < 0 || text.Length * (double)count > MaxReplicatedCharacters)
        {
            return default;
        }

        return SqlValue.Of(new StringBuilder().Insert(0, text, (int)count).ToString());
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

    // A start before the text counts from its beginning; what lies beyond its end is empty.
    private static SqlValue Substring(ReadOnlySpan<SqlValue> a)
    {
        if (!TryRange(a[..2], out string text, out long start) || !a[2].IsNumber || !a[2].Number.TryTruncate(out long length))
        {
            return default;
        }

        int from = Clamp(start, text);
        return SqlValue.Of(text.Substring(from, (int)Math.Clamp(length, 0, text.Length - from)));
    }
}
