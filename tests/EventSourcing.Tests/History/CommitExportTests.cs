using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Tests;

public sealed class CommitExportTests : IAsyncLifetime
{
    private readonly InMemoryEventStore store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 2)));
        await purse.CommitAsync(new AddOneByOne(3), stream: "a");
        await purse.CommitAsync(new Take(1), stream: "a");
        await purse.CommitAsync(new Label("ü\n"), stream: "b");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_was_exported_and_imported_is_exported_the_same_again()
    {
        string[] exported = await ExportAsync(store);
        InMemoryEventStore copy = new();

        ImportProgress imported = await ImportAsync(copy, exported);

        Assert.Equal(new ImportProgress(3, Written: 3, Known: 0), imported);
        Assert.Equal(exported.Order(StringComparer.Ordinal), (await ExportAsync(copy)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Importing_again_changes_nothing_and_goes_on_where_it_ended()
    {
        string[] exported = await ExportAsync(store);
        InMemoryEventStore copy = new();

        await ImportAsync(copy, exported[..1]);

        Assert.Equal(new ImportProgress(3, Written: 2, Known: 1), await ImportAsync(copy, exported, intoExisting: true));
        Assert.Equal(new ImportProgress(3, Written: 0, Known: 3), await ImportAsync(copy, exported));
    }

    [Fact]
    public async Task A_gap_is_named_and_nothing_behind_it_is_written()
    {
        string[] lines = [.. (await ExportAsync(store)).Where(l => l.Contains("purse-a", StringComparison.Ordinal))];
        InMemoryEventStore copy = new();

        CommitImportException e = await Assert.ThrowsAsync<CommitImportException>(() => ImportAsync(copy, lines[1..]));

        Assert.Equal("Line 1: purse-a ends at version 0, and this commit begins at 4.", e.Message);
        Assert.Equal(0, (await copy.ReadHeadAsync(StreamName.Parse("purse-a"), Token)).Version);
    }

    [Theory]
    [InlineData("\"amount\":1", "\"amount\":9")]
    [InlineData("\"actor\":\"test\"", "\"actor\":\"mallory\"")]
    public async Task A_changed_byte_is_found(string before, string after)
    {
        string[] lines = await ExportAsync(store);
        int changed = Array.FindIndex(lines, l => l.Contains(before, StringComparison.Ordinal));
        lines[changed] = lines[changed].Replace(before, after, StringComparison.Ordinal);

        CommitImportException e = await Assert.ThrowsAsync<CommitImportException>(() => ImportAsync(new InMemoryEventStore(), lines));

        Assert.Equal(changed + 1, e.Line);
        Assert.Contains("is not what was sealed", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "it is not a commit")]
    [InlineData("[]", "it is not a commit")]
    [InlineData("""{"id":"0000000001"}""", "it is not a commit")]
    public async Task A_line_that_is_no_commit_is_named(string line, string reason)
    {
        CommitImportException e = await Assert.ThrowsAsync<CommitImportException>(() => ImportAsync(new InMemoryEventStore(), ["", line]));

        Assert.Equal(2, e.Line);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_with_another_story_is_left_as_it_is()
    {
        InMemoryEventStore other = new();
        await new PurseInstance(other).CommitAsync(new Label("mine"), stream: "b");
        string[] lines = [.. (await ExportAsync(store)).Where(l => l.Contains("purse-b", StringComparison.Ordinal))];
        string[] before = await ExportAsync(other);

        CommitImportException e = await Assert.ThrowsAsync<CommitImportException>(() => ImportAsync(other, lines));

        Assert.Equal("Line 1: the store already has a different commit for purse-b at version 1.", e.Message);
        Assert.Equal(before, await ExportAsync(other));
    }

    [Fact]
    public async Task What_the_database_adds_is_left_out_and_the_seal_stays_in()
    {
        JsonObject line = JsonNode.Parse((await ExportAsync(store))[0])!.AsObject();

        Assert.DoesNotContain(line, m => m.Key.StartsWith('_'));
        Assert.Equal(64, ((string)line["hash"]!).Length);
    }

    private static async Task<string[]> ExportAsync(InMemoryEventStore from)
    {
        using MemoryStream target = new();
        await CommitExport.WriteAsync(from.ReadAllItemsAsync(Token), target, Token);
        return Encoding.UTF8.GetString(target.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<ImportProgress> ImportAsync(InMemoryEventStore into, string[] lines, bool intoExisting = false)
    {
        using MemoryStream source = new(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        ImportProgress last = new(0, 0, 0);
        await foreach (ImportProgress progress in new CommitImport(into) { IntoExisting = intoExisting }.RunAsync(source, Token))
        {
            last = progress;
        }
        return last;
    }
}
