using System.Text;

namespace Serverless.EventSourcing.Tests;

public sealed class JsonChangeTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{ "a" : 1.0 }""", "")]
    [InlineData("""{"a":1}""", """{"a":2}""", "$.a: 1 > 2")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":3,"c":2}}""", "$.a.b: 1 > 3")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"c":3}""", "$.c: - > 3; $.a: 1 > -")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,3,4]}""", "$.a[1]: 2 > 3; $.a[2]: - > 4")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1]}""", "$.a[1]: 2 > -")]
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", """$.a: null > {"b":1}""")]
    [InlineData("1", "\"1\"", "$: 1 > \"1\"")]
    public void Each_difference_has_its_place_and_both_values(string before, string after, string expected) =>
        Assert.Equal(
            expected,
            string.Join("; ", JsonChange.Between(Encoding.UTF8.GetBytes(before), Encoding.UTF8.GetBytes(after))
                .Select(c => $"{c.Path}: {Text(c.Before)} > {Text(c.After)}")));

    private static string Text(ReadOnlyMemory<byte>? utf8) => utf8 is { } value ? Encoding.UTF8.GetString(value.Span) : "-";
}
