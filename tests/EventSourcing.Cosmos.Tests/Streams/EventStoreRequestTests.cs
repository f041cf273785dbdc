using Microsoft.Azure.Cosmos;
using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Requests and charges of each operation of the store, and what it does about a hole.</summary>
public sealed class EventStoreRequestTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private const int EveryEvents = 100;

    private static readonly SnapshotSchema Schema = new(1, EveryEvents);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_append_and_a_conflict_are_one_create()
    {
        StreamName stream = await WriteAsync(events: 1);
        StreamHead head = StreamHead.SeenByStore(stream, 1);

        AppendResult? result = null;
        Assert.Equal([Create], await RequestsOfAsync(async () => result = await account.Events.AppendAsync(head, TestCommits.At(stream, 2), Token)));
        Assert.True(Assert.IsType<AppendResult.Appended>(result).RequestCharge > 0);
        Assert.Equal([Create], await RequestsOfAsync(async () => result = await account.Events.AppendAsync(head, TestCommits.At(stream, 2), Token)));
        Assert.True(Assert.IsType<AppendResult.Conflict>(result).RequestCharge > 0);
    }

    [Fact]
    public async Task An_append_that_breaks_a_rule_or_is_too_large_is_no_request()
    {
        StreamName stream = await WriteAsync(events: 1);
        StreamHead head = StreamHead.SeenByStore(stream, 1);
        Commit large = TestCommits.At(stream, 2) with { Events = [new StoredEvent("counter.counted", 1, new byte[Limits.MaxCommitBytes + 1])] };

        Assert.Empty(await RequestsOfAsync(async () =>
        {
            await Assert.ThrowsAsync<CommitTooLargeException>(() => account.Events.AppendAsync(head, large, Token));
            await Assert.ThrowsAsync<ArgumentException>(() => account.Events.AppendAsync(head, TestCommits.At(stream, 3), Token));
        }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(10_000)]
    public async Task A_stream_of_any_length_is_loaded_with_one_query(int events)
    {
        StreamName stream = await WriteAsync(events);

        StreamLoad? load = null;
        Assert.Equal([Query], await RequestsOfAsync(async () => load = await account.Events.LoadAsync(stream, Schema, Token)));
        Assert.Equal(events, load!.Head.Version);
        Assert.Equal(events >= EveryEvents ? events : null, load.Snapshot?.Version);
        Assert.True(load.RequestCharge > 0);
    }

    [Fact]
    public async Task An_append_with_a_snapshot_and_its_conflict_are_one_batch()
    {
        StreamName stream = await WriteAsync(events: 1);
        StreamHead head = await account.Events.ReadHeadAsync(stream, Token);

        AppendResult? result = null;
        Assert.Equal([Batch], await RequestsOfAsync(async () => result = await account.Events.AppendAsync(head, TestCommits.At(stream, 2), SnapshotAt(2), Token)));
        Assert.Equal(2, Assert.IsType<AppendResult.Appended>(result).SnapshotVersion);
        Assert.Equal([Batch], await RequestsOfAsync(async () => result = await account.Events.AppendAsync(head, TestCommits.At(stream, 2), SnapshotAt(2), Token)));
        Assert.True(Assert.IsType<AppendResult.Conflict>(result).RequestCharge > 0);
    }

    [Fact]
    public async Task A_stray_document_that_stands_in_the_way_of_the_snapshot_does_not_stand_in_the_way_of_the_commit()
    {
        StreamName stream = await WriteAsync(events: 1);
        StreamHead head = await account.Events.ReadHeadAsync(stream, Token);
        // It has no command id, and in one stream only one document may be without.
        await WriteItemAsync(stream, $$"""{"id":"x","stream":"{{stream}}"}""");

        AppendResult result = await account.Events.AppendAsync(head, TestCommits.At(stream, 2), SnapshotAt(2), Token);

        Assert.Null(Assert.IsType<AppendResult.Appended>(result).SnapshotVersion);
        Assert.Equal(2, (await account.Events.LoadAsync(stream, snapshotSchema: null, Token)).Head.Version);
    }

    [Theory]
    [InlineData("""{"id":"~snapshot","stream":"STREAM","v":1,"data":{}}""")] // No snapshot that can be read.
    [InlineData("""{"id":"~snapshot","stream":"STREAM","format":1,"version":9,"hash":"h","time":"2026-11-23T09:30:00Z","v":1,"data":{"sum":99}}""")] // Of a stream that was longer.
    [InlineData("""{"id":"~snapshot","stream":"STREAM","format":1,"version":2,"hash":"h","time":"2026-11-23T09:30:00Z","v":1,"data":{"sum":99}}""")] // Of other commits.
    public async Task A_snapshot_that_does_not_fit_the_commits_is_ignored(string item)
    {
        StreamName stream = await WriteAsync(events: 3);
        await WriteItemAsync(stream, item.Replace("STREAM", stream.Value, StringComparison.Ordinal));

        StreamLoad load = await account.Events.LoadAsync(stream, Schema, Token);

        Assert.Equal((3, null, 3), (load.Head.Version, load.Snapshot, load.Commits.Count));
    }

    [Fact]
    public async Task A_stream_without_commits_is_empty_whatever_its_snapshot_says()
    {
        StreamName stream = Counter.NewStream();
        await WriteItemAsync(
            stream, $$"""{"id":"~snapshot","stream":"{{stream}}","format":1,"version":9,"hash":"h","time":"2026-11-23T09:30:00Z","v":1,"data":{"sum":99} }""");

        StreamLoad load = await account.Events.LoadAsync(stream, Schema, Token);

        Assert.Equal((0, null), (load.Head.Version, load.Snapshot));
    }

    [Fact]
    public async Task Head_and_tail_are_one_query_each_wherever_the_command_is()
    {
        StreamName stream = await WriteAsync(events: 300);
        string oldCommand = (await FirstAsync(stream)).Metadata.CommandId;
        StreamHead head = StreamHead.SeenByStore(stream, 290);

        Assert.Equal([Query], await RequestsOfAsync(async () => await account.Events.ReadHeadAsync(stream, Token)));
        StreamTail? tail = null;
        Assert.Equal([Query], await RequestsOfAsync(async () => tail = await account.Events.ReadTailAsync(head, oldCommand, Token)));
        Assert.Equal((10, 1), (tail!.Commits.Count, tail.Duplicate!.FirstVersion));
        Assert.True(tail.RequestCharge > 0);
    }

    [Fact]
    public async Task A_read_is_one_query_when_it_begins_with_a_commit_and_two_when_inside_one()
    {
        StreamName stream = await WriteAsync(events: 3);
        StreamHead head = StreamHead.SeenByStore(stream, 3);
        await account.Events.AppendAsync(head, TestCommits.At(stream, 4, events: 5), Token);

        Assert.Equal([Query], await RequestsOfAsync(async () => Assert.Equal(4, await CountAsync(stream, from: 1))));
        Assert.Equal([Query], await RequestsOfAsync(async () => Assert.Equal(1, await CountAsync(stream, from: 4))));
        Assert.Equal([Query, Query], await RequestsOfAsync(async () => Assert.Equal(1, await CountAsync(stream, from: 6))));
    }

    [Fact]
    public async Task A_reader_who_stops_at_the_first_commit_of_a_long_stream_has_asked_once()
    {
        StreamName stream = await WriteAsync(events: 1_000);

        Assert.Equal([Query], await RequestsOfAsync(async () => await FirstAsync(stream)));
    }

    [Fact]
    public async Task A_hole_in_a_stream_is_an_error_and_never_a_state()
    {
        StreamName stream = await WriteAsync(events: 6);
        await account.Container(ContainerNames.Events).DeleteItemAsync<object>(
            Commit.IdOf(4), new PartitionKey(stream.Value), cancellationToken: Token);

        StreamGapException load = await Assert.ThrowsAsync<StreamGapException>(() => account.Events.LoadAsync(stream, Schema, Token));
        StreamGapException tail = await Assert.ThrowsAsync<StreamGapException>(
            () => account.Events.ReadTailAsync(StreamHead.SeenByStore(stream, 2), "any", Token));

        Assert.Equal((4, 5), (load.ExpectedVersion, load.ActualVersion));
        Assert.Equal((4, 5), (tail.ExpectedVersion, tail.ActualVersion));
    }

    [Fact]
    public async Task An_item_that_is_no_commit_is_an_error_that_names_it()
    {
        StreamName stream = await WriteAsync(events: 1);
        await WriteItemAsync(stream, $$"""{"id":"0000000002","stream":"{{stream}}","commandId":"x"}""");

        CommitFormatException e = await Assert.ThrowsAsync<CommitFormatException>(() => account.Events.LoadAsync(stream, Schema, Token));
        Assert.Equal(("0000000002", stream.Value), (e.Id, e.Stream));
    }

    private async Task<CosmosRequestKind[]> RequestsOfAsync(Func<Task> action)
    {
        account.SkipUnlessRequestsAreSeen();
        return await account.Requests.OfAsync(action);
    }

    /// <summary>One commit per event up to a few hundred, larger ones beyond; a snapshot every <see cref="EveryEvents"/> events.</summary>
    private async Task<StreamName> WriteAsync(int events)
    {
        StreamName stream = Counter.NewStream();
        int perCommit = events > 1_000 ? 10 : 1;
        StreamHead head = StreamHead.StartOf(stream);
        while (head.Version < events)
        {
            Commit commit = TestCommits.At(stream, head.Version + 1, perCommit);
            StoredSnapshot? snapshot = commit.LastVersion % EveryEvents == 0 ? SnapshotAt(commit.LastVersion) : null;
            head = Assert.IsType<AppendResult.Appended>(await account.Events.AppendAsync(head, commit, snapshot, Token)).Head;
        }
        await account.Events.ReadHeadAsync(stream, Token); // Warms what the client reads once before its first query.
        return stream;
    }

    private async Task WriteItemAsync(StreamName stream, string json)
    {
        using MemoryStream item = new(System.Text.Encoding.UTF8.GetBytes(json));
        using ResponseMessage response = await account.Container(ContainerNames.Events).CreateItemStreamAsync(
            item, new PartitionKey(stream.Value), cancellationToken: Token);
        response.EnsureSuccessStatusCode();
    }

    private static StoredSnapshot SnapshotAt(long version) => new(version, 1, """{"sum":1}"""u8.ToArray());

    private async Task<int> CountAsync(StreamName stream, long from)
    {
        int count = 0;
        await foreach (Commit _ in account.Events.ReadAsync(stream, from, Token))
        {
            count++;
        }
        return count;
    }

    private async Task<Commit> FirstAsync(StreamName stream)
    {
        await foreach (Commit commit in account.Events.ReadAsync(stream, 1, Token))
        {
            return commit;
        }
        throw new InvalidOperationException("The stream is empty.");
    }
}
