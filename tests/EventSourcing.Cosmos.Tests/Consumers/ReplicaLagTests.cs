using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Faults;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>Two hosts with a session each, and replicas that miss what the other one has just written: no consumer does anything twice, or over it.</summary>
public sealed class ReplicaLagTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static readonly FaultRule MissesTheNewest = new() { Effect = FaultEffect.ReplicaLag(1) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_view_counts_every_event_once_when_hosts_take_turns()
    {
        DocumentView<CounterState, CounterEvent> view = View($"sums-{Guid.NewGuid():N}");
        StreamName stream = Counter.NewStream();
        Projector[] hosts = [await NewHostAsync(), await NewHostAsync()];
        StreamHead head = StreamHead.StartOf(stream);
        using (account.Meet(MissesTheNewest))
        {
            for (int version = 1; version <= 10; version++)
            {
                Commit commit = TestCommits.At(stream, version);
                head = Assert.IsType<AppendResult.Appended>(await account.Events.AppendAsync(head, commit, Token)).Head;
                await hosts[version % 2].ApplyAsync(view, [commit], Token);
                await hosts[(version + 1) % 2].ApplyAsync(view, [commit], Token); // Delivered to both.
            }
        }

        ViewDocument document = Assert.Single((await account.Views.ReadAsync(new ViewPartition(view.Name, 1, stream.Id), [ViewDocument.SingleId], Token)).Documents);
        Assert.Equal(10, document.Seen[stream.Value]);
        Assert.Equal(10, JsonSerializer.Deserialize(document.Data.Span, CounterJson.Default.CounterState)!.Sum);
    }

    [Fact]
    public async Task A_fence_is_never_moved_back_by_a_host_that_read_an_old_one()
    {
        StreamName stream = Counter.NewStream();
        CosmosFenceStore mine = new(await NewContainerAsync(ContainerNames.Fences));
        CosmosFenceStore other = new(await NewContainerAsync(ContainerNames.Fences));
        Assert.True((await mine.TryWriteAsync(new StreamFence { Consumer = "p@1", Stream = stream, Version = 1 }, Token)).IsWritten);
        StreamFence first = (await other.ReadAsync("p@1", stream, Token)).Fence!;
        using ActiveFault lag = account.Meet(MissesTheNewest);
        Assert.True((await other.TryWriteAsync(first with { Version = 5 }, Token)).IsWritten);

        CosmosFenceStore late = new(await NewContainerAsync(ContainerNames.Fences));
        StreamFence? stale = (await late.ReadAsync("p@1", stream, Token)).Fence;

        Assert.Equal(1, stale!.Version); // The replica misses the newest.
        Assert.False((await late.TryWriteAsync(stale with { Version = 2 }, Token)).IsWritten);
        Assert.Equal(5, (await late.ReadAsync("p@1", stream, Token)).Fence!.Version); // The refusal has shown that there is more.
    }

    [Fact]
    public async Task A_parked_record_is_not_written_or_deleted_by_a_host_that_read_an_old_one()
    {
        string consumer = $"c-{Guid.NewGuid():N}@1";
        CosmosParkedStore mine = new(await NewContainerAsync(ContainerNames.Parked));
        ParkedStream first = (await mine.TryWriteAsync(Parked(consumer), Token))!;
        using ActiveFault lag = account.Meet(MissesTheNewest);
        Assert.NotNull(await mine.TryWriteAsync(first with { ThroughVersion = 7 }, Token));

        CosmosParkedStore late = new(await NewContainerAsync(ContainerNames.Parked));
        ParkedStream? stale = await late.ReadAsync(consumer, first.Stream, Token);

        Assert.Equal(1, stale!.ThroughVersion);
        Assert.False(await late.TryDeleteAsync(stale, Token)); // What was delivered meanwhile is not forgotten.
        Assert.Equal(7, (await late.ReadAsync(consumer, first.Stream, Token))!.ThroughVersion);
    }

    [Fact]
    public async Task A_key_that_a_replica_does_not_show_yet_is_found()
    {
        DocumentView<CounterState, CounterEvent> view = View($"keys-{Guid.NewGuid():N}", ViewKey<CounterEvent>.NamedBy(e => e.Version == 2 ? "k" : null));
        StreamName stream = Counter.NewStream();
        Projector host = await NewHostAsync();
        StreamHead head = StreamHead.StartOf(stream);
        List<Commit> commits = [];
        for (int version = 1; version <= 3; version++)
        {
            commits.Add(TestCommits.At(stream, version));
            head = Assert.IsType<AppendResult.Appended>(await account.Events.AppendAsync(head, commits[^1], Token)).Head;
        }
        using (account.Meet(new FaultRule { Effect = FaultEffect.ReplicaLag(2) }))
        {
            Assert.Equal(3, (await host.ApplyAsync(view, [commits[2]], Token)).Events);
        }

        Assert.Single((await account.Views.ReadAsync(new ViewPartition(view.Name, 1, "k"), [ViewDocument.SingleId], Token)).Documents);
    }

    [Fact]
    public async Task Documents_of_an_id_are_found_in_every_partition()
    {
        string id = $"stray-{Guid.NewGuid():N}";
        string[] streams = ["account-1", "account-2", "no stream"];
        foreach (string stream in streams)
        {
            using MemoryStream item = new(Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","stream":"{{stream}}","commandId":"{{stream}}"}"""));
            using ResponseMessage response = await account.Container(ContainerNames.Events).CreateItemStreamAsync(item, new PartitionKey(stream), cancellationToken: Token);
            response.EnsureSuccessStatusCode();
        }

        List<string> found = [];
        await foreach (JsonElement item in new CosmosCommitLog(account.Container(ContainerNames.Events)).ReadItemsByIdAsync(id, Token))
        {
            found.Add(item.GetProperty("stream").GetString()!);
        }

        Assert.Equal(streams, found.Order(StringComparer.Ordinal));
    }

    private static ParkedStream Parked(string consumer) => new()
    {
        Consumer = consumer,
        Stream = "counter-1",
        Status = ParkedStatus.Parked,
        FromVersion = 1,
        ThroughVersion = 1,
        Error = "",
        Attempts = 1,
        FirstFailedAt = DateTimeOffset.UnixEpoch,
        LastFailedAt = DateTimeOffset.UnixEpoch,
    };

    private static DocumentView<CounterState, CounterEvent> View(string name, ViewKey<CounterEvent>? key = null) => new()
    {
        Name = name,
        Version = 1,
        Sources = [EventSource<CounterEvent>.Of(Counter.Aggregate)],
        Key = key ?? ViewKey<CounterEvent>.Stream,
        Initial = () => new CounterState(0),
        Apply = (state, e) => new CounterState(state.Sum + ((Counted)e.Event).By),
        Json = CounterJson.Default.CounterState,
    };

    private async Task<Projector> NewHostAsync() => new(
        new CosmosEventStore(await NewContainerAsync(ContainerNames.Events)), new CosmosViewStore(await NewContainerAsync(ContainerNames.Views)),
        new CosmosStoreFaults(), TimeProvider.System, new ProjectorOptions());

    /// <summary>Of a client with a session of its own, which knows the container.</summary>
    private async Task<Container> NewContainerAsync(string name)
    {
        Container container = account.NewClient().GetContainer(account.Settings.Database, name);
        using ResponseMessage response = await container.ReadContainerStreamAsync(cancellationToken: Token);
        return container;
    }
}
