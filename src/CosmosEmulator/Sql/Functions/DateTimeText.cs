using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>
/// Dates and times as text: written as <c>yyyy-MM-ddTHH:mm:ss.fffffffZ</c>, read also without time, fraction or zone and with an
/// offset. The calendar starts in 1601.
/// </summary>
internal static partial class DateTimeText
{
    private const int MaxOffsetMinutes = 14 * 60;

    public static DateTime First { get; } = new(1601, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static bool TryParse(string text, out DateTime value)
    {
        value = default;
        Match match = Pattern().Match(text);
        return match.Success
            && DateTime.TryParseExact(
                $"{match.Groups["date"].Value} {(match.Groups["time"].Success ? match.Groups["time"].Value : "00:00:00")}",
                "yyyy-MM-dd HH:mm:ss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out DateTime seconds)
            && TryOffset(match.Groups["offset"].Value, out int minutes)
            && TryAdd(seconds, Fraction(match.Groups["fraction"].Value) - (minutes * TimeSpan.TicksPerMinute), out value);
    }

    public static string Format(DateTime value) => value.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    /// <summary>Adds ticks; false outside of the calendar.</summary>
    public static bool TryAdd(DateTime value, decimal ticks, out DateTime sum)
    {
        decimal total = value.Ticks + ticks;
        bool isValid = total >= First.Ticks && total <= DateTime.MaxValue.Ticks;
        sum = isValid ? new((long)total, DateTimeKind.Utc) : default;
        return isValid;
    }

    [GeneratedRegex(
        @"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})([T ](?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(\.(?<fraction>[0-9]{1,7}))?)?(Z|(?<offset>[+-][0-9]{2}(:?[0-9]{2})?))?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    private static long Fraction(string digits) =>
        digits.Length == 0 ? 0 : long.Parse(digits.PadRight(7, '0'), CultureInfo.InvariantCulture);

    private static bool TryOffset(string text, out int minutes)
    {
        minutes = 0;
        if (text.Length > 0)
        {
            string digits = text[1..].Replace(":", "", StringComparison.Ordinal).PadRight(4, '0');
            minutes = (int.Parse(digits[..2], CultureInfo.InvariantCulture) * 60) + int.Parse(digits[2..], CultureInfo.InvariantCulture);
            minutes = text[0] == '-' ? -minutes : minutes;
        }

        return Math.Abs(minutes) <= MaxOffsetMinutes;
    }
}
