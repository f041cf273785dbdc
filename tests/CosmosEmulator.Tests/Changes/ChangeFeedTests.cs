using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Changes;

public abstract class ChangeFeedTests(int partitions) : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TestAccount account = null!;
    private Container container = null!;

    public async ValueTask InitializeAsync()
    {
        account = await TestAccount.StartAsync(partitions, clock: clock);
        container = await account.ContainerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await account.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_item_comes_once_in_its_newest_version_and_deletes_do_not_come()
    {
        await CreateAsync(20);
        await container.UpsertItemAsync(new Thing("3", "p3", 33));
        await container.DeleteItemAsync<Thing>("4", new PartitionKey("p4"));
        List<Thing> changes = await AllAsync(ChangeFeedStartFrom.Beginning());
        Assert.Equal(19, changes.Count);
        Assert.Equal(33, Assert.Single(changes, thing => thing.id == "3").n);
        Assert.DoesNotContain(changes, thing => thing.id == "4");
    }

    [Fact]
    public async Task Items_of_a_logical_partition_come_in_the_order_of_their_last_write()
    {
        foreach (int n in (int[])[1, 2, 3, 1])
        {
            await container.UpsertItemAsync(new Thing($"{n}", "a", n));
        }

        List<Thing> changes = await AllAsync(ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(new PartitionKey("a"))));
        Assert.Equal(["2", "3", "1"], changes.Select(thing => thing.id));
    }

    [Fact]
    public async Task A_continuation_goes_on_where_it_stopped()
    {
        await CreateAsync(5);
        (_, string continuation) = await Feed(ChangeFeedStartFrom.Beginning()).ChangesAsync();
        Assert.Empty((await Feed(ChangeFeedStartFrom.ContinuationToken(continuation)).ChangesAsync()).Pages);
        await container.UpsertItemAsync(new Thing("new", "p1"));
        (List<IReadOnlyList<Thing>> pages, string next) = await Feed(ChangeFeedStartFrom.ContinuationToken(continuation)).ChangesAsync();
        Assert.Equal("new", Assert.Single(pages.SelectMany(page => page)).id);
        Assert.Empty((await Feed(ChangeFeedStartFrom.ContinuationToken(next)).ChangesAsync()).Pages);
    }

    [Fact]
    public async Task Now_begins_after_what_is_there()
    {
        await CreateAsync(5);
        (List<IReadOnlyList<Thing>> pages, string continuation) = await Feed(ChangeFeedStartFrom.Now()).ChangesAsync();
        Assert.Empty(pages);
        await container.UpsertItemAsync(new Thing("later", "p1"));
        Assert.Equal("later", Assert.Single(await AllAsync(ChangeFeedStartFrom.ContinuationToken(continuation))).id);
    }

    [Fact]
    public async Task A_time_begins_with_later_items()
    {
        await CreateAsync(3);
        clock.Advance(TimeSpan.FromSeconds(10));
        DateTime since = clock.GetUtcNow().UtcDateTime;
        clock.Advance(TimeSpan.FromSeconds(10));
        await container.UpsertItemAsync(new Thing("later", "p1"));
        Assert.Equal("later", Assert.Single(await AllAsync(ChangeFeedStartFrom.Time(since))).id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Pages_have_the_size_that_was_asked_for(int size)
    {
        await CreateAsync(20);
        (List<IReadOnlyList<Thing>> pages, _) = await Feed(ChangeFeedStartFrom.Beginning(), size).ChangesAsync();
        Assert.All(pages, page => Assert.InRange(page.Count, 1, size));
        Assert.Equal(20, pages.SelectMany(page => page).Select(thing => thing.id).Distinct().Count());
    }

    [Fact]
    public async Task A_batch_is_never_divided_between_pages()
    {
        await container.CreateItemAsync(new Thing("before", "a"));
        TransactionalBatch batch = container.CreateTransactionalBatch(new PartitionKey("a"));
        for (int i = 0; i < 10; i++)
        {
            batch = batch.CreateItem(new Thing($"batch{i}", "a"));
        }

        await batch.ExecuteAsync();
        await container.CreateItemAsync(new Thing("after", "a"));
        FeedRange range = FeedRange.FromPartitionKey(new PartitionKey("a"));
        (List<IReadOnlyList<Thing>> pages, _) = await Feed(ChangeFeedStartFrom.Beginning(range), 3).ChangesAsync();
        Assert.All(pages, page => Assert.Contains(page.Count(thing => thing.id.StartsWith("batch", StringComparison.Ordinal)), new[] { 0, 10 }));
        Assert.Equal(12, pages.Sum(page => page.Count));
    }

    [Fact]
    public async Task Feed_ranges_cover_everything_once()
    {
        await CreateAsync(50);
        IReadOnlyList<FeedRange> ranges = await container.GetFeedRangesAsync();
        Assert.Equal(partitions, ranges.Count);
        List<string> seen = [];
        foreach (FeedRange range in ranges)
        {
            seen.AddRange((await AllAsync(ChangeFeedStartFrom.Beginning(range))).Select(thing => thing.id));
        }

        Assert.Equal(50, seen.Count);
        Assert.Equal(50, seen.Distinct().Count());
    }

    [Fact]
    public async Task A_part_of_a_physical_partition_is_a_feed_of_its_own()
    {
        await CreateAsync(50);
        List<int> counts = [];
        foreach (string json in (string[])["""{"Range":{"min":"","max":"1F"}}""", """{"Range":{"min":"1F","max":"FF"}}"""])
        {
            counts.Add((await AllAsync(ChangeFeedStartFrom.Beginning(FeedRange.FromJsonString(json)))).Count);
        }

        Assert.Equal(50, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 1, 49));
    }

    [Fact]
    public async Task All_versions_and_deletes_are_refused_by_name()
    {
        CosmosException refused = await Feeds.FailsAsync(HttpStatusCode.BadRequest, () => container.GetChangeFeedIterator<Thing>(
            ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes).ReadNextAsync());
        Assert.Contains("all versions and deletes", refused.Message, StringComparison.Ordinal);
    }

    private async Task CreateAsync(int count) => await Task.WhenAll(Enumerable.Range(0, count).Select(i => container.CreateItemAsync(new Thing($"{i}", $"p{i}"))));

    private FeedIterator<Thing> Feed(ChangeFeedStartFrom start, int? size = null) => container.GetChangeFeedIterator<Thing>(
        start, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = size });

    private async Task<List<Thing>> AllAsync(ChangeFeedStartFrom start) => [.. (await Feed(start).ChangesAsync()).Pages.SelectMany(page => page)];
}

public sealed class ChangeFeedTestsOnOnePartition() : ChangeFeedTests(1);

public sealed class ChangeFeedTestsOnThreePartitions() : ChangeFeedTests(3);
