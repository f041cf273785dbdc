using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IViewStore"/> about single documents and writes as a test. Inherit it in a test project and return
/// the store; it may be shared and hold other views. Listing is in <see cref="ViewStoreListContract"/>.
/// </summary>
public abstract class ViewStoreContract
{
    protected abstract IViewStore Store { get; }

    [Fact]
    public async Task What_was_never_written_is_not_found()
    {
        ViewPartition partition = ViewData.NewPartition();

        Assert.Empty((await Store.ReadAsync(partition, ["view"], Token)).Documents);
        Assert.Empty((await Store.ReadAsync(partition, ["a", "b"], Token)).Documents);
        Assert.Empty((await Store.ReadAsync(partition, [], Token)).Documents);
    }

    [Fact]
    public async Task A_document_is_read_back_unchanged()
    {
        ViewPartition partition = ViewData.NewPartition();
        ViewDocument document = new()
        {
            Id = ViewDocument.SingleId,
            Kind = ViewKind.View,
            Seen = new Dictionary<string, long> { ["account-1"] = 7, ["account-2"] = 9_999_999_999 },
            AsOf = Noon,
            Data = Utf8("""{"owner":"Zoë 🦊","balance":"12.50","open":true,"tags":[]}"""),
        };
        Assert.True((await Store.TryWriteAsync(partition, [document], Token)).IsWritten);

        ViewDocument read = await Store.ReadOneAsync(partition, ViewDocument.SingleId);

        ViewData.AssertSame(document, read);
        Assert.False(string.IsNullOrEmpty(read.ETag));
    }

    [Fact]
    public async Task A_marker_has_a_fence_and_no_data()
    {
        ViewPartition partition = ViewData.NewPartition();
        ViewDocument marker = new() { Id = "seen~account-1", Kind = ViewKind.Marker, Seen = new Dictionary<string, long> { ["account-1"] = 3 }, AsOf = Noon };
        await Store.WriteAsync(partition, marker);

        ViewDocument read = await Store.ReadOneAsync(partition, "seen~account-1");

        ViewData.AssertSame(marker, read);
        Assert.True(read.Data.IsEmpty);
    }

