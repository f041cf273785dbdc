using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>The other half of <see cref="ViewStoreContract"/>: listing in pages.</summary>
public abstract class ViewStoreListContract
{
    protected abstract IViewStore Store { get; }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Documents_under_a_key_are_listed_by_id_in_full_pages(bool newestFirst)
    {
        ViewPartition partition = await WriteEntriesAsync(23);
        IEnumerable<string> expected = Enumerable.Range(1, 23).Select(Id);

        List<IReadOnlyList<ViewItem>> pages = await Store.ListAllAsync(
            ViewData.Query(partition, ViewKind.Entry, newestFirst, pageSize: 5));

        Assert.Equal([5, 5, 5, 5, 3], pages.Select(p => p.Count));
        Assert.Equal(newestFirst ? expected.Reverse() : expected, pages.SelectMany(p => p).Select(i => i.Document.Id));
        Assert.All(pages.SelectMany(p => p), i => Assert.Equal(partition.Key, i.Key));
    }

    [Fact]
    public async Task A_last_page_that_is_full_has_no_continuation()
    {
        ViewPartition partition = await WriteEntriesAsync(10);

        List<IReadOnlyList<ViewItem>> pages = await Store.ListAllAsync(ViewData.Query(partition, ViewKind.Entry, pageSize: 5));

        Assert.Equal([5, 5], pages.Select(p => p.Count));
    }

    [Fact]
    public async Task A_listing_of_nothing_is_one_empty_page()
    {
        ViewPartition partition = ViewData.NewPartition();

        Assert.Empty(Assert.Single(await Store.ListAllAsync(ViewData.Query(partition, ViewKind.Entry))));
        Assert.Empty(Assert.Single(await Store.ListAllAsync(ViewData.Query(partition, ViewKind.View, allKeys: true))));
    }

    [Fact]
    public async Task Only_documents_of_the_kind_are_listed()
    {
        ViewPartition partition = await WriteEntriesAsync(3);
        await Store.WriteAsync(partition, ViewData.View(1), ViewData.Entry("marker") with { Kind = ViewKind.Marker, Data = default });

        foreach (bool allKeys in (bool[])[false, true])
        {
            ViewPage views = await Store.ListAsync(ViewData.Query(partition, ViewKind.View, allKeys: allKeys), Token);
            Assert.Equal([ViewDocument.SingleId], views.Items.Select(i => i.Document.Id));
            ViewPage entries = await Store.ListAsync(ViewData.Query(partition, ViewKind.Entry, allKeys: allKeys), Token);
            Assert.Equal(3, entries.Items.Count);
        }
    }

