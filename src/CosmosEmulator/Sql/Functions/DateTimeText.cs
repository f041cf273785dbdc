using System.Globalization;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>The one format of dates and times, <c>yyyy-MM-ddTHH:mm:ss.fffffffZ</c>; shorter forms are read too.</summary>
internal static class DateTimeText
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", "yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm", "yyyy-MM-dd",
        "yyyy-MM-ddTHH:mmZ",
    ];

    public static bool TryParse(string text, out DateTime value) => DateTime.TryParseExact(
        text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value);

    public static string Format(DateTime value) => value.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
