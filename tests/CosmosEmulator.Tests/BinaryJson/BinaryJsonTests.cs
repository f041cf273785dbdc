using System.Text;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.BinaryJson;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Tests.BinaryJson;

public sealed class BinaryJsonTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("31")]
    [InlineData("32")]
    [InlineData("-1")]
    [InlineData("255")]
    [InlineData("65536")]
    [InlineData("-2147483648")]
    [InlineData("2147483648")]
    [InlineData("-9223372036854775808")]
    [InlineData("9223372036854775807")]
    [InlineData("1.5")]
    [InlineData("-1E+300")]
    [InlineData("\"\"")]
    [InlineData("\"é 中 🙂 \\\" \\\\ \\n\"")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[1,[2,[]],{\"a\":{}}]")]
    [InlineData("""{"id":"1","_rid":"x","a":{"b":[1,2.5,"x",null,true,{"c":false}]},"z":"end"}""")]
    public void Text_survives_both_ways(string json)
    {
        byte[] binary = BinaryJsonWriter.FromText(Encoding.UTF8.GetBytes(json));
        Assert.True(BinaryJsonReader.IsBinary(binary));
        string text = Encoding.UTF8.GetString(BinaryJsonReader.ToText(binary));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(text)), text);
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(300)]
    [InlineData(70000)]
    public void Strings_of_every_length_class_survive(int length)
    {
        string json = $"[\"{new string('é', length)}\"]";
        Assert.Equal(json, Encoding.UTF8.GetString(BinaryJsonReader.ToText(BinaryJsonWriter.FromText(Encoding.UTF8.GetBytes(json)))));
    }

    [Theory] // Forms that clients write and the emulator does not.
    [InlineData("80 2C", "\"id\"")] // A well-known string.
    [InlineData("80 C0 02 68 69", "\"hi\"")]
    [InlineData("80 C1 02 00 68 69", "\"hi\"")]
    [InlineData("80 75 10 32 54 76 98 BA DC FE 01 23 45 67 89 AB CD EF", "\"01234567-89ab-cdef-1032-547698badcfe\"")]
    [InlineData("80 76 10 32 54 76 98 BA DC FE 01 23 45 67 89 AB CD EF", "\"01234567-89AB-CDEF-1032-547698BADCFE\"")]
    [InlineData("80 78 03 10 02", "\"012\"")]
    [InlineData("80 7A 04 53 4B", "\"24:3\"")]
    [InlineData("80 7B 03 61 10 02", "\"abc\"")] // Four bits above 'a'.
    [InlineData("80 7E 02 E1 31", "\"ac\"")] // Seven bits.
    [InlineData("80 71 01 01 68 69", "\"aGk=\"")]
    [InlineData("80 E1 05", "[5]")]
    [InlineData("80 E2 02 01 02", "[1,2]")]
    [InlineData("80 E5 02 02 01 02", "[1,2]")]
    [InlineData("80 E9 81 61 05", "{\"a\":5}")]
    [InlineData("80 EA 03 81 61 05", "{\"a\":5}")]
    [InlineData("80 E2 05 82 68 69 C3 03", "[\"hi\",\"hi\"]")] // A reference to the string at offset 3.
    [InlineData("80 C8 FF", "255")]
    [InlineData("80 C9 FF FF", "-1")]
    [InlineData("80 CC 00 00 00 00 00 00 F8 3F", "1.5")]
    public void Every_form_of_a_client_is_read(string hex, string json) =>
        Assert.Equal(json, Encoding.UTF8.GetString(BinaryJsonReader.ToText(Bytes(hex))));

    [Theory]
    [InlineData("80")]
    [InlineData("80 85 61")] // Five characters, one there.
    [InlineData("80 E2 02 01")]
    [InlineData("80 EA 02 81 61")] // A name without a value.
    [InlineData("80 01 02")] // Something after the value.
    [InlineData("80 C3 01")] // A reference to itself.
    [InlineData("80 C3 F0")] // A reference to nowhere.
    [InlineData("80 CC 00 00 00 00 00 00 F0 7F")] // Infinity.
    [InlineData("80 D3 00")] // A typed value that JSON does not have.
    [InlineData("80 FF")]
    public void What_is_not_well_formed_is_refused(string hex)
    {
        byte[] bytes = Bytes(hex);
        Assert.Throws<RefusedException>(() => BinaryJsonReader.ToText(bytes));
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        byte[] deep = [0x80, .. Enumerable.Repeat((byte)0xE1, 200), 0x05];
        Assert.Throws<RefusedException>(() => BinaryJsonReader.ToText(deep));
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
