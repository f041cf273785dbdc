using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Tests;

/// <summary>Three streams: purse-a with commits at 1, 4 and 5, purse-b with one, purse-c with two.</summary>
public sealed class CommitLogVerifierTests : IAsyncLifetime
{
    private StoredLog log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        InMemoryEventStore store = new();
        PurseInstance purse = new(store);
        await purse.CommitAsync(new AddOneByOne(3), stream: "a");
        await purse.CommitAsync(new Label("b"), stream: "b");
        await purse.CommitAsync(new Take(1), stream: "a");
        await purse.CommitAsync(new Label("c"), stream: "c");
        await purse.CommitAsync(new Take(1), stream: "a");
        await purse.CommitAsync(new Label("d"), stream: "c");
        log = await StoredLog.OfAsync(store, Token);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task An_untouched_store_has_no_broken_link_however_it_is_paged(int pageSize)
    {
        VerifiedPage all = await VerifyAsync(pageSize);

        Assert.Equal((6, 6, 3), (all.Read, all.Commits, all.Streams));
        Assert.Empty(all.Broken);
        Assert.Equal(0, log.Lookups);
    }

    [Fact]
    public async Task Whoever_goes_on_elsewhere_looks_up_what_the_pages_before_would_have_told()
    {
        VerifiedPage last = await new CommitLogVerifier(log, (_, _) => Task.FromResult<BrokenLink?>(null)).VerifyPageAsync(category: null, "4", pageSize: 2, Token);

        Assert.Equal((2, 0), (last.Commits, last.Broken.Count));
        Assert.Null(last.Continuation);
        Assert.Equal(2, log.Lookups);
    }

    [Fact]
    public async Task A_commit_that_another_client_wrote_again_as_it_was_still_fits_although_it_comes_last()
    {
        JsonObject item = log.Item("purse-a", 1);
        log.Items.Remove(item);
        item["_ts"] = 1795426200;
        log.Items.Add(item);

        VerifiedPage all = await VerifyAsync(pageSize: 2);

        Assert.Equal((6, 3), (all.Commits, all.Streams));
        Assert.Empty(all.Broken);
    }

    [Fact]
    public async Task A_changed_commit_is_named()
    {
        log.Item("purse-a", 4)["actor"] = "mallory";

        Assert.Equal([new BrokenLink("purse-a", "0000000004", "Its content is not what was sealed.")], (await VerifyAsync(pageSize: 3)).Broken);
    }

    [Theory]
    [InlineData(1, "0000000004", "It begins at version 4; 1 is missing.")]
    [InlineData(4, "0000000005", "It begins at version 5; 4 is missing.")]
    public async Task A_commit_that_was_taken_out_is_missed_by_the_one_behind_it(int version, string id, string reason)
    {
        log.Items.Remove(log.Item("purse-a", version));

        Assert.Equal([new BrokenLink("purse-a", id, reason)], (await VerifyAsync(pageSize: 2)).Broken);
    }

    [Fact]
    public async Task A_commit_that_was_sealed_anew_breaks_the_link_behind_it()
    {
        JsonObject forged = log.Item("purse-a", 4);
        forged["actor"] = "mallory";
        using System.Text.Json.JsonDocument item = System.Text.Json.JsonDocument.Parse(forged.ToJsonString());
        forged["hash"] = CommitJson.HashOf(item.RootElement);

        Assert.Equal(
            [new BrokenLink("purse-a", "0000000005", "It was not written behind the commit that is before it now.")],
            (await VerifyAsync(pageSize: 100)).Broken);
    }

    [Fact]
    public async Task What_is_no_commit_and_what_has_no_seal_is_named_and_the_rest_goes_on()
    {
        log.Items.Insert(0, new JsonObject { ["id"] = "1", ["stream"] = "purse-x" });
        log.Item("purse-b", 1).Remove("hash");

        VerifiedPage all = await VerifyAsync(pageSize: 2);

        Assert.Equal(["purse-x", "purse-b"], all.Broken.Select(b => b.Stream));
        Assert.Equal("It has no seal.", all.Broken[1].Reason);
        Assert.Equal(7, all.Commits);
    }

    [Fact]
    public async Task Another_category_is_read_but_not_checked()
    {
        log.Item("purse-a", 4)["actor"] = "mallory";

        VerifiedPage all = await VerifyAsync(pageSize: 2, category: "account");

        Assert.Equal((6, 0, 0), (all.Read, all.Commits, all.Broken.Count));
    }

    private async Task<VerifiedPage> VerifyAsync(int pageSize, string? category = null)
    {
        CommitLogVerifier verifier = new(log, (_, _) => Task.FromResult<BrokenLink?>(null));
        VerifiedPage all = new(0, 0, 0, [], null);
        do
        {
            VerifiedPage page = await verifier.VerifyPageAsync(category, all.Continuation, pageSize, Token);
            all = new(all.Read + page.Read, all.Commits + page.Commits, all.Streams + page.Streams, [.. all.Broken, .. page.Broken], page.Continuation);
        }
        while (all.Continuation is not null);
        return all;
    }
}
