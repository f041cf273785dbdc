using System.Collections.Frozen;
using System.Text;
using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What a command of the inbox costs in requests, and that a burst is drained in order, on the real form of its feed.</summary>
public sealed class InboxRequestTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private CosmosInboxStore Inbox => field ??= new CosmosInboxStore(account.Container(ContainerNames.Commands), CosmosInboxStoreTests.Keys);

    [Fact]
    public async Task A_command_is_executed_with_two_reads_its_create_and_the_outcome()
    {
        account.SkipUnlessRequestsAreSeen();
        InboxRunner host = Host(new InboxOptions());
        StreamName stream = Counter.NewStream();
        await host.HandleAsync([await AddAsync(stream, "c1", 1)], Token);
        InboxChange second = await AddAsync(stream, "c2", 1);
        InboxChange third = await AddAsync(stream, "c3", -1);

        Assert.Equal([Read, Read, Create, Replace], await account.Requests.OfAsync(() => host.HandleAsync([second], Token)));
        Assert.Equal([Read, Read, Query, Replace], await account.Requests.OfAsync(() => host.HandleAsync([third], Token)));
        Assert.Equal([Read, Read], await account.Requests.OfAsync(() => host.HandleAsync([second], Token))); // Delivered again.
    }

    [Fact]
    public async Task A_slice_of_a_backlog_adds_the_pages_it_reads_and_one_write()
    {
        account.SkipUnlessRequestsAreSeen();
        InboxRunner host = Host(new InboxOptions { MaxCommandsPerSlice = 2, MaxPagesPerSlice = 1 });
        StreamName stream = Counter.NewStream();
        List<InboxChange> changes = [];
        for (int i = 1; i <= 5; i++)
        {
            changes.Add(await AddAsync(stream, $"c{i}", 1));
        }

        Assert.Equal(
            [Read, Query, Read, Create, Replace, Read, Create, Replace, Create],
            await account.Requests.OfAsync(() => host.HandleAsync(changes, Token)));
        Assert.Equal(
            [Read, Read, Read, Create, Replace, Read, Create, Replace, Replace],
            await account.Requests.OfAsync(() => host.HandleAsync(changes, Token)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_burst_is_drained_in_the_order_in_which_it_was_added(int slice)
    {
        InboxRunner host = Host(new InboxOptions { MaxCommandsPerSlice = slice });
        StreamName stream = Counter.NewStream();
        List<InboxChange> changes = [];
        for (int i = 1; i <= 40; i++)
        {
            changes.Add(await AddAsync(stream, $"c{i * 17 % 41}", 1));
        }

        Assert.Equal(1, (await host.HandleAsync(changes, Token)).StreamsLeft);
        InboxChange backlog = (await Inbox.ReadChangesAsync(stream, "since:0", 1_000, Token)).Changes.Single(c => c.Kind == InboxChangeKind.Backlog);
        for (int batches = 1; (await host.HandleAsync([backlog], Token)).StreamsLeft > 0; batches++)
        {
            Assert.True(batches < 200, "The burst has no end.");
        }

        StreamLoad load = await account.Events.LoadAsync(stream, null, Token);
        Assert.Equal(changes.Select(c => c.Id), load.Commits.Select(c => c.Metadata.CommandId));
        Assert.Null(await Inbox.ReadBacklogAsync(stream, Token));
    }

    private InboxRunner Host(InboxOptions options)
    {
        FrozenDictionary<string, IAggregateEndpoint> aggregates =
            new BoundedContext().Add(Counter.Aggregate).Bind(account.Events, TimeProvider.System, new CommandHandlerOptions());
        InboxExecutor executor = new(aggregates, Inbox, new CosmosStoreFaults(), TimeProvider.System, options, _ => new Rejection("refused", ""));
        return new InboxRunner(executor, Inbox, TimeProvider.System, options);
    }

    private async Task<InboxChange> AddAsync(StreamName stream, string id, long by)
    {
        Assert.True((await Inbox.TryAddAsync(
            new InboxCommand
            {
                Stream = stream,
                CommandId = id,
                CommandType = "count",
                CommandData = Encoding.UTF8.GetBytes($$"""{"by":{{by}}}"""),
                Actor = "test",
                CorrelationId = id,
                ReceivedAt = DateTimeOffset.UnixEpoch,
            },
            Token)).IsAdded);
        InboxPage page = await Inbox.ReadChangesAsync(stream, "since:0", 1_000, Token);
        return page.Changes.Single(c => c.Id == id);
    }
}
