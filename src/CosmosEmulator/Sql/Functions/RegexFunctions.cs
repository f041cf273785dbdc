using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>
/// Regular expressions of .NET; the service's dialect is Perl-compatible and agrees on what applications use. A pattern that can't be
/// parsed is undefined for every row.
/// </summary>
internal static class RegexFunctions
{
    private const int MaxCachedPatterns = 256;

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<(string Pattern, RegexOptions Options), Regex?> Cache = new();

    public static IEnumerable<Function> All { get; } =
    [
        new("REGEXMATCH", 2, 3, a => Find(a[0], a[1], a.Length > 2 ? a[2] : SqlValue.Of("")) is Regex regex
            ? SqlValue.Of(IsMatch(regex, a[0].String))
            : default),
    ];

    private static bool IsMatch(Regex regex, string text)
    {
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            throw SqlException.Plan($"The regular expression '{regex}' took longer than {MatchTimeout.TotalSeconds:F0} s to match.");
        }
    }

    private static Regex? Find(SqlValue text, SqlValue pattern, SqlValue modifiers)
    {
        if (!text.IsString || !pattern.IsString || !modifiers.IsString || !TryOptions(modifiers.String, out RegexOptions options))
        {
            return null;
        }

        if (Cache.Count > MaxCachedPatterns)
        {
            Cache.Clear();
        }

        return Cache.GetOrAdd((pattern.String, options), static key => Create(key.Pattern, key.Options));
    }

    private static Regex? Create(string pattern, RegexOptions options)
    {
        try
        {
            return new(pattern, options | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool TryOptions(string modifiers, out RegexOptions options)
    {
        options = RegexOptions.None;
        foreach (char modifier in modifiers)
        {
            RegexOptions? option = modifier switch
            {
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'i' => RegexOptions.IgnoreCase,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => null,
            };
            if (option is null)
            {
                return false;
            }

            options |= option.Value;
        }

        return true;
    }
}
