using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Functions that look for strings in strings; the optional last argument of most ignores case.</summary>
internal static class StringSearchFunctions
{
    public static IEnumerable<Function> All { get; } =
    [
        Search("CONTAINS", (text, part) => text.Contains(part, StringComparison.Ordinal)),
        Search("ENDSWITH", (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        Search("STARTSWITH", (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        Search("STRINGEQUALS", (text, part) => text == part),
        Many("CONTAINS_ALL_CI", ignoresCase: true, needsAll: true),
        Many("CONTAINS_ALL_CS", ignoresCase: false, needsAll: true),
        Many("CONTAINS_ANY_CI", ignoresCase: true, needsAll: false),
        Many("CONTAINS_ANY_CS", ignoresCase: false, needsAll: false),
        new("INDEX_OF", 2, 3, IndexOf),
        new("LASTINDEXOF", 2, 3, LastIndexOf),
    ];

    // Without regard to case means: lower case is the same. That differs from .NET's rule for a few letters, such as the final sigma.
    private static string Fold(string text, bool ignoresCase) => ignoresCase ? text.ToLowerInvariant() : text;

    private static Function Search(string name, Func<string, string, bool> test) => new(name, 2, 3, a =>
    {
        bool ignoresCase = a.Length > 2 && a[2].IsTrue;
        return !a[0].IsString || !a[1].IsString || (a.Length > 2 && a[2].Kind != SqlKind.Boolean)
            ? default
            : SqlValue.Of(test(Fold(a[0].String, ignoresCase), Fold(a[1].String, ignoresCase)));
    });

    // As if each part were tested alone and the results were joined by AND or OR: one decisive answer outweighs an undefined one.
    private static Function Many(string name, bool ignoresCase, bool needsAll) => new(name, 2, null, a =>
    {
        if (!a[0].IsString)
        {
            return default;
        }

        string text = Fold(a[0].String, ignoresCase);
        SqlValue result = SqlValue.Of(needsAll);
        foreach (SqlValue part in a[1..])
        {
            if (part.IsString && text.Contains(Fold(part.String, ignoresCase), StringComparison.Ordinal) != needsAll)
            {
                return SqlValue.Of(!needsAll);
            }

            result = part.IsString ? result : default;
        }

        return result;
    });

    private static SqlValue IndexOf(ReadOnlySpan<SqlValue> a)
    {
        long start = 0;
        if (!a[0].IsString || !a[1].IsString || (a.Length > 2 && !a[2].TryGetInteger(out start)))
        {
            return default;
        }

        string text = a[0].String;
        if (start < 0 || start > CodePoints.Count(text))
        {
            return SqlValue.Of(-1L);
        }

        return Position(text, text.IndexOf(a[1].String, CodePoints.Offset(text, start), StringComparison.Ordinal));
    }

    // The start is the last character that may belong to what is found. An empty string is found there.
    private static SqlValue LastIndexOf(ReadOnlySpan<SqlValue> a)
    {
        string text = a[0].IsString ? a[0].String : "";
        int count = CodePoints.Count(text);
        long start = count;
        if (!a[0].IsString || !a[1].IsString || (a.Length > 2 && !a[2].TryGetInteger(out start)))
        {
            return default;
        }

        if (start < 0 || start > count)
        {
            return SqlValue.Of(-1L);
        }

        return a[1].String.Length == 0
            ? SqlValue.Of(Math.Min(start, Math.Max(count - 1, 0)))
            : Position(text, text[..CodePoints.Offset(text, start + 1)].LastIndexOf(a[1].String, StringComparison.Ordinal));
    }

    private static SqlValue Position(string text, int index) => SqlValue.Of(index < 0 ? -1L : CodePoints.Count(text[..index]));
}