    [Fact]
    public async Task A_listed_document_is_the_stored_one()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(7));
        ViewDocument read = await Store.ReadOneAsync(partition, ViewDocument.SingleId);

        foreach (bool allKeys in (bool[])[false, true])
        {
            ViewPage page = await Store.ListAsync(ViewData.Query(partition, ViewKind.View, allKeys: allKeys), Token);
            ViewDocument listed = Assert.Single(page.Items).Document;
            ViewData.AssertSame(ViewData.View(7), listed);
            Assert.Equal(read.ETag, listed.ETag);
        }
    }

    [Fact]
    public async Task The_page_size_may_change_from_page_to_page()
    {
        ViewPartition partition = await WriteEntriesAsync(9);
        ViewQuery query = ViewData.Query(partition, ViewKind.Entry, pageSize: 2);

        ViewPage first = await Store.ListAsync(query, Token);
        ViewPage second = await Store.ListAsync(query with { PageSize = 4, Continuation = first.Continuation }, Token);
        ViewPage third = await Store.ListAsync(query with { PageSize = 50, Continuation = second.Continuation }, Token);

        Assert.Equal([2, 4, 3], [first.Items.Count, second.Items.Count, third.Items.Count]);
        Assert.Null(third.Continuation);
    }

    [Fact]
    public async Task Entries_that_come_while_paging_newest_first_move_nothing()
    {
        ViewPartition partition = await WriteEntriesAsync(6);
        ViewQuery query = ViewData.Query(partition, ViewKind.Entry, newestFirst: true, pageSize: 3);
        ViewPage first = await Store.ListAsync(query, Token);
        await Store.WriteAsync(partition, ViewData.Entry(Id(7)), ViewData.Entry(Id(8)));

        ViewPage second = await Store.ListAsync(query with { Continuation = first.Continuation }, Token);

        Assert.Equal([Id(6), Id(5), Id(4)], first.Items.Select(i => i.Document.Id));
        Assert.Equal([Id(3), Id(2), Id(1)], second.Items.Select(i => i.Document.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    public async Task All_keys_of_a_projection_are_listed_once(int pageSize)
    {
        ViewPartition partition = await WriteKeysAsync(30);
        await Store.WriteAsync(partition with { Version = 2, Key = "key-01" }, ViewData.View(1));
        await Store.WriteAsync(ViewData.NewPartition(), ViewData.View(1));

        List<IReadOnlyList<ViewItem>> pages = await Store.ListAllAsync(
            ViewData.Query(partition, ViewKind.View, pageSize: pageSize, allKeys: true));

        Assert.Equal(Keys(30), pages.SelectMany(p => p).Select(i => i.Key).Order(StringComparer.Ordinal));
        Assert.All(pages, p => Assert.InRange(p.Count, 0, pageSize));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_of_large_documents_ends_early_and_the_next_one_goes_on(bool allKeys)
    {
        const int Documents = 12;
        const int MaxBytes = 2 * ViewLimits.MaxPageBytes;
        ViewPartition partition = ViewData.NewPartition();
        ReadOnlyMemory<byte> data = Utf8($$"""{"text":"{{new string('x', 1024 * 1024)}}"}""");
        for (int i = 0; i < Documents; i++)
        {
            await Store.WriteAsync(allKeys ? partition with { Key = $"key{i}" } : partition, new ViewDocument { Id = $"d{i:00}", Kind = ViewKind.View, AsOf = Noon, Data = data });
        }

        List<IReadOnlyList<ViewItem>> pages = await Store.ListAllAsync(ViewData.Query(partition, ViewKind.View, pageSize: 100, allKeys: allKeys));

        Assert.Equal(Documents, pages.SelectMany(p => p).Select(i => i.Document.Id).Distinct().Count());
        Assert.Equal(Documents, pages.Sum(p => p.Count));
        Assert.All(pages, p => Assert.InRange(p.Sum(i => i.Document.Data.Length), 0, MaxBytes));
    }

    [Fact]
    public async Task Updates_between_the_pages_neither_hide_nor_repeat_a_key()
    {
        ViewPartition partition = await WriteKeysAsync(30);
        ViewQuery query = ViewData.Query(partition, ViewKind.View, pageSize: 8, allKeys: true);
        List<string> keys = [];
        string? continuation = null;
        do
        {
            ViewPage page = await Store.ListAsync(query with { Continuation = continuation }, Token);
            keys.AddRange(page.Items.Select(i => i.Key));
            continuation = page.Continuation;
            foreach (string key in Keys(30).Where((_, i) => i % 3 == 0))
            {
                ViewPartition changed = partition with { Key = key };
                ViewDocument document = await Store.ReadOneAsync(changed, ViewDocument.SingleId);
                await Store.WriteAsync(changed, ViewData.View(document.Seen["count-1"] + 1) with { ETag = document.ETag });
            }
        }
        while (continuation is not null);

        Assert.Equal(Keys(30), keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_continuation_that_this_query_did_not_make_is_refused(bool allKeys)
    {
        ViewPartition partition = await WriteEntriesAsync(4);
        ViewQuery query = ViewData.Query(partition, ViewKind.Entry, pageSize: 2, allKeys: allKeys);
        string token = (await Store.ListAsync(query, Token)).Continuation!;
        Assert.NotNull(token);
        await Store.ListAsync(query with { Continuation = token }, Token);

        ViewQuery[] wrong =
        [
            query with { Continuation = "" },
            query with { Continuation = "nonsense" },
            query with { Continuation = "{\"token\":null}" },
            query with { Continuation = token[..^2] },
            query with { Continuation = token + "AA" },
            query with { Continuation = " " + token },
            query with { Continuation = (token[0] == 'B' ? 'C' : 'B') + token[1..] },
            query with { Continuation = token[..20] + (token[20] == 'B' ? 'C' : 'B') + token[21..] },
            query with { Continuation = new string('A', 100_000) },
            query with { Continuation = token, NewestFirst = true },
            query with { Continuation = token, Version = 2 },
            query with { Continuation = token, Kind = ViewKind.View },
            query with { Continuation = token, Projection = partition.Projection + "x" },
            query with { Continuation = token, Key = allKeys ? partition.Key : null },
            query with { Continuation = token, Key = "other" },
        ];
        foreach (ViewQuery refused in wrong)
        {
            await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ListAsync(refused, Token));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(ViewLimits.MaxPageSize + 1)]
    public async Task A_page_size_outside_the_limits_is_refused(int pageSize) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => Store.ListAsync(ViewData.Query(ViewData.NewPartition(), ViewKind.View, pageSize: pageSize), Token));

    private async Task<ViewPartition> WriteEntriesAsync(int count)
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, [.. Enumerable.Range(1, count).Select(i => ViewData.Entry(Id(i)))]);
        return partition;
    }

    /// <summary>Enough keys to lie in every physical partition.</summary>
    private async Task<ViewPartition> WriteKeysAsync(int count)
    {
        ViewPartition partition = ViewData.NewPartition();
        foreach (string key in Keys(count))
        {
            await Store.WriteAsync(partition with { Key = key }, ViewData.View(1));
        }
        return partition;
    }

    private static string Id(int number) => $"{number:D10}";

    private static string[] Keys(int count) => [.. Enumerable.Range(1, count).Select(i => $"key-{i:D2}")];
}
