using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Banking;
using Serverless.EventSourcing;
using Serverless.EventSourcing.Cosmos;
using Serverless.Functions.Commands;
using Serverless.Functions.Projections;
using Serverless.Functions.Tests.Support;

namespace Serverless.Functions.Tests.Projections;

public sealed class ProjectionFunctionTests
{
    private readonly BoundedContext context = BankingContext.Create();
    private readonly InMemoryEventStore store = new();
    private readonly InMemoryViewStore views = new();
    private readonly InMemoryFenceStore fences = new();
    private readonly InMemoryParkedStore parked = new();

    private ConsumerMonitor Monitor => field ??= new ConsumerMonitor(TimeProvider.System);

    [Fact]
    public void Every_consumer_has_its_function_and_every_function_its_consumer()
    {
        IConsumer[] consumers = [.. ConsumerFeed.AllOf(context, Aggregates(), fences, new ProcessStarts(context, fences, TimeProvider.System))];
        string[] others = [InboxFunctions.Name, $"%{NextVersionFunctions.Setting}%"];
        string[] prefixes = [.. FunctionTable.Feeds.Select(f => f.Trigger.LeaseContainerPrefix!)];
        string[] fed = [.. prefixes.Except(others)];

        Assert.Equal(others.Length + fed.Length, prefixes.Length);
        Assert.Empty(fed.Except(consumers.Select(c => c.FullName)));
        // Of several versions one is enough here: the spare function feeds the next one (docs/guides/change-a-projection.md).
        Assert.Empty(consumers.Select(c => c.Name).Except(fed.Select(p => p.Split('@')[0])));
    }

    [Fact]
    public void Every_feed_starts_at_the_beginning_and_creates_no_container() =>
        Assert.All(FunctionTable.Feeds, f =>
        {
            CosmosDBTriggerAttribute t = f.Trigger;
            Assert.True(t.StartFromBeginning);
            Assert.False(t.CreateLeaseContainerIfNotExists);
            string container = t.LeaseContainerPrefix switch
            {
                InboxFunctions.Name => ContainerNames.Commands,
                _ => ContainerNames.Events,
            };
            Assert.Equal(("%CosmosDatabase%", container, ContainerNames.Leases), (t.DatabaseName, t.ContainerName, t.LeaseContainerName));
            Assert.Equal(CosmosSettings.ConnectionSetting, t.Connection);
        });

    [Fact]
    public void Every_feed_retries_without_end_because_a_finite_policy_loses_the_batch() =>
        Assert.All(FunctionTable.Feeds, f => Assert.Equal(-1, f.Method.GetCustomAttribute<ExponentialBackoffRetryAttribute>()?.MaxRetryCount));

    [Fact]
    public void Every_feed_takes_the_type_that_works_and_a_token() =>
        Assert.All(FunctionTable.Feeds, f => Assert.Equal(
            [typeof(IReadOnlyList<JsonElement>), typeof(CancellationToken)], f.Method.GetParameters().Select(p => p.ParameterType)));

    [Fact]
    public async Task Every_function_feeds_the_consumer_of_its_prefix()
    {
        BankingConsumers functions = new(Feed());
        foreach ((string name, MethodInfo method, CosmosDBTriggerAttribute trigger) in
            FunctionTable.Feeds.Where(f => f.Method.DeclaringType == typeof(BankingConsumers)))
        {
            // Every consumer parks what is no commit, whatever its events are.
            await (Task)method.Invoke(functions, [Items("""{"id":"x"}"""), TestContext.Current.CancellationToken])!;
            ParkedStream? record = await parked.ReadAsync(trigger.LeaseContainerPrefix!, ":x", TestContext.Current.CancellationToken);
            Assert.True(record is not null, $"{name} does not feed {trigger.LeaseContainerPrefix}.");
        }
    }

