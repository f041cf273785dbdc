namespace Serverless.CosmosEmulator.BinaryJson;

/// <summary>
/// The type markers of the binary encoding of JSON that a .NET client uses when AZURE_COSMOS_BINARY_ENCODING_ENABLED is set, as far
/// as JSON needs them. A text begins with <see cref="Format"/>; integers are little endian.
/// </summary>
internal static class BinaryJsonMarkers
{
    public const byte Format = 0x80;

    public const byte LiteralIntegerEnd = 0x20; // Below: the marker is the integer.
    public const byte SystemStringEnd = 0x40; // From 0x20: the marker is the index of a well-known string.
    public const byte Base64 = 0x71; // 0x71 to 0x74: length in 1 or 2 bytes, standard then URL-safe.
    public const byte LowerGuid = 0x75;
    public const byte UpperGuid = 0x76;
    public const byte QuotedGuid = 0x77;
    public const byte LowerHex = 0x78;
    public const byte UpperHex = 0x79;
    public const byte DateTime = 0x7A;
    public const byte Packed4 = 0x7B;
    public const byte Packed5 = 0x7C;
    public const byte Packed6 = 0x7D;
    public const byte Packed7 = 0x7E;
    public const byte Packed7Long = 0x7F;
    public const byte ShortString = 0x80; // 0x80 to 0xBF: the length is in the marker.
    public const byte ShortStringEnd = 0xC0;
    public const byte String1 = 0xC0;
    public const byte String2 = 0xC1;
    public const byte String4 = 0xC2;
    public const byte Reference1 = 0xC3; // 0xC3 to 0xC6: the offset of an earlier string in 1 to 4 bytes.
    public const byte Reference4 = 0xC6;
    public const byte UInt64 = 0xC7;
    public const byte UInt8 = 0xC8;
    public const byte Int16 = 0xC9;
    public const byte Int32 = 0xCA;
    public const byte Int64 = 0xCB;
    public const byte Double = 0xCC;
    public const byte Null = 0xD0;
    public const byte False = 0xD1;
    public const byte True = 0xD2;
    public const byte Array0 = 0xE0; // Then: one item; length in 1, 2, 4 bytes; length and count in 1, 2, 4 bytes each.
    public const byte Array4 = 0xE4;
    public const byte ArrayEnd = 0xE8;
    public const byte Object0 = 0xE8; // The same for objects.
    public const byte Object4 = 0xEC;
    public const byte ObjectEnd = 0xF0;

    /// <summary>Strings that are written as one byte, by their index.</summary>
    public static IReadOnlyList<string> SystemStrings { get; } =
    [
        "$s", "$t", "$v", "_attachments", "_etag", "_rid", "_self", "_ts", "attachments/", "coordinates", "geometry",
        "GeometryCollection", "id", "url", "Value", "label", "LineString", "link", "MultiLineString", "MultiPoint", "MultiPolygon",
        "name", "Name", "Type", "Point", "Polygon", "properties", "type", "value", "Feature", "FeatureCollection", "_id",
    ];
}
