using System.Text;

namespace Serverless.EventSourcing.Tests;

public sealed class CommandHandlerSnapshotTests
{
    private readonly InMemoryEventStore store = new();

    [Fact]
    public async Task The_state_is_kept_beside_the_commits_when_enough_events_have_passed()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 3)));

        List<long?> snapshots = [];
        foreach (PurseCommand command in new PurseCommand[]
            { new Add(1), new Add(1), new Add(1), new Add(1), new AddOneByOne(7), new Add(1), new AddOneByOne(2), new Add(1) })
        {
            snapshots.Add((await SnapshotAsync(purse, command))?.Version);
        }

        // Versions 1, 2, 3, 4, 11, 12, 14, 15: with each commit that reaches a multiple of three, however many events it has.
        Assert.Equal([null, null, 3, null, 11, 12, null, 15], snapshots);
    }

    [Fact]
    public async Task A_snapshot_is_the_state_after_its_commit()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(4, EveryEvents: 2)));
        await purse.SendAsync(new Add(5));

        StoredSnapshot snapshot = Assert.IsType<StoredSnapshot>(await SnapshotAsync(purse, new Take(2)));

        Assert.Equal((2L, 4, """{"total":3,"label":""}"""), (snapshot.Version, snapshot.SchemaVersion, Encoding.UTF8.GetString(snapshot.Data.Span)));
    }

    [Fact]
    public async Task Without_a_policy_there_are_none()
    {
        PurseInstance purse = new(store);

        Assert.Null(await SnapshotAsync(purse, new AddOneByOne(100)));
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
        Assert.Null(await SnapshotAsync(cold, new Add(1)));
        Assert.Equal(6, (await SnapshotAsync(cold, new Add(1)))?.Version);
    }

    [Fact]
    public async Task An_instance_that_fell_behind_leaves_the_snapshots_of_others_alone()
    {
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate = Purse.With(new SnapshotSchema(1, EveryEvents: 3));
        PurseInstance behind = new(store, aggregate: aggregate);
        await behind.SendAsync(new Add(1));
        await new PurseInstance(store, aggregate: aggregate).SendAsync(new AddOneByOne(2));

        Assert.Null(await SnapshotAsync(behind, new Add(1)));
        Assert.Null(await SnapshotAsync(behind, new Add(1)));
        Assert.Equal(6, (await SnapshotAsync(behind, new Add(1)))?.Version);
    }

    [Fact]
    public async Task A_snapshot_of_an_old_schema_is_ignored_and_a_fresh_one_follows()
    {
        await new PurseInstance(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 3))).SendAsync(new AddOneByOne(5));
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> next = Purse.With(new SnapshotSchema(2, EveryEvents: 3));

        LoadedState<PurseState> loaded = await store.LoadStateAsync(next, Purse.Stream("1"), TestContext.Current.CancellationToken);
        Assert.Equal((new PurseState(5, ""), 0L), (loaded.State, loaded.SnapshotVersion));

        StoredSnapshot snapshot = Assert.IsType<StoredSnapshot>(await SnapshotAsync(new PurseInstance(store, aggregate: next), new Add(1)));
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
            Metadata = new CommitMetadata
            {
                CommandId = "broken",
                CommandType = "add",
                PolicyVersion = "1",
                Actor = "test",
                CorrelationId = "broken",
                Timestamp = head.Timestamp,
            },
        };
        StoredSnapshot snapshot = new(5, 1, Encoding.UTF8.GetBytes(data));
        Assert.IsType<AppendResult.Appended>(await store.AppendAsync(head, broken, snapshot, TestContext.Current.CancellationToken));

        LoadedState<PurseState> loaded = await store.LoadStateAsync(aggregate, Purse.Stream("1"), TestContext.Current.CancellationToken);
        Assert.Equal((5L, new PurseState(5, "")), (loaded.Head.Version, loaded.State));

        StoredSnapshot fresh = Assert.IsType<StoredSnapshot>(await SnapshotAsync(new PurseInstance(store, aggregate: aggregate), new Add(1)));
        Assert.Equal("""{"total":6,"label":""}""", Encoding.UTF8.GetString(fresh.Data.Span));
    }

    [Fact]
    public async Task A_state_larger_than_a_snapshot_may_be_is_not_kept()
    {
        PurseInstance purse = new(store, aggregate: Purse.With(new SnapshotSchema(1, EveryEvents: 1)));

        Assert.NotNull(await SnapshotAsync(purse, new Label(new string('x', 1_000))));
        Assert.Null(await SnapshotAsync(purse, new Label(new string('x', Limits.MaxSnapshotBytes))));
        Assert.NotNull(await SnapshotAsync(purse, new Label("small again")));
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

        Assert.Equal((2, null), (commit.Events.Count, purse.Store.LastSnapshot));
        Assert.Equal(3, (await SnapshotAsync(purse, new Add(1)))?.Version); // The next commit has room.
    }

    [Theory]
    [InlineData("""{"total":5,"label":""}""", null)]
    [InlineData("""{"label":"","total":5}""", null)]
    [InlineData("""{"total":99,"label":""}""", "~snapshot")]
    public async Task Verifying_compares_the_snapshot_with_the_fold(string data, string? broken)
    {
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> aggregate = Purse.With(new SnapshotSchema(1, EveryEvents: 5));
        Commit commit = await new PurseInstance(new InMemoryEventStore()).CommitAsync(new AddOneByOne(5));
        StoredSnapshot snapshot = new(5, 1, Encoding.UTF8.GetBytes(data));
        await store.AppendAsync(StreamHead.StartOf(commit.Stream), commit, snapshot, TestContext.Current.CancellationToken);

        IAggregateHistory history = new AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection>(
            aggregate, store, TimeProvider.System, new CommandHandlerOptions()).History;

        Assert.Equal(broken, (await history.CheckSnapshotAsync(commit.Stream, TestContext.Current.CancellationToken))?.Id);
    }

    private static async Task<StoredSnapshot?> SnapshotAsync(PurseInstance purse, PurseCommand command)
    {
        await purse.CommitAsync(command);
        return purse.Store.LastSnapshot;
    }
}
