using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// The one form of a JSON value that everybody agrees on (RFC 8785): no white space, members in the order of their UTF-16 names, numbers
/// and strings as ECMAScript writes them. A value that went through a database or another client comes out the same.
/// </summary>
/// <remarks>
/// Numbers are IEEE 754 doubles, in the RFC and in Cosmos DB. A number that a double would round is refused, since two numbers would have
/// one form; it belongs into a string. Of a stored value only whole numbers are looked at like this, because a database may write
/// more digits of a fraction than it needs.
/// </remarks>
public static class CanonicalJson
{
    private const double MaxExactInteger = 9_007_199_254_740_992; // 2^53
    private const int MaxPlainExponent = 21;
    private const int MinPlainExponent = -6;

    // Read deeper than what is allowed, so that what is wrong can be said.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 10 * Limits.MaxJsonDepth };

    /// <summary>Of what is about to be stored.</summary>
    /// <exception cref="ArgumentException">The text is not JSON, nests deeper than <see cref="Limits.MaxJsonDepth"/>, or has no canonical
    /// form: a name twice in one object, half a surrogate pair, a number that a double does not hold exactly.</exception>
    public static void Write(IBufferWriter<byte> buffer, ReadOnlyMemory<byte> json)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Deep);
            Write(buffer, document.RootElement, new Rules(IsStored: false), depth: 1);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"It is not JSON: {e.Message}", e);
        }
    }

    /// <summary>Of what was stored.</summary>
    /// <exception cref="ArgumentException">The value has no canonical form.</exception>
    public static void Write(IBufferWriter<byte> buffer, JsonElement value)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Write(buffer, value, new Rules(IsStored: true), depth: 1);
    }

    private static void Write(IBufferWriter<byte> buffer, JsonElement value, Rules rules, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when depth > Limits.MaxJsonDepth && !rules.IsStored:
                throw new ArgumentException($"It nests deeper than {Limits.MaxJsonDepth} levels.");
            case JsonValueKind.Object:
                WriteObject(buffer, value, leaveOut: null, rules, depth);
                break;
            case JsonValueKind.Array:
                WriteArray(buffer, value, rules, depth);
                break;
            case JsonValueKind.Number:
                WriteNumber(buffer, value, rules);
                break;
            case JsonValueKind.String:
                WriteText(buffer, JsonMarshal.GetRawUtf8Value(value), value, static v => v.GetString()!);
                break;
            default:
                buffer.Write(JsonMarshal.GetRawUtf8Value(value)); // true, false and null have one form.
                break;
        }
    }

    /// <summary>A stored object without those of its members whose names <paramref name="leaveOut"/> says yes to.</summary>
    /// <exception cref="ArgumentException">The object has no canonical form.</exception>
    public static void WriteObject(IBufferWriter<byte> buffer, JsonElement value, Func<JsonProperty, bool>? leaveOut)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        WriteObject(buffer, value, leaveOut, new Rules(IsStored: true), depth: 1);
    }

    private static void WriteObject(IBufferWriter<byte> buffer, JsonElement value, Func<JsonProperty, bool>? leaveOut, Rules rules, int depth)
    {
        JsonProperty[] members = ArrayPool<JsonProperty>.Shared.Rent(Math.Max(1, value.GetPropertyCount()));
        try
        {
            int count = 0;
            foreach (JsonProperty member in value.EnumerateObject())
            {
                if (leaveOut is null || !leaveOut(member))
                {
                    members[count++] = member;
                }
            }
            Span<JsonProperty> ordered = members.AsSpan(0, count);
            ordered.Sort(static (a, b) => CompareNames(a, b));
            buffer.Write("{"u8);
            for (int i = 0; i < count; i++)
            {
                if (i > 0)
                {
                    buffer.Write(","u8);
                    if (CompareNames(ordered[i - 1], ordered[i]) == 0)
                    {
                        throw new ArgumentException($"The name '{ordered[i].Name}' is there twice.");
                    }
                }
                WriteText(buffer, JsonMarshal.GetRawUtf8PropertyName(ordered[i]), ordered[i], static m => m.Name, isQuoted: false);
                buffer.Write(":"u8);
                Write(buffer, ordered[i].Value, rules, depth + 1);
            }
            buffer.Write("}"u8);
        }
        finally
        {
            ArrayPool<JsonProperty>.Shared.Return(members, clearArray: true);
        }
    }

    /// <summary>A string with its quotes.</summary>
    /// <exception cref="ArgumentException">It has half a surrogate pair, which no UTF-8 can hold.</exception>
    public static void WriteString(IBufferWriter<byte> buffer, ReadOnlySpan<char> text) => WriteString(buffer, text, replaceInvalid: false);

    /// <summary>As <see cref="Utf8JsonWriter"/> does it, half a surrogate pair can be replaced by U+FFFD.</summary>
    internal static void WriteString(IBufferWriter<byte> buffer, ReadOnlySpan<char> text, bool replaceInvalid)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        buffer.Write("\""u8);
        while (text.Length > 0)
        {
            int plain = text.IndexOfAny(Escaped);
            ReadOnlySpan<char> run = plain < 0 ? text : text[..plain];
            Span<byte> target = buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(run.Length));
            if (System.Text.Unicode.Utf8.FromUtf16(run, target, out _, out int written, replaceInvalidSequences: replaceInvalid) != OperationStatus.Done)
            {
                throw new ArgumentException("A string has half a surrogate pair.");
            }
            buffer.Advance(written);
            if (plain < 0)
            {
                break;
            }
            WriteEscaped(buffer, text[plain]);
            text = text[(plain + 1)..];
        }
        buffer.Write("\""u8);
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    private static void WriteEscaped(IBufferWriter<byte> buffer, char c)
    {
        switch (c)
        {
            case '"': buffer.Write("\\\""u8); break;
            case '\\': buffer.Write("\\\\"u8); break;
            case '\b': buffer.Write("\\b"u8); break;
            case '\t': buffer.Write("\\t"u8); break;
            case '\n': buffer.Write("\\n"u8); break;
            case '\f': buffer.Write("\\f"u8); break;
            case '\r': buffer.Write("\\r"u8); break;
            default: buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"))); break;
        }
    }

    private static void WriteArray(IBufferWriter<byte> buffer, JsonElement value, Rules rules, int depth)
    {
        buffer.Write("["u8);
        bool isFirst = true;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (!isFirst)
            {
                buffer.Write(","u8);
            }
            isFirst = false;
            Write(buffer, item, rules, depth + 1);
        }
        buffer.Write("]"u8);
    }

    /// <summary>Without a backslash the text as it stands is canonical, since JSON has control characters and quotes only escaped.</summary>
    private static void WriteText<T>(IBufferWriter<byte> buffer, ReadOnlySpan<byte> raw, T value, Func<T, string> unescape, bool isQuoted = true)
    {
        if (raw.Contains((byte)'\\'))
        {
            WriteString(buffer, Unescape(value, unescape));
            return;
        }
        if (isQuoted)
        {
            buffer.Write(raw);
            return;
        }
        buffer.Write("\""u8);
        buffer.Write(raw);
        buffer.Write("\""u8);
    }

    private static string Unescape<T>(T value, Func<T, string> unescape)
    {
        try
        {
            return unescape(value);
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("A string has half a surrogate pair.", e);
        }
    }

    private static int CompareNames(in JsonProperty a, in JsonProperty b)
    {
        ReadOnlySpan<byte> first = JsonMarshal.GetRawUtf8PropertyName(a);
        ReadOnlySpan<byte> second = JsonMarshal.GetRawUtf8PropertyName(b);
        // Bytes of ASCII sort as UTF-16 does; beyond it, surrogate pairs sort before some characters that are less in UTF-8.
        return IsPlain(first) && IsPlain(second)
            ? first.SequenceCompareTo(second)
            : string.CompareOrdinal(Unescape(a, static m => m.Name), Unescape(b, static m => m.Name));
    }

    private static bool IsPlain(ReadOnlySpan<byte> name) => Ascii.IsValid(name) && !name.Contains((byte)'\\');

    private static void WriteNumber(IBufferWriter<byte> buffer, JsonElement value, Rules rules)
    {
        if (!value.TryGetDouble(out double number) || !double.IsFinite(number))
        {
            throw new ArgumentException($"The number {value.GetRawText()} is beyond a double.");
        }
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(value);
        if ((!rules.IsStored || ExactNumber.IsInteger(text)) && !ExactNumber.Is(text, number))
        {
            throw new ArgumentException($"The number {value.GetRawText()} would be rounded: write it as a string.");
        }
        if (Math.Abs(number) <= MaxExactInteger && Math.Truncate(number) == number)
        {
            Span<byte> digits = buffer.GetSpan(20);
            ((long)number).TryFormat(digits, out int written, provider: CultureInfo.InvariantCulture);
            buffer.Advance(written);
            return;
        }
        buffer.Write(Encoding.ASCII.GetBytes(Format(number)));
    }

    /// <summary>The shortest digits that read back as the same double, laid out as Number::toString of ECMAScript does.</summary>
    private static string Format(double number)
    {
        string[] parts = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture).Split('E');
        int dot = parts[0].IndexOf('.', StringComparison.Ordinal);
        string all = dot < 0 ? parts[0] : parts[0].Remove(dot, 1);
        string significant = all.TrimStart('0');
        string digits = significant.TrimEnd('0');
        // The number is 0.digits times ten to the power of point.
        int point = (dot < 0 ? all.Length : dot) - (all.Length - significant.Length)
            + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        string sign = number < 0 ? "-" : "";
        return sign + (
            digits.Length <= point && point <= MaxPlainExponent ? digits.PadRight(point, '0')
            : point is > 0 and <= MaxPlainExponent ? $"{digits[..point]}.{digits[point..]}"
            : point is > MinPlainExponent and <= 0 ? $"0.{new string('0', -point)}{digits}"
            : Exponential(digits, point - 1));
    }

    private static string Exponential(string digits, int exponent) => string.Create(
        CultureInfo.InvariantCulture,
        $"{digits[..1]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");

    /// <param name="IsStored">Whether it is what a database gave back, and not what is to be stored.</param>
    private readonly record struct Rules(bool IsStored);
}
