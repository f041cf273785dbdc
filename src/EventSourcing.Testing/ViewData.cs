using System.Globalization;
using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>View documents and comparisons for the contract suites.</summary>
internal static class ViewData
{
    public static ViewPartition NewPartition() => new("contract-" + NewId(), Version: 1, Key: "key");

    public static ViewDocument View(long count) => new()
    {
        Id = ViewDocument.SingleId,
        Kind = ViewKind.View,
        Seen = new Dictionary<string, long> { ["count-1"] = count },
        AsOf = Noon,
        Data = Utf8(string.Create(CultureInfo.InvariantCulture, $$"""{"count":{{count}}}""")),
    };

    public static ViewDocument Entry(string id) => new() { Id = id, Kind = ViewKind.Entry, AsOf = Noon, Data = Utf8("""{"entry":true}""") };

    public static ViewQuery Query(
        ViewPartition partition, ViewKind kind, bool newestFirst = false, int pageSize = 10, string? continuation = null, bool allKeys = false) =>
        new(partition.Projection, partition.Version, kind, allKeys ? null : partition.Key, newestFirst, pageSize, continuation);

    public static async Task WriteAsync(this IViewStore store, ViewPartition partition, params ViewDocument[] documents) =>
        Assert.True((await store.TryWriteAsync(partition, documents, Token)).IsWritten);

    public static async Task<ViewDocument> ReadOneAsync(this IViewStore store, ViewPartition partition, string id) =>
        Assert.Single((await store.ReadAsync(partition, [id], Token)).Documents);

    /// <summary>All pages of a query, each with its items.</summary>
    public static async Task<List<IReadOnlyList<ViewItem>>> ListAllAsync(this IViewStore store, ViewQuery query)
    {
        List<IReadOnlyList<ViewItem>> pages = [];
        string? continuation = null;
        do
        {
            Assert.True(pages.Count < 1_000, "The listing does not end.");
            ViewPage page = await store.ListAsync(query with { Continuation = continuation }, Token);
            pages.Add(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return pages;
    }

    /// <summary>The ETag is the store's own and is not compared.</summary>
    public static void AssertSame(ViewDocument expected, ViewDocument actual)
    {
        Assert.Equal((expected.Id, expected.Kind, expected.AsOf), (actual.Id, actual.Kind, actual.AsOf));
        Assert.Equal(expected.Seen.OrderBy(s => s.Key, StringComparer.Ordinal), actual.Seen.OrderBy(s => s.Key, StringComparer.Ordinal));
        AssertSameJson(expected.Data, actual.Data);
    }
}
