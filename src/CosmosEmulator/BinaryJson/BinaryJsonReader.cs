using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.BinaryJson;

/// <summary>Turns binary JSON into text.</summary>
internal static class BinaryJsonReader
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static bool IsBinary(ReadOnlySpan<byte> body) => body is [BinaryJsonMarkers.Format, ..];

    /// <summary>Throws <see cref="RefusedException"/> for text that is not well formed or uses what JSON does not have.</summary>
    public static byte[] ToText(ReadOnlySpan<byte> body)
    {
        var target = new ArrayBufferWriter<byte>(body.Length * 2);
        using var writer = new Utf8JsonWriter(target, Options);
        try
        {
            int position = 1;
            Value(body, ref position, writer, Limits.JsonDepth);
            if (position != body.Length)
            {
                throw Malformed("There is something after the value.");
            }
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw Malformed("It ends too early.");
        }

        writer.Flush();
        return target.WrittenSpan.ToArray();
    }

    private static void Value(ReadOnlySpan<byte> root, ref int position, Utf8JsonWriter writer, int depth)
    {
        byte marker = root[position];
        switch (marker)
        {
            case < BinaryJsonMarkers.LiteralIntegerEnd:
                position++;
                writer.WriteNumberValue(marker);
                break;
            case <= BinaryJsonMarkers.Reference4:
                writer.WriteStringValue(BinaryJsonString.Read(root, ref position));
                break;
            case >= BinaryJsonMarkers.UInt64 and <= BinaryJsonMarkers.Double:
                position++;
                Number(marker, root[position..], writer);
                position += NumberBytes(marker);
                break;
            case BinaryJsonMarkers.Null:
                position++;
                writer.WriteNullValue();
                break;
            case BinaryJsonMarkers.False or BinaryJsonMarkers.True:
                position++;
                writer.WriteBooleanValue(marker == BinaryJsonMarkers.True);
                break;
            case >= BinaryJsonMarkers.Array0 and < BinaryJsonMarkers.ObjectEnd:
                Structure(root, ref position, writer, depth > 0 ? depth - 1 : throw Malformed("It is nested too deeply."));
                break;
            default:
                throw new RefusedException(Errors.Unsupported($"Binary JSON values of type 0x{marker:X2}"));
        }
    }

    private static void Structure(ReadOnlySpan<byte> root, ref int position, Utf8JsonWriter writer, int depth)
    {
        byte marker = root[position++];
        bool isObject = marker >= BinaryJsonMarkers.Object0;
        int form = marker - (isObject ? BinaryJsonMarkers.Object0 : BinaryJsonMarkers.Array0);
        if (isObject)
        {
            writer.WriteStartObject();
        }
        else
        {
            writer.WriteStartArray();
        }

        // The forms: empty; one member without a length; a length in 1, 2 or 4 bytes; a length and a count in 1, 2 or 4 bytes.
        if (form == 1)
        {
            Member(root, ref position, writer, isObject, depth);
        }
        else if (form > 1)
        {
            int width = 1 << ((form - 2) % 3);
            int length = (int)Unsigned(root.Slice(position, width));
            position += form < 5 ? width : width * 2;
            for (int end = checked(position + length); position < end;)
            {
                Member(root, ref position, writer, isObject, depth);
            }
        }

        if (isObject)
        {
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteEndArray();
        }
    }

    private static void Member(ReadOnlySpan<byte> root, ref int position, Utf8JsonWriter writer, bool isObject, int depth)
    {
        if (isObject)
        {
            writer.WritePropertyName(BinaryJsonString.Read(root, ref position));
        }

        Value(root, ref position, writer, depth);
    }

    private static void Number(byte marker, ReadOnlySpan<byte> value, Utf8JsonWriter writer)
    {
        switch (marker)
        {
            case BinaryJsonMarkers.UInt64:
                writer.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(value));
                break;
            case BinaryJsonMarkers.UInt8:
                writer.WriteNumberValue(value[0]);
                break;
            case BinaryJsonMarkers.Int16:
                writer.WriteNumberValue(BinaryPrimitives.ReadInt16LittleEndian(value));
                break;
            case BinaryJsonMarkers.Int32:
                writer.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(value));
                break;
            case BinaryJsonMarkers.Int64:
                writer.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(value));
                break;
            default:
                double number = BinaryPrimitives.ReadDoubleLittleEndian(value);
                writer.WriteNumberValue(double.IsFinite(number) ? number : throw Malformed("JSON has no such number."));
                break;
        }
    }

    private static int NumberBytes(byte marker) => marker switch
    {
        BinaryJsonMarkers.UInt8 => 1,
        BinaryJsonMarkers.Int16 => 2,
        BinaryJsonMarkers.Int32 => 4,
        _ => 8,
    };

    private static uint Unsigned(ReadOnlySpan<byte> value) => value.Length switch
    {
        1 => value[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(value),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(value),
    };

    private static RefusedException Malformed(string detail) => new(Errors.MalformedBody("binary JSON text", detail));
}
