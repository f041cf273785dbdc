using System.Text;

namespace Serverless.EventSourcing.Tests;

/// <summary>Lines of purse-a (commits at 1, 4 and 5) and purse-b (1), as an export has them.</summary>
public sealed class CommitLinesTests : IAsyncLifetime
{
    private readonly InMemoryEventStore store = new();
    private string[] a = [];
    private string[] b = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PurseInstance purse = new(store);
        await purse.CommitAsync(new AddOneByOne(3), stream: "a");
        await purse.CommitAsync(new Take(1), stream: "a");
        await purse.CommitAsync(new Take(1), stream: "a");
        await purse.CommitAsync(new Label("b"), stream: "b");
        using MemoryStream target = new();
        await CommitExport.WriteAsync(store.ReadAllItemsAsync(Token), target, Token);
        string[] lines = Encoding.UTF8.GetString(target.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        a = lines[..3];
        b = lines[3..];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public void Streams_may_be_mixed_begin_anywhere_and_come_again()
    {
        Read(a[0], b[0], a[1], a[2]);
        Read(a[1], a[2]);
        Read(a[0], a[1], a[0], a[1], a[2]);
    }

    [Fact]
    public void A_gap_is_named() =>
        AssertRefused("Line 2: purse-a has come to version 3 in the lines before, and this commit begins at 5.", a[0], a[2]);

    [Fact]
    public void A_wrong_order_is_named() =>
        AssertRefused("Line 2: this commit begins at version 1 of purse-a and stands behind the one at 4: a stream comes in order.", a[1], a[0]);

    [Fact]
    public async Task Two_stories_in_one_file_are_named()
    {
        InMemoryEventStore other = new();
        PurseInstance purse = new(other);
        await purse.CommitAsync(new AddOneByOne(3), stream: "a");
        using MemoryStream target = new();
        await CommitExport.WriteAsync(other.ReadAllItemsAsync(Token), target, Token);

        AssertRefused(
            "Line 2: the lines before tell another story of purse-a than this commit was written behind.", Encoding.UTF8.GetString(target.ToArray()).TrimEnd(), a[1]);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_counts_what_an_import_would_write()
    {
        InMemoryEventStore copy = new();
        CommitImport whole = new(copy) { IsDryRun = true };
        Assert.Equal(new ImportProgress(5, Written: 4, Known: 1), await RunAsync(whole, a[0], a[1], b[0], a[0], a[2]));
        Assert.Empty(await copy.ReadAllItemsAsync(Token).ToArrayAsync(Token));

        await RunAsync(new CommitImport(copy), a[0], a[1]);
        Assert.Equal(new ImportProgress(4, Written: 2, Known: 2), await RunAsync(new CommitImport(copy) { IsDryRun = true, IntoExisting = true }, a[0], a[1], a[2], b[0]));
    }

    [Fact]
    public async Task A_dry_run_of_a_part_tells_of_a_gap_only_where_somebody_listens()
    {
        List<ImportGap> gaps = [];

        await RunAsync(new CommitImport(new InMemoryEventStore()) { IsDryRun = true, OnGap = gaps.Add }, a[1], a[2]);

        Assert.Equal([new ImportGap(1, StreamName.Parse("purse-a"), 0, 4)], gaps);
        await Assert.ThrowsAsync<CommitImportException>(() => RunAsync(new CommitImport(new InMemoryEventStore()) { IsDryRun = true }, a[1]));
        await Assert.ThrowsAsync<CommitImportException>(() => RunAsync(new CommitImport(new InMemoryEventStore()) { OnGap = gaps.Add }, a[1]));
    }

    [Fact]
    public async Task Many_streams_are_imported_side_by_side_each_in_its_order()
    {
        InMemoryEventStore many = new();
        PurseInstance purse = new(many);
        for (int i = 0; i < 2_000; i++)
        {
            await purse.CommitAsync(new Label($"{i}"), stream: $"s{i % 37}");
        }
        using MemoryStream exported = new();
        await CommitExport.WriteAsync(many.ReadAllItemsAsync(Token), exported, Token);
        exported.Position = 0;
        InMemoryEventStore copy = new();

        ImportProgress[] progress = await new CommitImport(copy).RunAsync(exported, Token).ToArrayAsync(Token);

        Assert.Equal(new ImportProgress(2_000, 2_000, 0), progress[^1]);
        Assert.True(progress.Length > 2);
        CommitLogVerifier verifier = new(copy, (_, _) => Task.FromResult<BrokenLink?>(null));
        Assert.Empty((await verifier.VerifyPageAsync(category: null, continuation: null, pageSize: 10_000, Token)).Broken);
    }

    private static void Read(params string[] lines)
    {
        CommitLines check = new();
        for (int i = 0; i < lines.Length; i++)
        {
            check.Next(i + 1, lines[i]);
        }
    }

    private static void AssertRefused(string message, params string[] lines) =>
        Assert.Equal(message, Assert.Throws<CommitImportException>(() => Read(lines)).Message);

    private static async Task<ImportProgress> RunAsync(CommitImport import, params string[] lines)
    {
        using MemoryStream source = new(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return await import.RunAsync(source, Token).LastAsync(Token);
    }
}
