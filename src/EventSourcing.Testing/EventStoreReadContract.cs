using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// The other half of <see cref="EventStoreContract"/>: what was appended is read by every later read, unchanged and in order.
/// </summary>
public abstract class EventStoreReadContract
{
    protected abstract IEventStore Store { get; }

    [Fact]
    public async Task A_stream_that_does_not_exist_is_empty()
    {
        StreamName stream = NewStream();

        Assert.Equal((stream, 0), Where(await Store.ReadHeadAsync(stream, Token)));
        StreamLoad load = await Store.LoadAsync(stream, new SnapshotSchema(1, 100), Token);
        Assert.Equal((stream, 0), Where(load.Head));
        Assert.Null(load.Snapshot);
        Assert.Empty(load.Commits);
        StreamTail tail = await Store.ReadTailAsync(StreamHead.StartOf(stream), "any", Token);
        Assert.Equal((stream, 0), Where(tail.Head));
        Assert.Null(tail.Duplicate);
        Assert.Empty(tail.Commits);
        Assert.Empty(await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task A_commit_is_read_back_unchanged_by_every_read()
    {
        StreamName stream = NewStream();
        Commit commit = CommitAfter(StreamHead.StartOf(stream), events: 2);
        commit = await Store.AppendAsync(commit with
        {
            Events = [new StoredEvent("contract.opened", 2, Utf8("""{"owner":"Alice"}""")), new StoredEvent("contract.closed", 1, Utf8("{}"))],
            Metadata = commit.Metadata with
            {
                CausationId = "cause/7",
                TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                CorrelationId = "conversation",
                Actor = "somebody",
                PolicyVersion = "2026-11",
            },
        });

        await AssertReadBackAsync(commit);
    }

    [Fact]
    public async Task What_a_commit_does_not_have_stays_absent()
    {
        StreamName stream = NewStream();
        Commit commit = CommitAfter(StreamHead.StartOf(stream));
        commit = await Store.AppendAsync(commit with
        {
            Metadata = commit.Metadata with { CommandData = default, CausationId = null, TraceParent = null },
        });

        await AssertReadBackAsync(commit);
    }

    [Theory]
    [InlineData("""{"text":"Grüße 你好 🦊 \u0000 \u2028 \ud83e\udd8a \"quoted\" back\\slash / </script>"}""")]
    [InlineData("""{"schlüssel":"name","你好":1,"":"empty name","with space":true}""")]
    [InlineData("""{"nothing":null,"yes":true,"no":false,"none":[],"nobody":{},"deep":{"a":[1,[2,{"b":"c"}]]}}""")]
    [InlineData("""{"id":"mine","_etag":"mine","_ts":1,"stream":"mine","commandId":"mine","$type":"mine"}""")]
    [InlineData("""{"time":"2026-11-23T09:30:00Z","offset":"2026-11-23T10:30:00+01:00","date":"2026-11-23","guid":"6F9619FF-8B86-D011-B42D-00CF4FC964FF"}""")]
    public async Task Json_of_every_kind_is_read_back_unchanged(string json) => await AppendAndReadBackAsync(json);

    /// <summary>As far as the numbers of JSON reach everywhere: doubles, and whole numbers up to 2^53. What needs more is a string.</summary>
    [Theory]
    [InlineData("""{"n":[0,1,-1,9007199254740991,-9007199254740991,2147483648,4294967296]}""")]
    [InlineData("""{"n":[0.1,-0.5,3.141592653589793,1e-7,1.5e300,123456.789]}""")]
    [InlineData("""{"decimal":"79228162514264337593543950335","exact":"0.10","long":"9223372036854775807"}""")]
    public async Task Numbers_are_read_back_unchanged(string json) => await AppendAndReadBackAsync(json);

    [Fact]
    public async Task A_load_without_snapshots_has_every_commit_in_order()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 12);

        StreamLoad load = await Store.LoadAsync(stream, new SnapshotSchema(1, EveryEvents: 5), Token);

        Assert.Null(load.Snapshot);
        Assert.Equal((stream, 12), Where(load.Head));
        AssertSame(commits, load.Commits);
    }

