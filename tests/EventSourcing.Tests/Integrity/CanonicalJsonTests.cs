using System.Buffers;
using System.Text;

namespace Serverless.EventSourcing.Tests;

/// <summary>The examples of RFC 8785, and what it leaves no form for.</summary>
public sealed class CanonicalJsonTests
{
    [Theory] // RFC 8785, appendix B, and the limits between the layouts.
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_are_written_as_ECMAScript_does(ulong bits, string expected)
    {
        string json = BitConverter.UInt64BitsToDouble(bits).ToString("R", System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(expected, Canonical(json));
    }

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1.10", "1.1")]
    [InlineData("1E2", "100")]
    [InlineData("-0.0", "0")]
    [InlineData("123456789012345680", "123456789012345680")]
    [InlineData("0.10000000000000001", "0.1")] // A database may write more digits than it needs.
    [InlineData("0.1", "0.1")]
    [InlineData("100.5e-2", "1.005")]
    public void The_way_a_number_was_written_makes_no_difference(string json, string expected) => Assert.Equal(expected, Canonical(json));

    [Fact] // RFC 8785, 3.2.2 and 3.2.3.
    public void Members_are_sorted_by_their_UTF16_names_and_strings_escaped_only_where_they_must_be() =>
        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Canonical("""
                {
                  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                  "literals": [null, true, false]
                }
                """));

    [Fact] // RFC 8785, 3.2.3: sorted by UTF-8, the last two would change places.
    public void Names_beyond_ASCII_are_sorted_by_code_units()
    {
        string canonical = Canonical("""
            { "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" }
            """);

        Assert.Equal(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin Small Letter O With Diaeresis\","
            + "\"\u20ac\":\"Euro Sign\",\"\U0001f600\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
            canonical);
    }

    [Fact]
    public void Every_control_character_has_its_one_escape() =>
        Assert.Equal("\"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f/\"", Canonical("""
            "\u0008\u0009\u000a\u000c\u000d\u0000\u001F\u007f\/"
            """));

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("[ ]", "[]")]
    [InlineData("""{ "b" : { "d" : 1 , "c" : [ { } ] } , "a" : "" }""", """{"a":"","b":{"c":[{}],"d":1}}""")]
    public void White_space_goes_and_nesting_stays(string json, string expected) => Assert.Equal(expected, Canonical(json));

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "'a' is there twice")]
    [InlineData("""{"a":1,"\u0061":1}""", "'a' is there twice")]
    [InlineData("""["\ud83d"]""", "half a surrogate pair")]
    [InlineData("""{"\ude00":1}""", "half a surrogate pair")]
    [InlineData("[1e999]", "beyond a double")]
    [InlineData("[639316053342991376]", "would be rounded")] // Ticks: a double has ...400.
    [InlineData("[9007199254740993]", "would be rounded")] // 2^53 + 1.
    public void What_has_no_canonical_form_is_refused_when_it_is_stored_and_when_it_comes_back(string json, string reason)
    {
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => ToStore(json)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => Canonical(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "It is not JSON")]
    [InlineData("", "It is not JSON")]
    [InlineData("[0.10000000000000001]", "would be rounded")]
    [InlineData("[1e-400]", "would be rounded")]
    [InlineData("[12345678901234567.5]", "would be rounded")]
    public void What_would_come_back_as_another_value_is_not_stored(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => ToStore(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("9007199254740992")]
    [InlineData("-9007199254740992")]
    [InlineData("0.30000000000000004")]
    [InlineData("1.7976931348623157E+308")]
    [InlineData("5E-324")]
    [InlineData("100000000000000000000")]
    [InlineData("1.50e2")]
    [InlineData("0e99999999999999999999")]
    [InlineData("-0.0")]
    public void A_number_that_a_double_holds_is_stored(string json) => ToStore(json);

    [Fact]
    public void Data_nests_48_levels_deep_and_no_deeper()
    {
        ToStore(Nested(48));

        Assert.Contains("deeper than 48 levels", Assert.Throws<ArgumentException>(() => ToStore(Nested(49))).Message, StringComparison.Ordinal);
        Assert.Contains("deeper than 48 levels", Assert.Throws<ArgumentException>(() => ToStore(Nested(400))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ToStore(Nested(10_000)));
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static string Canonical(string json)
    {
        ArrayBufferWriter<byte> buffer = new();
        CanonicalJson.Write(buffer, System.Text.Json.JsonElement.Parse(json));
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void ToStore(string json) => CanonicalJson.Write(new ArrayBufferWriter<byte>(), Encoding.UTF8.GetBytes(json));
}
