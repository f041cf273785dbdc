using System.Globalization;
using System.Text;

namespace Serverless.EventSourcing;

/// <summary>Whether the text of a JSON number and its double are one value, so that the number comes back as it was written.</summary>
internal static class ExactNumber
{
    // So many decimal digits survive in every double of normal size.
    private const int SafeDigits = 15;

    public static bool Is(ReadOnlySpan<byte> text, double number) =>
        (text.Length <= SafeDigits && !text.ContainsAny("eE"u8))
        || Normalize(Encoding.ASCII.GetString(text)) == Normalize(number.ToString("R", CultureInfo.InvariantCulture));

    public static bool IsInteger(ReadOnlySpan<byte> text) => !text.ContainsAny(".eE"u8);

    /// <summary>The significant digits, and the power of ten of the last one.</summary>
    private static (bool IsNegative, string Digits, long Exponent) Normalize(string text)
    {
        bool isNegative = text[0] == '-';
        string[] parts = text.TrimStart('-').Split('e', 'E');
        int dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        string all = dot < 0 ? parts[0] : parts[0].Remove(dot, 1);
        // An exponent that is no int belongs to zero, or to no double that is finite and not zero.
        long exponent = parts.Length > 1 && int.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int power) ? power : 0;
        string digits = all.TrimEnd('0');
        exponent += all.Length - digits.Length - (dot < 0 ? 0 : all.Length - dot);
        digits = digits.TrimStart('0');
        return digits.Length == 0 ? (false, "", 0) : (isNegative, digits, exponent);
    }
}
