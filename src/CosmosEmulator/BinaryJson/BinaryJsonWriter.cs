using System.Text;
using System.Text.Json;
using Serverless.CosmosEmulator.Batch;

namespace Serverless.CosmosEmulator.BinaryJson;

/// <summary>Turns JSON text into binary JSON, in its plain forms: any reader has to know them.</summary>
internal static class BinaryJsonWriter
{
    private const int ShortStringMaximum = BinaryJsonMarkers.ShortStringEnd - BinaryJsonMarkers.ShortString - 1;

    public static byte[] FromText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Limits.JsonDepth });
        var target = new RowWriter(json.Length + 64);
        target.Byte(BinaryJsonMarkers.Format);
        reader.Read();
        Value(ref reader, target);
        return target.ToArray();
    }

    private static void Value(ref Utf8JsonReader reader, RowWriter target)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
            case JsonTokenType.StartArray:
                bool isObject = reader.TokenType == JsonTokenType.StartObject;
                target.Byte(isObject ? BinaryJsonMarkers.Object4 : BinaryJsonMarkers.Array4);
                int length = target.Reserve(4);
                int start = target.Length;
                while (reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
                {
                    if (isObject)
                    {
                        Text(reader.GetString() ?? "", target);
                        reader.Read();
                    }

                    Value(ref reader, target);
                }

                target.Int32At(length, target.Length - start);
                break;
            case JsonTokenType.String:
                Text(reader.GetString() ?? "", target);
                break;
            case JsonTokenType.Number:
                Number(ref reader, target);
                break;
            default:
                target.Byte(reader.TokenType switch
                {
                    JsonTokenType.True => BinaryJsonMarkers.True,
                    JsonTokenType.False => BinaryJsonMarkers.False,
                    _ => BinaryJsonMarkers.Null,
                });
                break;
        }
    }

    private static void Number(ref Utf8JsonReader reader, RowWriter target)
    {
        if (!reader.TryGetInt64(out long whole))
        {
            target.Byte(BinaryJsonMarkers.Double);
            target.Float64(reader.GetDouble());
        }
        else if (whole is >= 0 and < BinaryJsonMarkers.LiteralIntegerEnd)
        {
            target.Byte((byte)whole);
        }
        else if (whole is >= int.MinValue and <= int.MaxValue)
        {
            target.Byte(BinaryJsonMarkers.Int32);
            target.Int32((int)whole);
        }
        else
        {
            target.Byte(BinaryJsonMarkers.Int64);
            target.Int64(whole);
        }
    }

    private static void Text(string text, RowWriter target)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= ShortStringMaximum)
        {
            target.Byte((byte)(BinaryJsonMarkers.ShortString + bytes.Length));
        }
        else
        {
            target.Byte(BinaryJsonMarkers.String4);
            target.Int32(bytes.Length);
        }

        target.Bytes(bytes);
    }
}
