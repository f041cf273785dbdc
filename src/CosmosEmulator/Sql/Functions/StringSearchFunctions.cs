using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions that look for strings in strings; the optional last argument of most ignores case.</summary>
internal static class StringSearchFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Search("CONTAINS", (text, part, comparison) => text.Contains(part, comparison)),
        Search("ENDSWITH", (text, part, comparison) => text.EndsWith(part, comparison)),
        Search("STARTSWITH", (text, part, comparison) => text.StartsWith(part, comparison)),
        Search("STRINGEQUALS", (text, part, comparison) => text.Equals(part, comparison)),
        Many("CONTAINS_ALL_CI", StringComparison.OrdinalIgnoreCase, needsAll: true),
        Many("CONTAINS_ALL_CS", StringComparison.Ordinal, needsAll: true),
        Many("CONTAINS_ANY_CI", StringComparison.OrdinalIgnoreCase, needsAll: false),
        Many("CONTAINS_ANY_CS", StringComparison.Ordinal, needsAll: false),
        new("INDEX_OF", 2, 3, IndexOf),
        new("LASTINDEXOF", 2, 3, LastIndexOf),
    ];

    private static Function Search(string name, Func<string, string, StringComparison, bool> test) => new(name, 2, 3, a =>
        !a[0].IsString || !a[1].IsString || (a.Length > 2 && a[2].Kind != SqlKind.Boolean) ? default
        : SqlValue.Of(test(
            a[0].String, a[1].String, a.Length > 2 && a[2].IsTrue ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)));

    private static Function Many(string name, StringComparison comparison, bool needsAll) => new(name, 2, null, a =>
    {
        if (!a[0].IsString)
        {
            return default;
        }

        foreach (SqlValue part in a[1..])
        {
            if (!part.IsString)
            {
                return default;
            }

            if (a[0].String.Contains(part.String, comparison) != needsAll)
            {
                return SqlValue.Of(!needsAll);
            }
        }

        return SqlValue.Of(needsAll);
    });

    private static SqlValue IndexOf(ReadOnlySpan<SqlValue> a)
    {
        long start = 0;
        if (!a[0].IsString || !a[1].IsString || (a.Length > 2 && (!a[2].IsNumber || !a[2].Number.TryTruncate(out start))))
        {
            return default;
        }

        string text = a[0].String;
        return start < 0 || start > text.Length ? SqlValue.Of(-1L)
            : SqlValue.Of((long)text.IndexOf(a[1].String, (int)start, StringComparison.Ordinal));
    }

    private static SqlValue LastIndexOf(ReadOnlySpan<SqlValue> a)
    {
        long start = long.MaxValue;
        if (!a[0].IsString || !a[1].IsString || (a.Length > 2 && (!a[2].IsNumber || !a[2].Number.TryTruncate(out start))))
        {
            return default;
        }

        string text = a[0].String;
        if (start < 0)
        {
            return SqlValue.Of(-1L);
        }

        int end = (int)Math.Min(text.Length, start >= text.Length ? text.Length : start + a[1].String.Length);
        return SqlValue.Of((long)text[..end].LastIndexOf(a[1].String, StringComparison.Ordinal));
    }
}
