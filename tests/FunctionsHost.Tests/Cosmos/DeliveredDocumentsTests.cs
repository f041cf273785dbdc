using System.Text;
using Serverless.FunctionsHost.Cosmos;

namespace Serverless.FunctionsHost.Tests.Cosmos;

public sealed class DeliveredDocumentsTests
{
    [Theory]
    [InlineData("1.10", "1.1")]
    [InlineData("12345678901234567.89", "12345678901234568.0")]
    [InlineData("0.12345678901234567890", "0.12345678901234568")]
    [InlineData("\"2024-05-06T07:08:05.100Z\"", "\"2024-05-06T07:08:05.1Z\"")]
    [InlineData("\"2024-05-06T07:08:05.0000000Z\"", "\"2024-05-06T07:08:05Z\"")]
    public void Fact_15_the_host_s_json_library_changes_numbers_and_dates(string stored, string delivered) =>
        Assert.Equal($$"""[{"v":{{delivered}}}]""", Deliver($$"""{"v":{{stored}}}"""));

    [Fact]
    public void Fact_15_a_date_with_an_offset_becomes_local_time()
    {
        string local = TimeZoneInfo.ConvertTime(new DateTimeOffset(2024, 5, 6, 7, 8, 5, TimeSpan.Zero), TimeZoneInfo.Local).ToString("yyyy-MM-ddTHH:mm:sszzz");
        Assert.Equal($$"""[{"v":"{{local}}"}]""", Deliver("""{"v":"2024-05-06T07:08:05+00:00"}"""));
    }

    [Theory]
    [InlineData("\"2024-05-06T07:08:05Z\"")]
    [InlineData("\"2024-05-06T07:08:05.1234567Z\"")]
    [InlineData("\"2024-05-06\"")]
    [InlineData("9007199254740993")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"0f8fad5b-d9cb-469f-a165-70867728950e\"")]
    [InlineData("null")]
    [InlineData("\"1.10\"")]
    [InlineData("\"Grüße \\\"\\\\\\u0001\"")]
    public void Fact_15_what_the_codec_writes_is_untouched(string stored) =>
        Assert.Equal($$"""[{"v":{{stored}}}]""", Deliver($$"""{"v":{{stored}}}"""));

    [Fact]
    public void All_documents_of_a_page_are_counted_in_their_order() =>
        Assert.Equal(("""[{"id":"a"},{"id":"b"}]""", 2), DeliveredDocuments.Read(Stream("""{"_rid":"r","Documents":[{"id":"a"},{"id":"b"}],"_count":2}""")));

    [Fact]
    public void An_empty_page_has_none() => Assert.Equal(0, DeliveredDocuments.Read(Stream("""{"Documents":[]}""")).Count);

    private static string Deliver(string document) => DeliveredDocuments.Read(Stream($$"""{"Documents":[{{document}}]}""")).Json;

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