    [Fact]
    public async Task Many_documents_are_read_at_once_and_missing_ones_are_left_out()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, [.. Enumerable.Range(0, 50).Select(i => ViewData.Entry($"{i:D10}"))]);
        string[] wanted = [.. Enumerable.Range(25, 50).Select(i => $"{i:D10}")];

        ViewRead read = await Store.ReadAsync(partition, wanted, Token);

        Assert.Equal(wanted[..25], read.Documents.Select(d => d.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_write_tells_what_a_read_would_tell_so_that_the_next_needs_no_read(int count)
    {
        ViewPartition partition = ViewData.NewPartition();
        ViewDocument[] documents = [.. Enumerable.Range(0, count).Select(i => ViewData.Entry($"{i}"))];

        ViewWrite first = await Store.TryWriteAsync(partition, documents, Token);
        foreach (ViewDocument document in documents)
        {
            Assert.Equal((await Store.ReadOneAsync(partition, document.Id)).ETag, first.ETags[Array.IndexOf(documents, document)]);
        }
        ViewWrite second = await Store.TryWriteAsync(partition, [.. documents.Index().Select(d => d.Item with { ETag = first.ETags[d.Index] })], Token);

        Assert.True(second.IsWritten);
        Assert.Equal(count, second.ETags.Count);
        Assert.Empty(first.ETags.Intersect(second.ETags));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Unchanged_documents_are_deleted(int count)
    {
        ViewPartition partition = ViewData.NewPartition();
        string[] ids = [.. Enumerable.Range(0, count + 1).Select(i => $"{i:D10}")];
        await Store.WriteAsync(partition, [.. ids.Select(id => ViewData.Entry(id))]);
        ViewRead read = await Store.ReadAsync(partition, ids[..count], Token);

        Assert.True((await Store.TryDeleteAsync(partition, read.Documents, Token)).IsWritten);

        Assert.Equal([ids[count]], (await Store.ReadAsync(partition, ids, Token)).Documents.Select(d => d.Id));
        // What is gone is as good as changed.
        Assert.False((await Store.TryDeleteAsync(partition, read.Documents, Token)).IsWritten);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Of_documents_of_which_one_changed_since_it_was_read_none_is_deleted(int count)
    {
        ViewPartition partition = ViewData.NewPartition();
        string[] ids = [.. Enumerable.Range(0, count).Select(i => $"{i:D10}")];
        await Store.WriteAsync(partition, [.. ids.Select(id => ViewData.Entry(id))]);
        ViewRead read = await Store.ReadAsync(partition, ids, Token);
        await Store.WriteAsync(partition, read.Documents.First(d => d.Id == ids[^1]));

        Assert.False((await Store.TryDeleteAsync(partition, read.Documents, Token)).IsWritten);

        Assert.Equal(count, (await Store.ReadAsync(partition, ids, Token)).Documents.Count);
    }

    [Fact]
    public async Task A_document_that_was_never_read_is_not_deleted() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.TryDeleteAsync(ViewData.NewPartition(), [ViewData.View(1)], Token));

    [Fact]
    public async Task A_new_document_does_not_replace_one_that_is_there()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(1));

        Assert.False((await Store.TryWriteAsync(partition, [ViewData.View(2)], Token)).IsWritten);
        ViewData.AssertSame(ViewData.View(1), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
    }

    [Fact]
    public async Task An_unchanged_document_is_replaced_and_gets_another_etag()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(1));
        ViewDocument first = await Store.ReadOneAsync(partition, ViewDocument.SingleId);

        Assert.True((await Store.TryWriteAsync(partition, [ViewData.View(2) with { ETag = first.ETag }], Token)).IsWritten);

        ViewDocument second = await Store.ReadOneAsync(partition, ViewDocument.SingleId);
        ViewData.AssertSame(ViewData.View(2), second);
        Assert.NotEqual(first.ETag, second.ETag);
    }

    [Fact]
    public async Task A_document_that_changed_since_it_was_read_is_not_replaced()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(1));
        ViewDocument old = await Store.ReadOneAsync(partition, ViewDocument.SingleId);
        await Store.WriteAsync(partition, ViewData.View(2) with { ETag = old.ETag });

        Assert.False((await Store.TryWriteAsync(partition, [ViewData.View(3) with { ETag = old.ETag }], Token)).IsWritten);
        ViewData.AssertSame(ViewData.View(2), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
    }

    [Fact]
    public async Task A_document_that_is_gone_is_not_replaced()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(ViewData.NewPartition(), ViewData.View(1));

        Assert.False((await Store.TryWriteAsync(partition, [ViewData.View(1) with { ETag = "\"gone\"" }], Token)).IsWritten);
        Assert.False((await Store.TryWriteAsync(partition, [ViewData.Entry("1"), ViewData.View(1) with { ETag = "\"gone\"" }], Token)).IsWritten);
        Assert.Empty((await Store.ReadAsync(partition, ["1", ViewDocument.SingleId], Token)).Documents);
    }

    [Fact]
    public async Task Of_parallel_creations_of_one_document_exactly_one_is_written()
    {
        ViewPartition partition = ViewData.NewPartition();

        ViewWrite[] writes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            Task.Run(() => Store.TryWriteAsync(partition, [ViewData.View(i)], Token))));

        int winner = Assert.Single(Enumerable.Range(0, 12), i => writes[i].IsWritten);
        ViewData.AssertSame(ViewData.View(winner), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
    }

    [Fact]
    public async Task Of_parallel_updates_of_one_document_exactly_one_is_written()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(100));
        string? etag = (await Store.ReadOneAsync(partition, ViewDocument.SingleId)).ETag;

        ViewWrite[] writes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            Task.Run(() => Store.TryWriteAsync(partition, [ViewData.View(i) with { ETag = etag }], Token))));

        int winner = Assert.Single(Enumerable.Range(0, 12), i => writes[i].IsWritten);
        ViewData.AssertSame(ViewData.View(winner), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
    }

    [Fact]
    public async Task A_write_of_several_documents_holds_up_to_the_limit()
    {
        ViewPartition partition = ViewData.NewPartition();
        ViewDocument[] documents =
            [.. Enumerable.Range(0, ViewLimits.MaxDocumentsPerWrite).Select(i => ViewData.Entry($"{i:D3}"))];

        Assert.True((await Store.TryWriteAsync(partition, documents, Token)).IsWritten);

        ViewRead read = await Store.ReadAsync(partition, [.. documents.Select(d => d.Id)], Token);
        Assert.Equal(ViewLimits.MaxDocumentsPerWrite, read.Documents.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_write_is_all_or_nothing_wherever_the_lost_document_stands(int lost)
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.Entry("taken"));
        ViewDocument taken = await Store.ReadOneAsync(partition, "taken");
        List<ViewDocument> creation = [ViewData.Entry("new1"), ViewData.Entry("new2")];
        creation.Insert(lost, ViewData.Entry("taken"));
        List<ViewDocument> update = [ViewData.Entry("new1"), ViewData.Entry("new2")];
        update.Insert(lost, ViewData.Entry("taken") with { ETag = "\"old\"" });

        Assert.False((await Store.TryWriteAsync(partition, creation, Token)).IsWritten);
        Assert.False((await Store.TryWriteAsync(partition, update, Token)).IsWritten);

        ViewDocument left = Assert.Single((await Store.ReadAsync(partition, ["taken", "new1", "new2"], Token)).Documents);
        Assert.Equal(taken.ETag, left.ETag);
    }

    [Fact]
    public async Task One_write_creates_and_replaces_together()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(1));
        string? etag = (await Store.ReadOneAsync(partition, ViewDocument.SingleId)).ETag;

        Assert.True((await Store.TryWriteAsync(partition, [ViewData.View(2) with { ETag = etag }, ViewData.Entry("1")], Token)).IsWritten);

        ViewData.AssertSame(ViewData.View(2), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
        ViewData.AssertSame(ViewData.Entry("1"), await Store.ReadOneAsync(partition, "1"));
    }

    [Fact]
    public async Task Parallel_writers_that_read_again_lose_no_update()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < 4;)
            {
                ViewDocument? current = (await Store.ReadAsync(partition, [ViewDocument.SingleId], Token)).Documents.SingleOrDefault();
                long count = current?.Seen["count-1"] ?? 0;
                ViewDocument next = ViewData.View(count + 1) with { ETag = current?.ETag };
                i += (await Store.TryWriteAsync(partition, [next, ViewData.Entry($"{writer}-{i}")], Token)).IsWritten ? 1 : 0;
            }
        })));

        Assert.Equal(24, (await Store.ReadOneAsync(partition, ViewDocument.SingleId)).Seen["count-1"]);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space/slash\\backslash?question#hash%25")]
    [InlineData("\"quoted\" 'single' é 你好 🦊")]
    public async Task A_key_may_be_any_text(string key)
    {
        ViewPartition partition = ViewData.NewPartition() with { Key = key };
        await Store.WriteAsync(partition, ViewData.View(1), ViewData.Entry("1"));

        ViewData.AssertSame(ViewData.View(1), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
        Assert.Equal(2, (await Store.ReadAsync(partition, [ViewDocument.SingleId, "1"], Token)).Documents.Count);
        ViewPage page = await Store.ListAsync(ViewData.Query(partition, ViewKind.View), Token);
        Assert.Equal(key, Assert.Single(page.Items).Key);
    }

    [Fact]
    public async Task Keys_and_versions_of_a_projection_do_not_see_each_other()
    {
        ViewPartition partition = ViewData.NewPartition();
        await Store.WriteAsync(partition, ViewData.View(1));
        await Store.WriteAsync(partition with { Version = 2 }, ViewData.View(2));
        await Store.WriteAsync(partition with { Key = "other" }, ViewData.View(3));
        await Store.WriteAsync(partition with { Key = partition.Key.ToUpperInvariant() + "X" }, ViewData.View(4));

        ViewData.AssertSame(ViewData.View(1), await Store.ReadOneAsync(partition, ViewDocument.SingleId));
        ViewData.AssertSame(ViewData.View(2), await Store.ReadOneAsync(partition with { Version = 2 }, ViewDocument.SingleId));
        ViewData.AssertSame(ViewData.View(3), await Store.ReadOneAsync(partition with { Key = "other" }, ViewDocument.SingleId));
    }

    [Fact]
    public async Task A_write_outside_the_rules_is_refused()
    {
        ViewPartition partition = ViewData.NewPartition();
        ViewDocument[] tooMany = [.. Enumerable.Range(0, ViewLimits.MaxDocumentsPerWrite + 1).Select(i => ViewData.Entry($"{i:D3}"))];
        ViewDocument[][] broken =
        [
            [],
            tooMany,
            [ViewData.Entry("same"), ViewData.Entry("same")],
            [ViewData.Entry("")],
            [ViewData.Entry("with/slash")],
            [ViewData.Entry("with space")],
            [ViewData.Entry(new string('x', ViewLimits.MaxDocumentIdLength + 1))],
        ];
        foreach (ViewDocument[] documents in broken)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.TryWriteAsync(partition, documents, Token));
        }
        foreach (string key in (string[])["", new string('x', ViewLimits.MaxKeyBytes + 1)])
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.TryWriteAsync(partition with { Key = key }, [ViewData.View(1)], Token));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_write_over_the_limit_of_bytes_is_refused_and_nothing_is_written(int documents)
    {
        ViewPartition partition = ViewData.NewPartition();
        ViewDocument[] large = [.. Enumerable.Range(0, documents).Select(i =>
            ViewData.Entry($"{i}") with { Data = Text(ViewLimits.MaxWriteBytes / documents) })];

        ViewTooLargeException refused = await Assert.ThrowsAsync<ViewTooLargeException>(() => Store.TryWriteAsync(partition, large, Token));

        Assert.True(refused.SizeBytes > ViewLimits.MaxWriteBytes);
        Assert.Equal(partition, refused.Partition);
        Assert.Empty((await Store.ReadAsync(partition, [.. large.Select(d => d.Id)], Token)).Documents);
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_writes_nothing()
    {
        ViewPartition partition = ViewData.NewPartition();
        CancellationToken cancelled = new(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.TryWriteAsync(partition, [ViewData.View(1)], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.TryWriteAsync(partition, [ViewData.View(1), ViewData.Entry("1")], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync(partition, ["1"], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync(partition, ["1", "2"], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ListAsync(ViewData.Query(partition, ViewKind.View), cancelled));
        Assert.Empty((await Store.ReadAsync(partition, [ViewDocument.SingleId], Token)).Documents);
    }
}