    [Fact]
    public async Task A_load_starts_at_the_newest_snapshot()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 12, version => version % 5 == 0 ? Snapshot(version, schema: 1) : null);

        StreamLoad load = await Store.LoadAsync(stream, new SnapshotSchema(1, EveryEvents: 5), Token);

        AssertSame(Snapshot(10, schema: 1), load.Snapshot);
        AssertSame(commits[10..], load.Commits);
        Assert.Equal(12, load.Head.Version);
    }

    [Fact]
    public async Task A_load_right_after_a_snapshot_has_no_commits()
    {
        StreamName stream = NewStream();
        await Store.AppendManyAsync(stream, 4, version => version == 4 ? Snapshot(version, schema: 1) : null);

        StreamLoad load = await Store.LoadAsync(stream, new SnapshotSchema(1, EveryEvents: 4), Token);

        AssertSame(Snapshot(4, schema: 1), load.Snapshot);
        Assert.Empty(load.Commits);
        Assert.Equal(4, load.Head.Version);
    }

    [Fact]
    public async Task A_stream_has_one_snapshot_and_a_load_for_another_schema_has_every_commit()
    {
        StreamName stream = NewStream();
        // Schema 1 at 3, schema 2 at 6 and at 9.
        List<Commit> commits = await Store.AppendManyAsync(
            stream, 10, version => version % 3 == 0 ? Snapshot(version, schema: version == 3 ? 1 : 2) : null);

        StreamLoad newest = await Store.LoadAsync(stream, new SnapshotSchema(2, EveryEvents: 3), Token);
        AssertSame(Snapshot(9, schema: 2), newest.Snapshot);
        AssertSame(commits[9..], newest.Commits);
        foreach (SnapshotSchema? other in (SnapshotSchema?[])[new(1, EveryEvents: 3), new(3, EveryEvents: 3), null])
        {
            StreamLoad load = await Store.LoadAsync(stream, other, Token);
            Assert.Null(load.Snapshot);
            AssertSame(commits, load.Commits);
            Assert.Equal(10, load.Head.Version);
        }
    }

    [Fact]
    public async Task A_snapshot_is_no_part_of_what_is_read_beside_a_load()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 3, version => Snapshot(version, schema: 1));

        AssertSame(commits, await Store.ReadAllAsync(stream));
        AssertSame(commits[1..], (await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 1), [], Token)).Commits);
        AssertSame(commits[1..], (await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 1), commits[0].Metadata.CommandId, Token)).Commits);
        Assert.Equal(3, (await Store.ReadHeadAsync(stream, Token)).Version);
    }

    [Fact]
    public async Task A_snapshot_comes_only_with_its_commit()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        await Store.AppendManyAsync(stream, 2, version => version == 2 ? Snapshot(version, schema: 1) : null);

        Assert.IsType<AppendResult.Conflict>(await Store.AppendAsync(start, CommitAfter(start), Snapshot(version: 1, schema: 1), Token));

        AssertSame(Snapshot(2, schema: 1), (await Store.LoadAsync(stream, new SnapshotSchema(1, EveryEvents: 2), Token)).Snapshot);
    }

    [Fact]
    public async Task A_snapshot_that_there_is_no_room_for_beside_its_commit_is_left_out()
    {
        StreamHead start = StreamHead.StartOf(NewStream());
        StoredEvent large = new("contract.tested", 1, Text(Limits.MaxCommitBytes - 100_000));

        AppendResult result = await Store.AppendAsync(
            start, CommitAfter(start) with { Events = [large] }, new StoredSnapshot(1, 1, Text(200_000)), Token);

        Assert.Null(Assert.IsType<AppendResult.Appended>(result).SnapshotVersion);
        StreamLoad load = await Store.LoadAsync(start.Stream, new SnapshotSchema(1, EveryEvents: 1), Token);
        Assert.Equal((1, null), (load.Head.Version, load.Snapshot));
    }

    [Fact]
    public async Task The_tail_is_what_came_after_the_head()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 7);

        StreamTail tail = await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 4), "unknown", Token);

        AssertSame(commits[4..], tail.Commits);
        Assert.Equal((stream, 7), Where(tail.Head));
        Assert.Null(tail.Duplicate);
    }

    [Fact]
    public async Task The_tail_at_the_end_of_the_stream_is_empty()
    {
        StreamName stream = NewStream();
        await Store.AppendManyAsync(stream, 3);

        StreamTail tail = await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 3), [], Token);

        Assert.Empty(tail.Commits);
        Assert.Equal(3, tail.Head.Version);
    }

    [Theory]
    [InlineData(1)] // Long before the head.
    [InlineData(4)] // The head itself.
    [InlineData(5)] // The tail's first.
    [InlineData(7)] // The newest.
    public async Task The_tail_names_the_commit_of_a_command_wherever_it_is(int version)
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 7);
        string commandId = commits[version - 1].Metadata.CommandId;

        StreamTail tail = await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 4), commandId, Token);

        AssertSame(commits[version - 1], tail.Duplicate);
        AssertSame(commits[4..], tail.Commits);
        Assert.Equal(7, tail.Head.Version);
    }

    [Fact]
    public async Task A_read_begins_with_the_commit_that_holds_the_version()
    {
        StreamName stream = NewStream();
        Commit first = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream), events: 3));
        Commit second = await Store.AppendAsync(CommitAfter(StreamHead.SeenByStore(stream, 3), events: 4));
        Commit third = await Store.AppendAsync(CommitAfter(StreamHead.SeenByStore(stream, 7)));

        foreach (long from in (long[])[1, 2, 3])
        {
            AssertSame([first, second, third], await Store.ReadAllAsync(stream, from));
        }
        foreach (long from in (long[])[4, 5, 7])
        {
            AssertSame([second, third], await Store.ReadAllAsync(stream, from));
        }
        AssertSame([third], await Store.ReadAllAsync(stream, 8));
        Assert.Empty(await Store.ReadAllAsync(stream, 9));
        Assert.Empty(await Store.ReadAllAsync(stream, Limits.MaxVersion));
    }

    [Fact]
    public async Task A_read_inside_the_last_commit_has_that_commit()
    {
        StreamName stream = NewStream();
        Commit only = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream), events: 5));

        AssertSame([only], await Store.ReadAllAsync(stream, 5));
    }

    [Fact]
    public async Task A_long_stream_is_read_whole_and_in_order()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 230);

        AssertSame(commits, await Store.ReadAllAsync(stream));
        AssertSame(commits[57..], await Store.ReadAllAsync(stream, 58));
        AssertSame(commits, (await Store.LoadAsync(stream, null, Token)).Commits);
        AssertSame(commits[1..], (await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 1), [], Token)).Commits);
    }

    [Fact]
    public async Task A_reader_may_stop_early()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 3);

        await foreach (Commit commit in Store.ReadAsync(stream, 1, Token))
        {
            AssertSame(commits[0], commit);
            break;
        }
    }

    private async Task AppendAndReadBackAsync(string json)
    {
        StreamName stream = NewStream();
        Commit commit = CommitAfter(StreamHead.StartOf(stream));
        StoredSnapshot snapshot = new(1, 1, Utf8(json));
        commit = await Store.AppendAsync(
            commit with
            {
                Events = [new StoredEvent("contract.tested", 1, Utf8(json))],
                Metadata = commit.Metadata with { CommandData = Utf8(json), Actor = "user:aad:1", ActorName = "Zoë 🦊", CorrelationId = "gespräch-\"1\"" },
            },
            snapshot);
        await AssertReadBackAsync(commit);
        AssertSame(snapshot, (await Store.LoadAsync(stream, new SnapshotSchema(1, EveryEvents: 1), Token)).Snapshot);
    }

    private async Task AssertReadBackAsync(Commit commit)
    {
        AssertSame([commit], await Store.ReadAllAsync(commit.Stream));
        AssertSame([commit], (await Store.LoadAsync(commit.Stream, null, Token)).Commits);
        StreamTail tail = await Store.ReadTailAsync(StreamHead.StartOf(commit.Stream), commit.Metadata.CommandId, Token);
        AssertSame([commit], tail.Commits);
        AssertSame(commit, tail.Duplicate);
    }

    private static (StreamName Stream, long Version) Where(StreamHead head) => (head.Stream, head.Version);
}
