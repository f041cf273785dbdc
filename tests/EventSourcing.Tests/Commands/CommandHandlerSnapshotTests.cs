using System.Text;

namespace Serverless.EventSourcing.Tests;

public sealed class CommandHandlerSnapshotTests
{
    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task A_commit_carries_the_state_when_enough_events_have_passed()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 3)));

        List<long?> snapshots = [];
        foreach (PurseCommand command in new PurseCommand[]
            { new Add(1), new Add(1), new Add(1), new Add(1), new AddOneByOne(7), new Add(1), new AddOneByOne(2), new Add(1) })
        {
            snapshots.Add((await purse.CommitAsync(command)).Snapshot?.Version);
        }

        // Versions 1, 2, 3, 4, 11, 12, 14, 15: counted from the last snapshot, however many events a commit has.
        Assert.Equal([null, null, 3, null, 11, null, 14, null], snapshots);
    }

    [Fact]
    public async Task A_snapshot_is_the_state_after_its_commit()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(4, EveryEvents: 2)));
        await purse.SendAsync(new Add(5));

        StoredSnapshot snapshot = Assert.IsType<StoredSnapshot>((await purse.CommitAsync(new Take(2))).Snapshot);

        Assert.Equal((2L, 4, """{"total":3,"label":""}"""), (snapshot.Version, snapshot.SchemaVersion, Encoding.UTF8.GetString(snapshot.Data.Span)));
    }

    [Fact]
    public async Task Without_a_policy_there_are_none()
    {
        PurseInstance purse = new(store);

        Assert.Null((await purse.CommitAsync(new AddOneByOne(100))).Snapshot);
    }

    [Fact]
    public async Task A_cold_instance_goes_on_from_the_newest_snapshot_and_keeps_its_rhythm()
    {
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate = Purse.With(new SnapshotSchema(1, EveryEvents: 3));
        PurseInstance first = new(store, aggregate: aggregate);
        await first.SendAsync(new AddOneByOne(3));
        await first.SendAsync(new Add(1));

        LoadedState<PurseState> loaded = await store.LoadStateAsync(aggregate, Purse.Stream("1"), TestContext.Current.CancellationToken);
        Assert.Equal((4L, 3L, new PurseState(4, "")), (loaded.Head.Version, loaded.SnapshotVersion, loaded.State));

        PurseInstance cold = new(store, aggregate: aggregate);
        Assert.Null((await cold.CommitAsync(new Add(1))).Snapshot);
        Assert.Equal(6, (await cold.CommitAsync(new Add(1))).Snapshot?.Version);
    }

    [Fact]
    public async Task An_instance_that_fell_behind_sees_the_snapshots_of_others()
    {
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate = Purse.With(new SnapshotSchema(1, EveryEvents: 3));
        PurseInstance behind = new(store, aggregate: aggregate);
        await behind.SendAsync(new Add(1));
        await new PurseInstance(store, aggregate: aggregate).SendAsync(new AddOneByOne(2));

        Assert.Null((await behind.CommitAsync(new Add(1))).Snapshot);
    }

    [Fact]
    public async Task A_snapshot_of_an_old_schema_is_ignored_and_a_fresh_one_follows()
    {
        await new PurseInstance(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 3))).SendAsync(new AddOneByOne(5));
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> next = Purse.With(new SnapshotSchema(2, EveryEvents: 3));

        LoadedState<PurseState> loaded = await store.LoadStateAsync(next, Purse.Stream("1"), TestContext.Current.CancellationToken);
        Assert.Equal((new PurseState(5, ""), 0L), (loaded.State, loaded.SnapshotVersion));

        StoredSnapshot snapshot = Assert.IsType<StoredSnapshot>((await new PurseInstance(store, aggregate: next).CommitAsync(new Add(1))).Snapshot);
        Assert.Equal((6L, 2), (snapshot.Version, snapshot.SchemaVersion));
    }

    [Theory]
    [InlineData("""{"total":99}""")]
    [InlineData("""{"total":99,"label":"","colour":"red"}""")]
    [InlineData("null")]
    public async Task A_snapshot_that_is_not_what_it_claims_to_be_is_ignored_and_a_fresh_one_follows(string data)
    {
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate = Purse.With(new SnapshotSchema(1, EveryEvents: 5));
        await new PurseInstance(store).SendAsync(new AddOneByOne(4));
        StreamHead head = await store.ReadHeadAsync(Purse.Stream("1"), TestContext.Current.CancellationToken);
        Commit broken = Testing.History.Of(aggregate, "1").Commit(new Added(1)).Commits[0] with
        {
            FirstVersion = 5,
            Snapshot = new StoredSnapshot(5, 1, Encoding.UTF8.GetBytes(data)),
        };
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, broken, TestContext.Current.CancellationToken));

        LoadedState<PurseState> loaded = await store.LoadStateAsync(aggregate, Purse.Stream("1"), TestContext.Current.CancellationToken);
        Assert.Equal((5L, new PurseState(5, "")), (loaded.Head.Version, loaded.State));

        StoredSnapshot fresh = Assert.IsType<StoredSnapshot>((await new PurseInstance(store, aggregate: aggregate).CommitAsync(new Add(1))).Snapshot);
        Assert.Equal("""{"total":6,"label":""}""", Encoding.UTF8.GetString(fresh.Data.Span));
    }

    [Fact]
    public async Task A_state_larger_than_a_snapshot_may_be_is_not_kept()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 1)));

        Assert.NotNull((await purse.CommitAsync(new Label(new string('x', 1_000)))).Snapshot);
        Assert.Null((await purse.CommitAsync(new Label(new string('x', Limits.MaxSnapshotBytes)))).Snapshot);
        Assert.NotNull((await purse.CommitAsync(new Label("small again"))).Snapshot);
    }

    [Fact]
    public async Task A_snapshot_makes_room_for_events()
    {
        // The events just fit into an item; the snapshot of 400,000 bytes does not fit beside them.
        Labelled[] events = [new(new string('x', Limits.MaxCommitBytes - 500_000)), new(new string('y', 400_000))];
        PurseInstance purse = new(store, aggregate: Purse.With(
            new SnapshotSchema(1, EveryEvents: 1),
            decide: (command, _) => Decision<PurseEvent, PurseRejection>.Accept(command is Add ? [new Added(1)] : events)));

        Commit commit = await purse.CommitAsync(new Label("large"));

        Assert.Equal((2, null), (commit.Events.Count, commit.Snapshot));
        Assert.Equal(3, (await purse.CommitAsync(new Add(1))).Snapshot?.Version); // The next commit has room.
    }
}
