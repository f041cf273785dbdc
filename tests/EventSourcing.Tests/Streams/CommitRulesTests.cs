using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class CommitRulesTests
{
    private static readonly Commit Good = History.Of(Purse.Definition, "1").Commit(new Added(1), new Added(2)).Commits[0] with { FirstVersion = 4 };

    private static readonly StreamHead Head = StreamHead.SeenByStore(Purse.Stream("1"), 3);

    [Fact]
    public void A_commit_that_continues_the_head_is_good()
    {
        CommitRules.Check(Head, [Good], snapshot: null);
        CommitRules.Check(Head, [Good], new StoredSnapshot(5, 1, "{}"u8.ToArray()));
    }

    [Fact]
    public void It_must_continue_the_head()
    {
        AssertRefused("does not continue", Good with { FirstVersion = 3 });
        AssertRefused("does not continue", Good with { FirstVersion = 5 });
        AssertRefused("does not continue", Good with { Stream = Purse.Stream("2") });
    }

    [Fact]
    public void It_has_events_but_not_too_many()
    {
        AssertRefused("1 to 1000 events", Good with { Events = [] });
        AssertRefused("1 to 1000 events", Good with { Events = [.. Enumerable.Repeat(Good.Events[0], Limits.MaxEventsPerCommit + 1)] });
        CommitRules.Check(Head, [Good with { Events = [.. Enumerable.Repeat(Good.Events[0], Limits.MaxEventsPerCommit)] }], snapshot: null);
    }

    [Fact]
    public void Its_last_version_still_fits_into_an_id()
    {
        StreamHead almost = StreamHead.SeenByStore(Purse.Stream("1"), Limits.MaxVersion - 2);
        CommitRules.Check(almost, [Good with { FirstVersion = Limits.MaxVersion - 1 }], snapshot: null);

        StreamHead end = StreamHead.SeenByStore(Purse.Stream("1"), Limits.MaxVersion - 1);
        Assert.Contains(
            "beyond version",
            Assert.Throws<ArgumentException>(() => CommitRules.Check(end, [Good with { FirstVersion = Limits.MaxVersion }], snapshot: null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_is_of_its_last_version() =>
        AssertRefused("snapshot of version 4", Good, new StoredSnapshot(4, 1, "{}"u8.ToArray()));

    [Fact]
    public void It_is_not_stamped_before_the_commit_that_it_follows()
    {
        DateTimeOffset time = Good.Metadata.Timestamp;
        CommitRules.Check(StreamHead.SeenByStore(Purse.Stream("1"), 3, timestamp: time), [Good], snapshot: null);

        StreamHead later = StreamHead.SeenByStore(Purse.Stream("1"), 3, timestamp: time.AddTicks(1));
        Assert.Contains(
            "before the one it follows",
            Assert.Throws<ArgumentException>(() => CommitRules.Check(later, [Good], snapshot: null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Several_continue_each_other_and_have_ids_of_their_own()
    {
        Commit second = Good with { FirstVersion = 6, Metadata = Good.Metadata with { CommandId = "another" } };
        CommitRules.Check(Head, [Good, second], new StoredSnapshot(7, 1, "{}"u8.ToArray()));

        AssertAllRefused("does not continue", [Good, second with { FirstVersion = 7 }]);
        AssertAllRefused("can't be committed", [Good, second with { Metadata = Good.Metadata }]);
        AssertAllRefused("before the one it follows", [Good, second with { Metadata = second.Metadata with { Timestamp = Good.Metadata.Timestamp.AddTicks(-1) } }]);
        AssertAllRefused("snapshot of version 5", [Good, second], new StoredSnapshot(5, 1, "{}"u8.ToArray()));
        AssertAllRefused("1 to 99 commits", []);
        AssertAllRefused("1 to 99 commits", [.. Enumerable.Repeat(Good, Limits.MaxCommitsPerAppend + 1)]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("é")]
    [InlineData("\u007f")]
    public void A_command_id_is_visible_ascii(string id) =>
        AssertRefused("command id", Good with { Metadata = Good.Metadata with { CommandId = id } });

    [Fact]
    public void A_command_id_has_128_characters_at_most()
    {
        Assert.True(CommitRules.IsCommandId(new string('x', 128)));
        Assert.False(CommitRules.IsCommandId(new string('x', 129)));
        Assert.False(CommitRules.IsCommandId(null));
        Assert.True(CommitRules.IsCommandId("!~"));
    }

    [Fact]
    public void A_head_is_within_the_versions_there_can_be()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => StreamHead.SeenByStore(Purse.Stream("1"), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => StreamHead.SeenByStore(Purse.Stream("1"), Limits.MaxVersion + 1));
        Assert.Equal("0000000007", Commit.IdOf(7));
        Assert.Equal("9999999999", Commit.IdOf(Limits.MaxVersion));
    }

    private static void AssertAllRefused(string because, Commit[] commits, StoredSnapshot? snapshot = null) =>
        Assert.Contains(because, Assert.Throws<ArgumentException>(() => CommitRules.Check(Head, commits, snapshot)).Message, StringComparison.Ordinal);

    private static void AssertRefused(string because, Commit commit, StoredSnapshot? snapshot = null) => AssertAllRefused(because, [commit], snapshot);
}
