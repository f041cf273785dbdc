using Xunit;
using static Serverless.EventSourcing.Testing.ContractData;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Every guarantee of <see cref="IEventStore"/> as a test. Inherit it in a test project and return the store; it may be shared and
/// hold other streams. What is read back is in <see cref="EventStoreReadContract"/>.
/// </summary>
public abstract class EventStoreContract
{
    protected abstract IEventStore Store { get; }

    [Fact]
    public async Task An_append_moves_the_head_by_the_number_of_its_events()
    {
        StreamName stream = NewStream();
        AppendResult first = await Store.AppendAsync(StreamHead.StartOf(stream), CommitAfter(StreamHead.StartOf(stream), events: 3), Token);
        StreamHead head = Assert.IsType<AppendResult.Appended>(first).Head;
        AppendResult second = await Store.AppendAsync(head, CommitAfter(head, events: 2), Token);

        Assert.Equal(3, head.Version);
        Assert.Equal(stream, head.Stream);
        Assert.Equal(5, Assert.IsType<AppendResult.Appended>(second).Head.Version);
        Assert.Equal(5, (await Store.ReadHeadAsync(stream, Token)).Version);
        Assert.Equal([1, 4], (await Store.ReadAllAsync(stream)).Select(c => c.FirstVersion));
    }

    [Theory]
    [InlineData("append")]
    [InlineData("head")]
    [InlineData("load")]
    [InlineData("load of a snapshot")]
    [InlineData("tail")]
    [InlineData("empty tail")]
    public async Task Every_commit_takes_in_the_hash_of_the_one_before_it_however_the_head_was_found(string way)
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        StoredSnapshot? snapshot = way == "load of a snapshot" ? Snapshot(version: 2, schema: 1) : null;
        AppendResult first = await Store.AppendAsync(start, CommitAfter(start, events: 2), snapshot, Token);
        StreamHead appended = Assert.IsType<AppendResult.Appended>(first).Head;

        StreamHead head = way switch
        {
            "append" => appended,
            "head" => await Store.ReadHeadAsync(stream, Token),
            "tail" => (await Store.ReadTailAsync(start, [], Token)).Head,
            "empty tail" => (await Store.ReadTailAsync(appended, [], Token)).Head,
            _ => (await Store.LoadAsync(stream, new SnapshotSchema(1, 10), Token)).Head,
        };
        await Store.AppendAsync(head, CommitAfter(head), Token);

