using System.Text;

namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class ViewDocumentItemTests
{
    private static readonly DateTimeOffset HalfPastNine = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    public static TheoryData<string> Files => ["view.view.json", "view.entry.json", "view.marker.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_document_is_written_as_its_golden_file(string file)
    {
        (ViewPartition partition, ViewDocument document) = Example(file);
        Golden.AssertSame(file, ViewDocumentItem.Write(partition, document));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_golden_file_is_read(string file)
    {
        (ViewPartition partition, ViewDocument expected) = Example(file);
        string stored = Encoding.UTF8.GetString(Golden.Bytes(file)).TrimEnd().TrimEnd('}') + ""","_etag":"\"7\"","_ts":1}""";
        using var json = System.Text.Json.JsonDocument.Parse(stored);

        ViewItem item = ViewDocumentItem.Read(json.RootElement);

        Assert.Equal(partition.Key, item.Key);
        Assert.Equal((expected.Id, expected.Kind, expected.AsOf), (item.Document.Id, item.Document.Kind, item.Document.AsOf));
        Assert.Equal(expected.Seen, item.Document.Seen);
        Assert.Equal(expected.Data.IsEmpty, item.Document.Data.IsEmpty);
        Assert.Equal("\"7\"", item.Document.ETag);
    }

    [Fact]
    public void Data_that_is_not_json_is_refused_before_it_is_sent()
    {
        (ViewPartition partition, ViewDocument document) = Example("view.view.json");
        Assert.ThrowsAny<ArgumentException>(() => ViewDocumentItem.Write(partition, document with { Data = "{}}"u8.ToArray() }));
    }

    private static (ViewPartition Partition, ViewDocument Document) Example(string file) => file switch
    {
        "view.view.json" => (new ViewPartition("account-summary", 1, "7f3a"), new ViewDocument
        {
            Id = ViewDocument.SingleId,
            Kind = ViewKind.View,
            Seen = new Dictionary<string, long> { ["account-7f3a"] = 12 },
            AsOf = HalfPastNine.AddMilliseconds(500),
            Data = """{"owner":"Alice","balance":{"minorUnits":1250,"currency":"EUR"}}"""u8.ToArray(),
        }),
        "view.entry.json" => (new ViewPartition("account-statement", 2, "7f3a"), new ViewDocument
        {
            Id = "0000000003",
            Kind = ViewKind.Entry,
            AsOf = HalfPastNine,
            Data = """{"text":"Rent"}"""u8.ToArray(),
        }),
        _ => (new ViewPartition("bank-totals", 1, "all"), new ViewDocument
        {
            Id = "seen~account-7f3a",
            Kind = ViewKind.Marker,
            Seen = new Dictionary<string, long> { ["account-7f3a"] = 12 },
            AsOf = HalfPastNine,
        }),
    };
}
