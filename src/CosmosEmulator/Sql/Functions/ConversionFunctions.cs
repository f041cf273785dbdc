using System.Globalization;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Sql.Functions;

/// <summary>Values to strings and strings to values, and the number of an item.</summary>
internal static class ConversionFunctions
{
    private static readonly PropertyName ResourceId = new("_rid");

    public static IEnumerable<Function> All { get; } =
    [
        new("DOCUMENTID", 1, 1, a => a[0].Kind == SqlKind.Object && a[0].Object[ResourceId] is { IsString: true } rid
            && ItemNumber.TryRead(rid.String, out ulong number)
                ? SqlValue.Of((long)number)
                : default),
        new("TOSTRING", 1, 1, a => a[0].IsUndefined ? default : a[0].IsString ? a[0] : SqlValue.Of(Text(a[0]))),
        Parse("STRINGTOARRAY", value => value.Kind == SqlKind.Array),
        Parse("STRINGTOBOOLEAN", value => value.Kind == SqlKind.Boolean),
        Parse("STRINGTONULL", value => value.Kind == SqlKind.Null),
        new("STRINGTONUMBER", 1, 1, ToNumber),
        Parse("STRINGTOOBJECT", value => value.Kind == SqlKind.Object),
    ];

    private static string Text(SqlValue value) => value.IsNumber ? value.Number.ToString() : JsonText.Write(value);

    private static Function Parse(string name, Func<SqlValue, bool> fits) => new(name, 1, 1, a =>
        a[0].IsString && JsonText.TryParse(a[0].String, out SqlValue value) && fits(value) ? value : default);

    // JSON's syntax, but leading zeros are allowed; beyond the range of doubles there is no number.
    private static SqlValue ToNumber(ReadOnlySpan<SqlValue> a)
    {
        if (!a[0].IsString)
        {
            return default;
        }

        string text = a[0].String.Trim(' ', '\t', '\n', '\r');
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool isPlain = text.Length > 0 && text[0] != '+' && char.IsAsciiDigit(text[^1]) && char.IsAsciiDigit(text.TrimStart('-') is [var first, ..] ? first : ' ');
        if (!isPlain || text.Contains(".e", StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) ? SqlValue.Of(integer)
            : double.TryParse(text, Style, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? SqlValue.Of(number)
            : default;
    }
}