        List<Commit> commits = await Store.ReadAllAsync(stream);
        Assert.Equal([null, commits[0].Hash], commits.Select(c => c.PreviousHash));
        Assert.Matches("^[0-9a-f]{64}$", commits[0].Hash);
        Assert.NotEqual(commits[0].Hash, commits[1].Hash);
    }

    [Fact]
    public async Task A_second_append_after_the_same_head_conflicts_and_writes_nothing()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        Commit winner = await Store.AppendAsync(CommitAfter(start, events: 2));

        AppendResult result = await Store.AppendAsync(start, CommitAfter(start, events: 5), Token);

        Assert.IsType<AppendResult.Conflict>(result);
        AssertSame([winner], await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task An_append_behind_the_end_of_the_stream_conflicts_wherever_it_is()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 3);

        for (long version = 0; version < 3; version++)
        {
            StreamHead old = StreamHead.SeenByStore(stream, version);
            Assert.IsType<AppendResult.Conflict>(await Store.AppendAsync(old, CommitAfter(old), Token));
        }
        AssertSame(commits, await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task Commits_that_are_written_together_are_read_as_if_they_came_one_after_the_other()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        Commit[] commits = Following(start, 1, 3, 1);

        AppendResult.Appended appended = Assert.IsType<AppendResult.Appended>(await Store.AppendManyAsync(start, commits, Snapshot(5, schema: 1), Token));

        Assert.Equal((5L, 5L), (appended.Head.Version, appended.SnapshotVersion));
        List<Commit> stored = await Store.ReadAllAsync(stream);
        AssertSame(commits, stored);
        Assert.Equal([null, stored[0].Hash, stored[1].Hash], stored.Select(c => c.PreviousHash));
        Assert.Equal(stored.Select(c => c.Hash), appended.Commits.Select(c => c.Hash));
        Assert.Equal(5, (await Store.LoadAsync(stream, new SnapshotSchema(1, EveryEvents: 5), Token)).Snapshot!.Version);
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(appended.Head, CommitAfter(appended.Head), Token));
    }

    [Fact]
    public async Task Of_commits_that_are_written_together_none_is_there_when_one_conflicts()
    {
        StreamName stream = NewStream();
        Commit first = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream)));
        StreamHead head = StreamHead.SeenByStore(first);
        Commit[] commits = Following(head, 1, 1, 1);

        // One of them was committed before; and all of them, but a rival is there.
        commits[1] = commits[1] with { Metadata = commits[1].Metadata with { CommandId = first.Metadata.CommandId } };
        Assert.IsType<AppendResult.Conflict>(await Store.AppendManyAsync(head, commits, snapshot: null, Token));
        Assert.IsType<AppendResult.Conflict>(await Store.AppendManyAsync(StreamHead.StartOf(stream), Following(StreamHead.StartOf(stream), 1, 1), snapshot: null, Token));

        AssertSame([first], await Store.ReadAllAsync(stream));
        StreamTail tail = await Store.ReadTailAsync(head, [.. commits.Select(c => c.Metadata.CommandId)], Token);
        Assert.Equal([first.Metadata.CommandId], tail.Duplicates.Select(c => c.Metadata.CommandId));
    }

    [Fact]
    public async Task The_most_commits_are_written_in_one_transaction_and_found_by_their_ids()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        Commit[] commits = Following(start, [.. Enumerable.Repeat(1, Limits.MaxCommitsPerAppend)]);

        Assert.IsType<AppendResult.Appended>(await Store.AppendManyAsync(start, commits, Snapshot(Limits.MaxCommitsPerAppend, schema: 1), Token));

        StreamTail tail = await Store.ReadTailAsync(StreamHead.SeenByStore(stream, 90), [.. commits.Select(c => c.Metadata.CommandId)], Token);
        AssertSame(commits, tail.Duplicates);
        AssertSame(commits[90..], tail.Commits);
    }

    [Fact]
    public async Task Commits_that_are_too_large_together_are_refused_and_nothing_is_written()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        Commit[] commits = [.. Following(start, 1, 1).Select(c => c with { Events = [c.Events[0] with { Data = Text(Limits.MaxCommitBytes / 2) }] })];

        CommitTooLargeException refused = await Assert.ThrowsAsync<CommitTooLargeException>(() => Store.AppendManyAsync(start, commits, snapshot: null, Token));

        Assert.True(refused.SizeBytes > Limits.MaxCommitBytes);
        Assert.Empty(await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task Of_many_parallel_appends_after_the_same_head_exactly_one_wins()
    {
        StreamName stream = NewStream();
        Commit first = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream)));
        StreamHead head = StreamHead.SeenByStore(stream, 1);
        // Different lengths, so that a store that looks at the last version only would let several in.
        Commit[] rivals = [.. Enumerable.Range(1, 16).Select(events => CommitAfter(head, events))];

        AppendResult[] results = await Task.WhenAll(rivals.Select(commit => Task.Run(() => Store.AppendAsync(head, commit, Token))));

        int winner = Assert.Single(Enumerable.Range(0, rivals.Length), i => results[i] is AppendResult.Appended);
        Assert.Equal(15, results.Count(r => r is AppendResult.Conflict));
        AssertSame([first, rivals[winner]], await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task Parallel_writers_that_follow_the_tail_all_get_in_without_gap_or_fork()
    {
        const int Writers = 8;
        const int CommitsEach = 4;
        StreamName stream = NewStream();
        await Task.WhenAll(Enumerable.Range(1, Writers).Select(writer => Task.Run(async () =>
        {
            StreamHead head = StreamHead.StartOf(stream);
            for (int i = 0; i < CommitsEach;)
            {
                if (await Store.AppendAsync(head, CommitAfter(head, events: 1 + writer % 3, $"{writer}-{i}"), Token) is AppendResult.Appended appended)
                {
                    head = appended.Head;
                    i++;
                }
                else
                {
                    head = (await Store.ReadTailAsync(head, [], Token)).Head;
                }
            }
        })));

        List<Commit> commits = await Store.ReadAllAsync(stream);
        Assert.Equal(Writers * CommitsEach, commits.Select(c => c.Metadata.CommandId).Distinct().Count());
        long version = 0;
        foreach (Commit commit in commits)
        {
            Assert.Equal(version + 1, commit.FirstVersion);
            version = commit.LastVersion;
        }
    }

    [Fact]
    public async Task A_command_is_committed_once_even_on_the_newest_head()
    {
        StreamName stream = NewStream();
        Commit first = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream), commandId: "once"));
        StreamHead head = StreamHead.SeenByStore(stream, 1);

        Assert.IsType<AppendResult.Conflict>(await Store.AppendAsync(head, CommitAfter(head, commandId: "once"), Token));
        AssertSame([first], await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task A_command_id_far_back_in_the_stream_is_still_refused()
    {
        StreamName stream = NewStream();
        List<Commit> commits = await Store.AppendManyAsync(stream, 60);
        StreamHead head = StreamHead.SeenByStore(stream, 60);

        Assert.IsType<AppendResult.Conflict>(
            await Store.AppendAsync(head, CommitAfter(head, commandId: commits[0].Metadata.CommandId), Token));
        Assert.Equal(60, (await Store.ReadHeadAsync(stream, Token)).Version);
    }

    [Fact]
    public async Task Of_parallel_repetitions_of_one_command_exactly_one_is_committed()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);

        AppendResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => Store.AppendAsync(start, CommitAfter(start, commandId: "repeated"), Token))));

        Assert.Single(results, r => r is AppendResult.Appended);
        Assert.Single(await Store.ReadAllAsync(stream));
    }

    [Fact]
    public async Task A_command_that_lost_a_race_can_be_committed_later()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        await Store.AppendAsync(CommitAfter(start));
        Assert.IsType<AppendResult.Conflict>(await Store.AppendAsync(start, CommitAfter(start, commandId: "late"), Token));

        StreamHead head = StreamHead.SeenByStore(stream, 1);
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(head, CommitAfter(head, commandId: "late"), Token));
    }

    [Fact]
    public async Task The_same_command_id_is_free_in_another_stream()
    {
        await Store.AppendAsync(CommitAfter(StreamHead.StartOf(NewStream()), commandId: "shared"));
        await Store.AppendAsync(CommitAfter(StreamHead.StartOf(NewStream()), commandId: "shared"));
    }

    [Fact]
    public async Task Command_ids_that_differ_in_case_are_different()
    {
        StreamName stream = NewStream();
        await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream), commandId: "Case"));
        await Store.AppendAsync(CommitAfter(StreamHead.SeenByStore(stream, 1), commandId: "case"));

        StreamTail tail = await Store.ReadTailAsync(StreamHead.StartOf(stream), "case", Token);
        Assert.Equal(2, tail.Duplicate?.FirstVersion);
    }

    [Fact]
    public async Task Streams_do_not_see_each_other()
    {
        string id = NewId();
        Commit lower = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(StreamName.Create("contract", id + "a"))));
        Commit upper = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(StreamName.Create("contract", id + "A"))));
        Commit longer = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(StreamName.Create("contract", id + "aa"))));

        foreach (Commit commit in (Commit[])[lower, upper, longer])
        {
            AssertSame([commit], await Store.ReadAllAsync(commit.Stream));
            AssertSame([commit], (await Store.LoadAsync(commit.Stream, null, Token)).Commits);
        }
    }

    [Fact]
    public async Task A_commit_holds_as_many_events_as_the_limit_says()
    {
        StreamName stream = NewStream();
        Commit commit = await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream), Limits.MaxEventsPerCommit));

        AssertSame([commit], await Store.ReadAllAsync(stream));
        Assert.Equal(Limits.MaxEventsPerCommit, (await Store.ReadHeadAsync(stream, Token)).Version);
    }

    [Fact]
    public async Task A_commit_near_the_limit_of_bytes_is_stored()
    {
        StreamName stream = NewStream();
        Commit commit = await Store.AppendAsync(WithText(StreamHead.StartOf(stream), Limits.MaxCommitBytes - 4096));

        AssertSame([commit], (await Store.LoadAsync(stream, null, Token)).Commits);
    }

    [Fact]
    public async Task A_commit_over_the_limit_of_bytes_is_refused_and_nothing_is_written()
    {
        StreamHead start = StreamHead.StartOf(NewStream());

        CommitTooLargeException refused = await Assert.ThrowsAsync<CommitTooLargeException>(
            () => Store.AppendAsync(start, WithText(start, Limits.MaxCommitBytes), Token));

        Assert.Equal(start.Stream, refused.Stream);
        Assert.True(refused.SizeBytes > Limits.MaxCommitBytes);
        Assert.Empty(await Store.ReadAllAsync(start.Stream));
    }

    [Fact]
    public async Task A_commit_that_does_not_continue_its_head_is_refused()
    {
        StreamHead start = StreamHead.StartOf(NewStream());
        Commit good = CommitAfter(start);
        Commit[] broken =
        [
            good with { FirstVersion = 2 },
            good with { FirstVersion = 0 },
            good with { Stream = NewStream() },
            good with { Events = [] },
            CommitAfter(start, Limits.MaxEventsPerCommit + 1),
            good with { Metadata = good.Metadata with { CommandId = "" } },
            good with { Metadata = good.Metadata with { CommandId = "with space" } },
            good with { Metadata = good.Metadata with { CommandId = new string('x', Limits.MaxCommandIdLength + 1) } },
        ];
        foreach (Commit commit in broken)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.AppendAsync(start, commit, Token));
        }
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.AppendAsync(start, good, Snapshot(version: 2, schema: 1), Token));
        Assert.Empty(await Store.ReadAllAsync(start.Stream));
    }

    [Theory]
    [InlineData("append")]
    [InlineData("head")]
    [InlineData("load")]
    [InlineData("load of a snapshot")]
    [InlineData("tail")]
    public async Task A_commit_is_never_stamped_before_the_one_it_follows(string way)
    {
        StreamHead start = StreamHead.StartOf(NewStream());
        AppendResult first = await Store.AppendAsync(start, CommitAfter(start), way == "load of a snapshot" ? Snapshot(version: 1, schema: 1) : null, Token);
        StreamHead head = way switch
        {
            "append" => Assert.IsType<AppendResult.Appended>(first).Head,
            "head" => await Store.ReadHeadAsync(start.Stream, Token),
            "tail" => (await Store.ReadTailAsync(start, [], Token)).Head,
            _ => (await Store.LoadAsync(start.Stream, new SnapshotSchema(1, 10), Token)).Head,
        };
        Commit second = CommitAfter(head);

        Assert.Equal(Noon, head.Timestamp);
        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => Store.AppendAsync(head, second with { Metadata = second.Metadata with { Timestamp = Noon.AddTicks(-1) } }, Token));
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(head, second, Token));
    }

    [Fact]
    public async Task A_bare_version_becomes_a_head_only_where_the_stream_ends()
    {
        StreamName stream = NewStream();
        await Store.AppendAsync(CommitAfter(StreamHead.StartOf(stream), events: 3));

        StreamHead head = await Store.FindHeadAsync(stream, expectedVersion: 3, Token);
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(head, CommitAfter(head), Token));
        foreach (long wrong in (long[])[0, 2, 3, 5, 1000])
        {
            WrongExpectedVersionException e = await Assert.ThrowsAsync<WrongExpectedVersionException>(
                () => Store.FindHeadAsync(stream, wrong, Token));
            Assert.Equal((wrong, 4), (e.ExpectedVersion, e.ActualVersion));
        }
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_and_writes_nothing()
    {
        StreamName stream = NewStream();
        StreamHead start = StreamHead.StartOf(stream);
        CancellationToken cancelled = new(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendAsync(start, CommitAfter(start), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadHeadAsync(stream, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.LoadAsync(stream, null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadTailAsync(start, "any", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (Commit commit in Store.ReadAsync(stream, 1, cancelled))
            {
                Assert.Fail($"Read {commit.FirstVersion}.");
            }
        });
        Assert.Equal(0, (await Store.ReadHeadAsync(stream, Token)).Version);
    }

    private static Commit WithText(StreamHead head, int length) =>
        CommitAfter(head) with { Events = [new StoredEvent("contract.tested", 1, Text(length))] };
}
