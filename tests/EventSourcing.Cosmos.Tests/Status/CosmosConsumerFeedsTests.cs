using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>How far a feed has come, told from the leases that the client's own processor writes.</summary>
public sealed class CosmosConsumerFeedsTests : IAsyncDisposable
{
    private const string Consumer = "reader@1";

    private readonly EmbeddedCosmos cosmos = EmbeddedCosmos.Create(new CosmosEmulatorOptions { PartitionCount = 2 });
    private readonly Dictionary<string, DateTimeOffset> times = new(StringComparer.Ordinal);
    private readonly HttpMessageHandler handler;
    private readonly CosmosClient client;

    public CosmosConsumerFeedsTests()
    {
        handler = cosmos.CreateHandler();
        client = CosmosClients.Create(new CosmosSettings { ConnectionString = cosmos.ConnectionString, UseGateway = true, HttpHandler = handler });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Container Events => client.GetContainer("db", ContainerNames.Events);

    private Container Leases => client.GetContainer("db", ContainerNames.Leases);

    private CosmosConsumerFeeds Feeds => new(Events, client.GetContainer("db", ContainerNames.Commands), Leases);

    [Fact]
    public async Task A_consumer_without_leases_has_no_ranges()
    {
        await ProvisionAsync();
        await WriteAsync(3);

        Assert.Empty(await Feeds.ReadPositionsAsync(Consumer, Token));
        Assert.Empty(await Feeds.ReadLagAsync(Consumer, Token));
    }

    [Fact]
    public async Task Leases_that_were_never_moved_have_everything_before_them()
    {
        await ProvisionAsync();
        await using (await StartAsync(Consumer, isBlocked: true))
        {
            Assert.All(await Feeds.ReadLagAsync(Consumer, Token), l => Assert.Equal((0L, null), (l.Commits, l.Oldest)));
            IReadOnlyList<StreamName> streams = await WriteAsync(20);

            IReadOnlyList<FeedLag> lags = await Feeds.ReadLagAsync(Consumer, Token);

            Assert.Equal(2, lags.Count);
            Assert.Equal(20, lags.Sum(l => l.Commits));
            Assert.All(lags, l => Assert.True(l.Commits > 0));
            Assert.All(lags, l => Assert.NotNull(l.Position.Owner));
            Assert.Contains(lags, l => l.Oldest!.Stream == streams[0].Value);
        }
    }

    [Fact]
    public async Task Lag_is_what_was_written_after_the_last_acknowledgement_and_its_age_that_of_the_first_of_it()
    {
        await ProvisionAsync();
        await WriteAsync(20);
        await using (Reader reader = await StartAsync(Consumer))
        {
            await UntilAsync(async () => (await Feeds.ReadLagAsync(Consumer, Token)) is { Count: 2 } lags && lags.All(l => l.Commits == 0));
        }
        IReadOnlyList<FeedPosition> before = await Feeds.ReadPositionsAsync(Consumer, Token);
        IReadOnlyList<StreamName> later = await WriteAsync(15);

        IReadOnlyList<FeedLag> lags = await Feeds.ReadLagAsync(Consumer, Token);

        Assert.Equal(before, lags.Select(l => l.Position));
        Assert.All(before, p => Assert.NotNull(p.Position));
        Assert.Equal(15, lags.Sum(l => l.Commits));
        Assert.All(lags, l => Assert.Contains(l.Oldest!.Stream, later.Select(s => s.Value)));
        Assert.All(lags, l => Assert.Equal((1, TimeOf(later, l.Oldest!.Stream)), (l.Oldest!.FirstVersion, l.Oldest.At)));
    }

    [Fact]
    public async Task Another_consumer_whose_name_begins_alike_is_another_consumer()
    {
        await ProvisionAsync();
        await using Reader reader = await StartAsync("reader@10");
        await UntilAsync(async () => (await Feeds.ReadPositionsAsync("reader@10", Token)).Count == 2);

        Assert.Empty(await Feeds.ReadPositionsAsync("reader@1", Token));
    }

    [Fact]
    public async Task A_range_that_was_split_while_nobody_looked_is_counted_in_its_parts()
    {
        await ProvisionAsync();
        await WriteAsync(10);
        await using (await StartAsync(Consumer))
        {
            await UntilAsync(async () => (await Feeds.ReadLagAsync(Consumer, Token)) is { Count: 2 } lags && lags.All(l => l.Commits == 0));
        }
        await cosmos.SplitAsync("db", ContainerNames.Events, "0", Token);
        Assert.Equal(0, (await Feeds.ReadLagAsync(Consumer, Token)).Sum(l => l.Commits));
        IReadOnlyList<StreamName> later = await WriteAsync(24);

        IReadOnlyList<FeedLag> dormant = await Feeds.ReadLagAsync(Consumer, Token);
        Assert.Equal(2, dormant.Count); // The leases are those of before the split.
        Assert.Equal(24, dormant.Sum(l => l.Commits));
        Assert.Contains(dormant, l => l.Oldest!.Stream == later[0].Value);

        await using (await StartAsync(Consumer))
        {
            await UntilAsync(async () => (await Feeds.ReadLagAsync(Consumer, Token)) is { Count: 3 } lags && lags.All(l => l.Commits == 0));
        }
        await WriteAsync(9);
        Assert.Equal(9, (await Feeds.ReadLagAsync(Consumer, Token)).Sum(l => l.Commits));
    }

    [Fact]
    public async Task A_document_that_is_no_commit_waits_like_one()
    {
        await ProvisionAsync();
        await using (await StartAsync(Consumer, isBlocked: true))
        {
            await Events.CreateItemAsync(new { id = "x", stream = "account-7", commandId = "c" }, new PartitionKey("account-7"), cancellationToken: Token);

            FeedLag lag = (await Feeds.ReadLagAsync(Consumer, Token)).Single(l => l.Commits > 0);

            Assert.Equal((1L, "account-7:x"), (lag.Commits, lag.Oldest!.Stream));
            Assert.InRange(lag.Oldest.At, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow().AddMinutes(5));
        }
    }

    [Theory]
    [InlineData("""{"V":2,"Rid":"x","Continuation":[{"FeedRange":{},"State":{"type":"continuation","value":"\"1234\""}}]}""", 1234)]
    [InlineData("""{"V":2,"Rid":"x","Continuation":[{"FeedRange":{},"State":{"type":"now"}}]}""", 0)]
    [InlineData("""{"V":2,"Rid":"x","Continuation":[{},{}]}""", 0)]
    [InlineData("""{"V":3}""", 0)]
    [InlineData(null, 0)]
    public void A_token_of_an_unknown_form_has_no_counter(string? token, long counter) => Assert.Equal(counter, FeedCounter.Of(token));

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        handler.Dispose();
        await cosmos.DisposeAsync();
    }