    [Theory]
    [InlineData("""{"something":"else"}""", ":")]
    [InlineData("""{"id":"x","stream":"account-7"}""", "account-7:x")]
    public async Task What_is_no_commit_is_parked_so_that_the_feed_goes_on(string item, string stream)
    {
        await Feed().HandleAsync("account-summary@1", Items(item), TestContext.Current.CancellationToken);

        ParkedStream? record = await parked.ReadAsync("account-summary@1", stream, TestContext.Current.CancellationToken);
        Assert.Equal(ParkedStatus.Parked, record?.Status);
        Assert.StartsWith("CommitFormatException: ", record!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_can_not_be_read_parks_its_stream_and_no_other()
    {
        JsonElement unknown = await OpenedAsync("7", "account.renamed");
        JsonElement other = await OpenedAsync("8");

        await Feed().HandleAsync("account-summary@1", [unknown, other], TestContext.Current.CancellationToken);

        ParkedStream? record = await parked.ReadAsync("account-summary@1", "account-7", TestContext.Current.CancellationToken);
        Assert.Equal((ParkedStatus.Parked, 1L), (record?.Status, record?.FromVersion));
        ViewRead read = await views.ReadAsync(
            new ViewPartition("account-summary", 1, "8"), [ViewDocument.SingleId], TestContext.Current.CancellationToken);
        Assert.Single(read.Documents);
    }

    [Fact]
    public async Task The_audit_heals_what_the_feeds_have_lost()
    {
        ConsumerFeed feed = Feed();
        JsonElement opened = await OpenedAsync("7");
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 10, 0, 0, TimeSpan.Zero));
        Projector projector = new(store, views, new NetworkFaults(), time, new ProjectorOptions());
        ConsumerOptions options = new();
        FakeFeeds feeds = new();
        InMemoryConsumerStore records = new();
        foreach (IConsumer consumer in feed.Consumers)
        {
            feeds.Lags[consumer.FullName] = [new FeedLag(new FeedPosition("0", "9", Owner: null, OwnerSeenAt: null), Commits: 0, Oldest: null)]; // It has passed everything.
        }
        ConsumerRunner runner = new(projector, parked, time, options, Monitor);
        FakeCommitFeed commits = new();
        commits.Items.Add(new CommitFeedItem(CommitJson.ReadDelivery(opened), time.GetUtcNow() - options.AuditGrace, Position: "1"));
        Auditor auditor = new(Watched(runner), commits, records, feeds, time, options);
        RecordedLogs logs = new();
        using ILoggerFactory factory = LoggerFactory.Create(b => b.AddProvider(logs));

        await RunAuditAsync();
        int healed = logs.Entries.Count(e => e.Level == LogLevel.Warning);
        Assert.True(await records.TryWriteAsync( // As if nobody had audited it.
            (await records.ReadAsync(Auditor.Name, TestContext.Current.CancellationToken))! with { Ranges = new Dictionary<string, RangeProgress>() },
            TestContext.Current.CancellationToken));
        await RunAuditAsync();

        Assert.Equal(4, healed); // The process has nothing to do because of it.
        Assert.Equal(4, logs.Entries.Count(e => e.Level == LogLevel.Warning)); // The second time there was nothing to heal.
        ViewRead read = await views.ReadAsync(
            new ViewPartition("account-summary", 1, "7"), [ViewDocument.SingleId], TestContext.Current.CancellationToken);
        Assert.Single(read.Documents);

        Task RunAuditAsync() => new AuditFunctions(feed, auditor, Monitor, factory.CreateLogger<AuditFunctions>()).AuditAsync(
            new TimerInfo(), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Timers_take_their_schedule_from_a_setting() =>
        Assert.Equal(
            [("AuditCommits", $"%{AuditFunctions.Setting}%"), ("RetryParkedStreams", $"%{RetryFunctions.Setting}%")],
            FunctionTable.Timers.Select(t => (t.Name, t.Trigger.Schedule)));

    [Fact]
    public async Task A_fault_with_one_consumer_does_not_keep_parked_streams_of_others_waiting()
    {
        JsonElement opened = await OpenedAsync("7");
        ConsumerFeed feed = Feed();
        await feed.HandleAsync("account-summary@1", [opened], TestContext.Current.CancellationToken);
        foreach (IConsumer consumer in feed.Consumers)
        {
            await parked.TryWriteAsync(Due(consumer), TestContext.Current.CancellationToken);
        }
        RefusingParkedStore store = new(parked, "account-summary@1");
        ParkedStreams streams = new(
            new Projector(this.store, views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions()), this.store, this.store, store,
            TimeProvider.System, new ConsumerOptions(), Monitor);

        await Assert.ThrowsAsync<TimeoutException>(
            () => new RetryFunctions(feed, streams).RetryAsync(new TimerInfo(), TestContext.Current.CancellationToken));

        foreach (IConsumer consumer in feed.Consumers)
        {
            ParkedStream? left = await parked.ReadAsync(consumer.FullName, "account-7", TestContext.Current.CancellationToken);
            Assert.True(left is not null == (consumer.FullName == "account-summary@1"), consumer.FullName);
        }
    }

    [Fact]
    public async Task A_cancelled_token_is_no_acknowledgement() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Feed().HandleAsync("account-summary@1", [await OpenedAsync("7")], new CancellationToken(canceled: true)));

    /// <summary>Stores the first commit of an account, and returns its item.</summary>
    private async Task<JsonElement> OpenedAsync(string id, string type = "account.opened")
    {
        StreamName stream = StreamName.Create("account", id);
        Commit commit = new()
        {
            Stream = stream,
            FirstVersion = 1,
            Events = [new StoredEvent(type, 1, """{"owner":"ada","currency":"EUR"}"""u8.ToArray())],
            Metadata = new CommitMetadata
            {
                CommandId = "c1",
                CommandType = "open",
                PolicyVersion = "1",
                CommandData = """{"owner":"ada","currency":"EUR"}"""u8.ToArray(),
                Actor = "anonymous",
                CorrelationId = "c1",
                Timestamp = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
            },
        };
        await store.AppendAsync(StreamHead.StartOf(stream), commit, TestContext.Current.CancellationToken);
        return await store.ReadItemsAsync(stream, TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken);
    }

    private ConsumerFeed Feed(IParkedStore? parkedStore = null)
    {
        Projector projector = new(store, views, new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
        ConsumerRunner runner = new(projector, parkedStore ?? parked, TimeProvider.System, new ConsumerOptions { MaxAttempts = 1 }, Monitor);
        VersionedProjections versions = new(context, new InMemoryVersionStore(), TimeProvider.System, new ConsumerOptions());
        return new ConsumerFeed(
            context, Aggregates(), fences, new ProcessStarts(context, fences, TimeProvider.System), new DeliveredCommits(store, new NetworkFaults()), Watched(runner),
            Monitor, versions, new TakeoverSignal(), TimeProvider.System, NullLogger<ConsumerFeed>.Instance);
    }

    private WatchedConsumers Watched(ConsumerRunner runner) =>
        new(runner, parked, new CrashWatch(new InMemoryWorkNotes(), TimeProvider.System, new ConsumerOptions()));

    private FrozenDictionary<string, IAggregateEndpoint> Aggregates() =>
        context.Bind(store, TimeProvider.System, new CommandHandlerOptions());

    private static ParkedStream Due(IConsumer consumer) => new()
    {
        Consumer = consumer.FullName,
        Stream = "account-7",
        Status = ParkedStatus.Parked,
        FromVersion = 1,
        ThroughVersion = 1,
        Error = "",
        Attempts = 5,
        FirstFailedAt = DateTimeOffset.UnixEpoch,
        LastFailedAt = DateTimeOffset.UnixEpoch,
        NextRetryAt = DateTimeOffset.UnixEpoch,
    };

    private static JsonElement[] Items(params string[] items) => [.. items.Select(i => JsonDocument.Parse(i).RootElement)];
}
