namespace Serverless.EventSourcing.Tests;

/// <summary>Where writes end: what is too large is found out to the commit, and races are counted per write.</summary>
public sealed class WriteLimitTests
{
    private readonly ConsumerWorld world = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_commit_that_makes_a_view_too_large_is_the_one_that_parks_its_stream()
    {
        List<Commit> commits = [];
        for (int n = 1; n <= 40; n++)
        {
            commits.Add(await world.AddAsync("a", n));
        }
        LimitedViews views = new(world.Views) { MaxBytes = 400 };

        await world.Runner(views: views).HandleAsync(FailingViews.Log(), [.. commits.Select(Delivery.Of)], Cancellation);

        IReadOnlyList<string> seen = await world.EventsAsync("a");
        ParkedStream? record = await world.RecordAsync(FailingViews.Log(), "a");
        Assert.InRange(seen.Count, 10, 39); // All that fits is there.
        Assert.Equal((ParkedStatus.Parked, seen.Count + 1L, 40L), (record!.Status, record.FromVersion, record.ThroughVersion));
        Assert.StartsWith("ViewTooLargeException: ", record.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task A_long_batch_may_lose_many_races_but_not_too_many_in_a_row(int lostPerWrite, bool passes)
    {
        List<Commit> commits = [];
        for (int n = 1; n <= 400; n++)
        {
            commits.Add(await world.AddAsync("a", n));
        }
        LimitedViews views = new(world.Views) { LostRacesPerWrite = lostPerWrite };
        Projector projector = new(world.Store, views, new NetworkFaults(), world.Time, new ProjectorOptions { MaxLostRaces = 3, MaxBackoff = TimeSpan.Zero });

        Task<ProjectionResult> projecting = projector.ApplyAsync(PurseViews.Entries(ViewKey<PurseEvent>.Stream), commits, Cancellation);

        if (passes)
        {
            ProjectionResult result = await projecting;
            Assert.Equal(400, result.Events);
            Assert.True(result.LostRaces > 3, $"{result.LostRaces}"); // Several writes, each of which lost some.
        }
        else
        {
            await Assert.ThrowsAsync<ViewContentionException>(() => projecting);
        }
    }

    private sealed class LimitedViews(IViewStore inner) : IViewStore
    {
        private int lost;

        public long MaxBytes { get; init; } = long.MaxValue;

        public int LostRacesPerWrite { get; init; }

        public Task<ViewRead> ReadAsync(ViewPartition partition, IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
            inner.ReadAsync(partition, ids, cancellationToken);

        public Task<ViewWrite> TryWriteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken)
        {
            long size = documents.Sum(d => (long)d.Data.Length);
            if (size > MaxBytes)
            {
                throw new ViewTooLargeException(partition, size);
            }
            if (lost++ % (LostRacesPerWrite + 1) < LostRacesPerWrite)
            {
                return Task.FromResult(new ViewWrite(IsWritten: false, RequestCharge: 0));
            }
            return inner.TryWriteAsync(partition, documents, cancellationToken);
        }

        public Task<ViewWrite> TryDeleteAsync(ViewPartition partition, IReadOnlyList<ViewDocument> documents, CancellationToken cancellationToken) =>
            inner.TryDeleteAsync(partition, documents, cancellationToken);

        public Task<ViewPage> ListAsync(ViewQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);
    }
}