    private Task ProvisionAsync() => new ContainerProvisioning(client, "db").EnsureAsync(Token);

    /// <summary>So many streams with one commit each, in order of time.</summary>
    private async Task<IReadOnlyList<StreamName>> WriteAsync(int count)
    {
        CosmosEventStore store = new(Events);
        List<StreamName> streams = [];
        for (int n = 0; n < count; n++)
        {
            StreamName stream = Counter.NewStream();
            Commit commit = TestCommits.At(stream, 1);
            commit = commit with { Metadata = commit.Metadata with { Timestamp = commit.Metadata.Timestamp.AddSeconds(times.Count) } };
            times[stream.Value] = commit.Metadata.Timestamp;
            Assert.IsType<AppendResult.Appended>(await store.AppendAsync(StreamHead.StartOf(stream), commit, Token));
            streams.Add(stream);
        }
        return streams;
    }

    private DateTimeOffset TimeOf(IReadOnlyList<StreamName> streams, string stream) => times[streams.Single(s => s.Value == stream).Value];

    private async Task<Reader> StartAsync(string consumer, bool isBlocked = false)
    {
        TaskCompletionSource never = new();
        ChangeFeedProcessor processor = Events
            .GetChangeFeedProcessorBuilder(consumer, async (ChangeFeedProcessorContext _, Stream _, CancellationToken token) =>
            {
                if (isBlocked)
                {
                    await never.Task.WaitAsync(token);
                }
            })
            .WithInstanceName("host-1")
            .WithLeaseContainer(Leases)
            .WithPollInterval(TimeSpan.FromMilliseconds(20))
            .WithLeaseConfiguration(acquireInterval: TimeSpan.FromMilliseconds(100))
            .WithStartTime(DateTime.MinValue.ToUniversalTime())
            .Build();
        await processor.StartAsync();
        await UntilAsync(async () => (await Feeds.ReadPositionsAsync(consumer, Token)) is { Count: > 0 } p && p.All(l => l.Owner is not null));
        return new Reader(processor, never);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(10, Token);
        }
    }

    private sealed class Reader(ChangeFeedProcessor processor, TaskCompletionSource never) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Task stopped = processor.StopAsync();
            never.TrySetCanceled();
            await stopped;
        }
    }
}
