using System.Text;

namespace Serverless.EventSourcing.Tests;

/// <summary>More documents than one write may have: the fence stops inside a batch, even inside a commit, and goes on from there.</summary>
public sealed class PartialWriteTests
{
    private static readonly EntriesView<EventCount, EventLine, PurseEvent> Entries = PurseViews.Entries(ViewKey<PurseEvent>.Stream);

    [Theory]
    [InlineData(98)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(250)]
    [InlineData(1_000)]
    public async Task One_commit_with_many_entries(int events)
    {
        ViewWorld world = new([[Added(events), Added(3)]]);

        ProjectionResult result = await world.Projector().ApplyAsync(Entries, world.Commits, TestContext.Current.CancellationToken);

        Assert.Equal(events + 3, result.Events);
        world.CheckEntries(Entries);
    }

    [Fact]
    public async Task Many_commits_with_some_entries_each()
    {
        ViewWorld world = new([[.. Enumerable.Repeat(Added(7), 50)]]);

        await world.Projector().ApplyAsync(Entries, world.Commits, TestContext.Current.CancellationToken);

        world.CheckEntries(Entries);
    }

    [Fact]
    public async Task An_event_of_several_parts_is_not_torn()
    {
        StoredEvent swapped = new("purse.swapped", 1, """{"out":1,"in":2}"""u8.ToArray()); // Two entries under one version.
        ViewWorld world = new([[[.. Added(98), swapped, .. Added(2), swapped]]]);

        await world.Projector().ApplyAsync(Entries, world.Commits, TestContext.Current.CancellationToken);

        world.CheckEntries(Entries);
    }

    [Fact]
    public async Task A_host_that_dies_between_two_writes_is_taken_over_inside_a_commit()
    {
        ViewWorld world = new([[Added(250)]]);
        int writes = 0;
        Interleaving steps = new(_ => 0);
        SteppedViewStore dying = new(world.Views, steps, () => writes++ == 3 ? StoreFault.AfterEffect : StoreFault.None); // Read, write, read, write.
        steps.Run([() => Assert.ThrowsAsync<StoreFaultException>(() =>
            world.Projector(dying, options: new ProjectorOptions { CachedViewBytes = 0 }).ApplyAsync(Entries, world.Commits, CancellationToken.None))]);

        ProjectionResult result = await world.Projector().ApplyAsync(Entries, world.Commits, TestContext.Current.CancellationToken);

        Assert.Equal(250 - 198, result.Events);
        world.CheckEntries(Entries);
    }

    [Theory]
    [InlineData(98)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(250)]
    public async Task One_commit_that_counts_in_many_documents(int documents)
    {
        ViewWorld world = new([[Added(documents), Added(documents)]]);

        await world.Projector().ApplyAsync(PurseViews.Totals, world.Commits, TestContext.Current.CancellationToken);

        world.CheckTotals(PurseViews.Totals);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Many_streams_in_one_batch(int documents)
    {
        ViewWorld world = new([.. Enumerable.Repeat<IReadOnlyList<IReadOnlyList<StoredEvent>>>([Added(documents)], 230)]);

        await world.Projector().ApplyAsync(PurseViews.Totals, world.Commits, TestContext.Current.CancellationToken);
        world.CheckTotals(PurseViews.Totals);

        ProjectionResult again = await world.Projector().ApplyAsync(PurseViews.Totals, world.Commits, TestContext.Current.CancellationToken);
        Assert.Equal(0, again.Events);
        world.CheckTotals(PurseViews.Totals);
    }

    [Fact]
    public async Task A_commit_that_counts_nowhere_behind_a_full_write()
    {
        StoredEvent polished = new("purse.polished", 1, "{}"u8.ToArray());
        ViewWorld world = new([[Added(99)], [[polished]], [[polished], Added(2)]]); // 99 documents and a marker are a full write.

        await world.Projector().ApplyAsync(PurseViews.Totals, world.Commits, TestContext.Current.CancellationToken);

        world.CheckTotals(PurseViews.Totals);
    }

    [Fact]
    public async Task New_streams_behind_many_that_are_known_are_still_reached()
    {
        ViewWorld world = new([.. Enumerable.Repeat<IReadOnlyList<IReadOnlyList<StoredEvent>>>([Added(1)], 130)]);
        Commit[] known = [.. world.Commits.Take(125)];
        await world.Projector().ApplyAsync(PurseViews.Totals, known, TestContext.Current.CancellationToken);

        ProjectionResult result = await world.Projector().ApplyAsync(PurseViews.Totals, world.Commits, TestContext.Current.CancellationToken);

        Assert.Equal(5, result.Events);
        world.CheckTotals(PurseViews.Totals);
    }

    /// <summary>Events of different amounts, so that each counts in a document of its own.</summary>
    private static StoredEvent[] Added(int count) =>
        [.. Enumerable.Range(0, count).Select(n => new StoredEvent("purse.added", 1, Encoding.UTF8.GetBytes($$"""{"amount":{{n}}}""")))];
}
