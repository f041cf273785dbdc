using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.BinaryJson;

/// <summary>Reads the many forms in which binary JSON writes strings.</summary>
internal static class BinaryJsonString
{
    private const int GuidBytes = 16;

    public static string Read(ReadOnlySpan<byte> root, ref int position)
    {
        byte marker = root[position++];
        switch (marker)
        {
            case >= BinaryJsonMarkers.LiteralIntegerEnd and < BinaryJsonMarkers.SystemStringEnd:
                return BinaryJsonMarkers.SystemStrings[marker - BinaryJsonMarkers.LiteralIntegerEnd];
            case >= BinaryJsonMarkers.ShortString and < BinaryJsonMarkers.ShortStringEnd:
                return Encoding.UTF8.GetString(Take(root, ref position, marker - BinaryJsonMarkers.ShortString));
            case BinaryJsonMarkers.String1 or BinaryJsonMarkers.String2 or BinaryJsonMarkers.String4:
                int length = Unsigned(root, ref position, 1 << (marker - BinaryJsonMarkers.String1));
                return Encoding.UTF8.GetString(Take(root, ref position, length));
            case >= BinaryJsonMarkers.Reference1 and <= BinaryJsonMarkers.Reference4:
                return Referenced(root, Unsigned(root, ref position, marker - BinaryJsonMarkers.Reference1 + 1));
            case BinaryJsonMarkers.LowerGuid or BinaryJsonMarkers.UpperGuid or BinaryJsonMarkers.QuotedGuid:
                string guid = Guid(Nibbles(Take(root, ref position, GuidBytes), GuidBytes * 2, "0123456789abcdef"));
                return marker == BinaryJsonMarkers.LowerGuid ? guid
                    : marker == BinaryJsonMarkers.UpperGuid ? guid.ToUpperInvariant()
                    : $"\"{guid}\"";
            case BinaryJsonMarkers.LowerHex or BinaryJsonMarkers.UpperHex or BinaryJsonMarkers.DateTime:
                string alphabet = marker == BinaryJsonMarkers.LowerHex ? "0123456789abcdef"
                    : marker == BinaryJsonMarkers.UpperHex ? "0123456789ABCDEF"
                    : " 0123456789:-.TZ";
                int characters = root[position++];
                return Nibbles(Take(root, ref position, (characters + 1) / 2), characters, alphabet);
            case >= BinaryJsonMarkers.Packed4 and <= BinaryJsonMarkers.Packed7Long:
                return Packed(root, ref position, marker);
            case >= BinaryJsonMarkers.Base64 and < BinaryJsonMarkers.LowerGuid:
                return Base64(root, ref position, marker);
            default:
                throw new RefusedException(Errors.Unsupported($"Binary JSON strings of type 0x{marker:X2}"));
        }
    }

    private static string Referenced(ReadOnlySpan<byte> root, int target)
    {
        bool isReference = root[target] is >= BinaryJsonMarkers.Reference1 and <= BinaryJsonMarkers.Reference4;
        return isReference
            ? throw new RefusedException(Errors.MalformedBody("binary JSON text", "A reference leads to a reference."))
            : Read(root, ref target);
    }

    /// <summary>Two characters of an alphabet of 16 in a byte, the first one in the low half.</summary>
    private static string Nibbles(ReadOnlySpan<byte> packed, int characters, string alphabet)
    {
        var text = new StringBuilder(characters);
        for (int i = 0; i < characters; i++)
        {
            text.Append(alphabet[(packed[i / 2] >> (4 * (i % 2))) & 0x0F]);
        }

        return text.ToString();
    }

    private static string Guid(string digits) =>
        string.Create(CultureInfo.InvariantCulture, $"{digits[..8]}-{digits[8..12]}-{digits[12..16]}-{digits[16..20]}-{digits[20..]}");

    /// <summary>Characters as numbers of 4 to 7 bits above a base, the lowest bits first.</summary>
    private static string Packed(ReadOnlySpan<byte> root, ref int position, byte marker)
    {
        int bits = Math.Min(4 + marker - BinaryJsonMarkers.Packed4, 7);
        int characters = Unsigned(root, ref position, marker == BinaryJsonMarkers.Packed7Long ? 2 : 1);
        int lowest = bits < 7 ? root[position++] : 0;
        ReadOnlySpan<byte> packed = Take(root, ref position, ((characters * bits) + 7) / 8);
        var text = new StringBuilder(characters);
        for (int i = 0; i < characters; i++)
        {
            int bit = i * bits;
            int window = packed[bit / 8] | (bit / 8 + 1 < packed.Length ? packed[(bit / 8) + 1] << 8 : 0);
            text.Append((char)(((window >> (bit % 8)) & ((1 << bits) - 1)) + lowest));
        }

        return text.ToString();
    }

    /// <summary>The bytes of Base64 text; a padding above 2 is inverted and says that the text has none.</summary>
    private static string Base64(ReadOnlySpan<byte> root, ref int position, byte marker)
    {
        bool urlSafe = marker >= BinaryJsonMarkers.Base64 + 2;
        int quarters = Unsigned(root, ref position, (marker - BinaryJsonMarkers.Base64) % 2 == 0 ? 1 : 2);
        byte padding = root[position++];
        bool omitted = padding > 2;
        int missing = omitted ? (byte)~padding : padding;
        string text = Convert.ToBase64String(Take(root, ref position, ((quarters * 4) - missing) * 3 / 4));
        text = omitted ? text.TrimEnd('=') : text;
        return urlSafe ? text.Replace('+', '-').Replace('/', '_') : text;
    }

    private static int Unsigned(ReadOnlySpan<byte> root, ref int position, int width)
    {
        Span<byte> padded = stackalloc byte[4];
        padded.Clear();
        Take(root, ref position, width).CopyTo(padded);
        return BinaryPrimitives.ReadInt32LittleEndian(padded);
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> root, ref int position, int length)
    {
        ReadOnlySpan<byte> taken = root.Slice(position, length);
        position += length;
        return taken;
    }
}
