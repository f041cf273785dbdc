namespace Serverless.EventSourcing.Tests;

/// <summary>Two versions are read at different moments, from feeds that are at different places. Only what is late counts against the new one.</summary>
public sealed class VersionTakeoverTests
{
    private const int Streams = 20;
    private const int Partitions = 4;
    private const int Looks = 40;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly ConsumerWorld world = new();
    private readonly ConsumerOptions options = new() { MaxTakeoverLag = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<(int Version, int Partition), List<Commit>> feeds = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_that_follows_passes_while_every_document_changes_ten_times_a_second()
    {
        List<VersionCheckResult> looks = await LooksAsync(delayOfNew: 5);

        Assert.Equal(Looks, looks.Count(l => l.IsPassed));
        Assert.All(looks.Skip(2), l => Assert.Equal(Streams, l.Sampled)); // Not every feed has begun before.
        Assert.Contains(looks, l => l.Compared < l.Sampled); // Some were read on their way.
    }

    [Fact]
    public async Task A_version_that_is_later_than_allowed_fails_the_check()
    {
        List<VersionCheckResult> looks = await LooksAsync(delayOfNew: 100);

        Assert.All(looks.Skip(10), l => Assert.False(l.IsPassed));
        Assert.Contains("has seen purse-", looks[^1].Differences[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_is_missing_fails_the_check_when_it_is_late()
    {
        await world.HandleAsync(View(1), await world.AddAsync("a", 1));
        Assert.True((await CheckAsync()).IsPassed);

        world.Time.Advance(options.MaxTakeoverLag + Tick);

        Assert.Equal("'a' is missing", Assert.Single((await CheckAsync()).Differences));
    }

    /// <summary>One look a second, at feeds that each deliver once a second, each partition at another moment.</summary>
    private async Task<List<VersionCheckResult>> LooksAsync(int delayOfNew)
    {
        List<VersionCheckResult> looks = [];
        Queue<List<Commit>> late = new();
        for (int tick = 0; looks.Count < Looks; tick++)
        {
            List<Commit> written = [];
            for (int n = 0; n < Streams; n++)
            {
                written.Add(await world.AddAsync($"s{n}", 1));
            }
            late.Enqueue(written);
            written.ForEach(c => FeedOf(1, c).Add(c));
            if (late.Count > delayOfNew)
            {
                late.Dequeue().ForEach(c => FeedOf(2, c).Add(c));
            }
            for (int partition = 0; partition < Partitions; partition++)
            {
                await DeliverAsync(1, partition, isDue: (tick + partition) % 10 == 0);
                await DeliverAsync(2, partition, isDue: (tick + (partition * 3)) % 10 == 4);
            }
            world.Time.Advance(Tick);
            if (tick % 10 == 7)
            {
                looks.Add(await CheckAsync());
            }
        }
        return looks;
    }

    private async Task DeliverAsync(int version, int partition, bool isDue)
    {
        if (isDue && feeds.Remove((version, partition), out List<Commit>? commits))
        {
            await world.HandleAsync(View(version), commits);
        }
    }

    private List<Commit> FeedOf(int version, Commit commit)
    {
        (int, int) feed = (version, int.Parse(commit.Stream.Id[1..], System.Globalization.CultureInfo.InvariantCulture) % Partitions);
        return feeds.TryGetValue(feed, out List<Commit>? waiting) ? waiting : feeds[feed] = [];
    }

    private Task<VersionCheckResult> CheckAsync() =>
        new VersionTakeover(versions: null!, status: null!, world.Store, world.Views, actions: null!, world.Time, options) // A check asks only the stores.
            .CheckAsync(View(2), serving: 1, Cancellation);

    private static DocumentView<EventCount, PurseEvent> View(int version) => new()
    {
        Name = "counts",
        Version = version,
        Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
        Key = ViewKey<PurseEvent>.Stream,
        Initial = () => new EventCount(0, 0),
        Apply = PurseViews.Next,
        Json = PurseViewsJson.Default.EventCount,
        Check = VersionCheck.SameData(),
    };
}
