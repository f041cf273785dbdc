using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>The feed of commits for a reader that keeps its own position.</summary>
public sealed class CosmosCommitFeedTests : IAsyncLifetime
{
    private const string Database = "serverless";

    private readonly EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = 2 });
    private HttpMessageHandler? handler;
    private CosmosClient? client;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Container Events => client!.GetContainer(Database, ContainerNames.Events);

    private CosmosCommitFeed Feed => new(Events);

    public async ValueTask InitializeAsync()
    {
        handler = cosmos.CreateHandler();
        client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = handler });
        await new ContainerProvisioning(client, Database).EnsureAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        client?.Dispose();
        handler?.Dispose();
        await cosmos.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Positions_outlive_splits_and_every_commit_is_read_once(int maxItems)
    {
        List<string> written = [.. await WriteAsync(0, 30)];
        Dictionary<string, string?> positions = [];
        List<string> read = [.. await ReadAsync(positions, maxItems, pages: 2)];

        await cosmos.SplitAsync(Database, ContainerNames.Events, "0", Token);
        written.AddRange(await WriteAsync(30, 10));
        await cosmos.SplitAsync(Database, ContainerNames.Events, "1", Token);
        read.AddRange(await ReadAsync(positions, maxItems, pages: int.MaxValue));
        written.AddRange(await WriteAsync(40, 5));
        read.AddRange(await ReadAsync(positions, maxItems, pages: int.MaxValue));

        Assert.Equal(written.Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
        Assert.Equal(4, positions.Count);
    }

    [Fact]
    public async Task Lag_is_what_was_written_behind_a_position()
    {
        CosmosConsumerFeeds feeds = new(Events, Events, Events);
        await WriteAsync(0, 20);
        Dictionary<string, string?> positions = [];
        Assert.Equal(20, (await LagAsync()).Sum(l => l.Commits)); // From the beginning.
        await ReadAsync(positions, maxItems: 100, pages: int.MaxValue);
        Assert.All(await LagAsync(), l => Assert.Equal((0L, null), (l.Commits, l.Oldest)));
        string[] late = [.. await WriteAsync(20, 3)];

        IReadOnlyList<FeedLag> lags = await LagAsync();

        Assert.Equal(3, lags.Sum(l => l.Commits));
        Assert.Contains(lags, l => late[0].StartsWith(l.Oldest?.Stream ?? "none", StringComparison.Ordinal));

        async Task<IReadOnlyList<FeedLag>> LagAsync() => await feeds.ReadLagAsync(await Feed.ReadRangesAsync(positions, Token), Token);
    }

    [Fact]
    public async Task An_idle_run_of_the_auditor_costs_a_read_and_a_look_at_each_range()
    {
        await WriteAsync(0, 10);
        CosmosConsumerStore records = new(client!.GetContainer(Database, ContainerNames.Consumers));
        ConsumerOptions options = new() { AuditGrace = TimeSpan.FromTicks(1) };
        using ConsumerMonitor monitor = new(TimeProvider.System);
        InMemoryParkedStore parked = new();
        ConsumerRunner runner = new(
            new Projector(new CosmosEventStore(Events), new InMemoryViewStore(), new CosmosStoreFaults(), TimeProvider.System, new ProjectorOptions()),
            parked, TimeProvider.System, options, monitor);
        using CrashWatch watch = new(new InMemoryWorkNotes(), TimeProvider.System, options);
        CosmosConsumerFeeds feeds = new(Events, Events, Events);
        Auditor auditor = new(new WatchedConsumers(runner, parked, watch), Feed, records, feeds, TimeProvider.System, options);
        await auditor.RunAsync([], static _ => { }, Token);

        AuditRun idle = await auditor.RunAsync([], static _ => { }, Token);

        Assert.Equal(10, (await ReadAsync([], 100, int.MaxValue)).Count);
        Assert.InRange(idle.RequestCharge, 0.1, 2 * 2.0); // One look at each of two partitions; the record is a point read beside it.
    }

    private async Task<IReadOnlyList<string>> ReadAsync(Dictionary<string, string?> positions, int maxItems, int pages)
    {
        List<string> read = [];
        IReadOnlyList<CommitFeedRange> ranges = await Feed.ReadRangesAsync(positions, Token);
        positions.Clear();
        foreach (CommitFeedRange range in ranges)
        {
            positions[range.Range] = range.Position;
            for (int page = 0; page < pages; page++)
            {
                CommitFeedPage next = await Feed.ReadAsync(range with { Position = positions[range.Range] }, maxItems, Token);
                if (next.IsEnd)
                {
                    break;
                }
                read.AddRange(next.Items.Select(i => i.Delivery!.Stream));
                positions[range.Range] = next.Items[^1].Position;
            }
        }
        return read;
    }

    private async Task<IReadOnlyList<string>> WriteAsync(int from, int count)
    {
        CosmosEventStore store = new(Events);
        StreamName[] streams = [.. Enumerable.Range(from, count).Select(n => StreamName.Create("log", $"{n}"))];
        foreach (StreamName stream in streams)
        {
            await store.AppendAsync(StreamHead.StartOf(stream), TestCommits.At(stream, 1), Token);
        }
        return [.. streams.Select(s => s.Value)];
    }
}
