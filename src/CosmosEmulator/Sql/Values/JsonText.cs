using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Serverless.CosmosEmulator.Sql.Values;

/// <summary>Values from JSON and back. What came from stored bytes is written back as those bytes.</summary>
internal static class JsonText
{
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (char)code), '"', '\\']);

    /// <summary>Deeper than any stored item may be.</summary>
    private static JsonReaderOptions ReaderOptions => new() { MaxDepth = 1024 };

    /// <summary>The value of well-formed JSON.</summary>
    public static SqlValue Read(ReadOnlyMemory<byte> json)
    {
        int start = JsonScanner.SkipSeparators(json.Span, 0);
        return ReadScanned(json[start..JsonScanner.SkipValue(json.Span, start)]);
    }

    /// <summary>The value of exactly these bytes, which a scan found.</summary>
    public static SqlValue ReadScanned(ReadOnlyMemory<byte> json) => json.Span[0] switch
    {
        (byte)'"' => SqlValue.Of(Unescape(json.Span)),
        (byte)'{' => SqlValue.Of(new SqlObject(json)),
        (byte)'[' => SqlValue.Of(new SqlArray(json)),
        (byte)'n' => SqlValue.Null,
        (byte)'t' => SqlValue.True,
        (byte)'f' => SqlValue.False,
        _ => SqlValue.Of(ReadNumber(json.Span)),
    };

    /// <summary>The text of a string in quotes.</summary>
    public static string Unescape(ReadOnlySpan<byte> quoted)
    {
        if (!quoted.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(quoted[1..^1]);
        }

        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString() ?? "";
    }

    public static SqlValue Read(JsonElement element) => element.ValueKind == JsonValueKind.Undefined
        ? SqlValue.Undefined
        : Read(Encoding.UTF8.GetBytes(element.GetRawText()));

    /// <summary>Parses JSON from outside; false when it is not JSON, or not one value only.</summary>
    public static bool TryParse(string text, out SqlValue value)
    {
        byte[] json = Encoding.UTF8.GetBytes(text);
        value = default;
        try
        {
            var reader = new Utf8JsonReader(json, ReaderOptions);
            while (reader.Read())
            {
                // Reading to the end is what checks it; nothing else here looks at the tokens.
            }
        }
        catch (JsonException)
        {
            return false;
        }

        value = Read(json);
        return true;
    }

    /// <summary>The service's own form of a value: no blanks, numbers as it prints them.</summary>
    public static string Write(SqlValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(value, buffer, keepsStored: false);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>
    /// Writes a value, with <paramref name="keepsStored"/> in the bytes it was read from. Undefined disappears only inside arrays
    /// and objects, so the caller filters it at the top.
    /// </summary>
    public static void Write(SqlValue value, IBufferWriter<byte> target, bool keepsStored)
    {
        switch (value.Kind)
        {
            case SqlKind.Undefined:
                target.Write("undefined"u8);
                break;
            case SqlKind.Null:
                target.Write("null"u8);
                break;
            case SqlKind.Boolean:
                target.Write(value.IsTrue ? "true"u8 : "false"u8);
                break;
            case SqlKind.Number:
                WriteNumber(value.Number, target);
                break;
            case SqlKind.String:
                WriteString(value.String, target);
                break;
            case SqlKind.Array:
                WriteArray(value.Array, target, keepsStored);
                break;
            case SqlKind.Object:
                WriteObject(value.Object, target, keepsStored);
                break;
            default:
                throw new UnreachableException($"No text for {value.Kind}.");
        }
    }

    /// <summary>A quoted string with only what JSON demands escaped, as the service prints it.</summary>
    public static void WriteString(string value, IBufferWriter<byte> target)
    {
        target.Write("\""u8);
        ReadOnlySpan<char> rest = value;
        for (int next = rest.IndexOfAny(Escaped); next >= 0; next = rest.IndexOfAny(Escaped))
        {
            Encoding.UTF8.GetBytes(rest[..next], target);
            Encoding.UTF8.GetBytes(Escape(rest[next]), target);
            rest = rest[(next + 1)..];
        }

        Encoding.UTF8.GetBytes(rest, target);
        target.Write("\""u8);
    }

    private static SqlNumber ReadNumber(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long integer, out int consumed) && consumed == text.Length && !text.SequenceEqual("-0"u8)
            ? new(integer)
            : Utf8Parser.TryParse(text, out double number, out _) ? new(number) : new(double.NaN);

    private static void WriteNumber(SqlNumber number, IBufferWriter<byte> target)
    {
        if (number.IsInteger)
        {
            Span<byte> span = target.GetSpan(20);
            Utf8Formatter.TryFormat(number.Integer, span, out int written);
            target.Advance(written);
        }
        else if (double.IsFinite(number.Double))
        {
            Encoding.UTF8.GetBytes(number.ToString(), target);
        }
        else
        {
            WriteString(number.ToString(), target); // JSON has no such numbers; the service writes them as strings.
        }
    }

    private static void WriteArray(SqlArray array, IBufferWriter<byte> target, bool keepsStored)
    {
        if (keepsStored && !array.Json.IsEmpty)
        {
            target.Write(array.Json.Span);
            return;
        }

        target.Write("["u8);
        bool first = true;
        foreach (SqlValue item in array.Items)
        {
            if (!first)
            {
                target.Write(","u8);
            }

            Write(item, target, keepsStored);
            first = false;
        }

        target.Write("]"u8);
    }

    private static void WriteObject(SqlObject value, IBufferWriter<byte> target, bool keepsStored)
    {
        if (keepsStored && !value.Json.IsEmpty)
        {
            target.Write(value.Json.Span);
            return;
        }

        target.Write("{"u8);
        bool first = true;
        foreach ((string name, SqlValue item) in value.Properties)
        {
            if (!first)
            {
                target.Write(","u8);
            }

            WriteString(name, target);
            target.Write(":"u8);
            Write(item, target, keepsStored);
            first = false;
        }

        target.Write("}"u8);
    }

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)character:x4}",
    };
}
