using System.Collections.Frozen;

namespace Serverless.EventSourcing.Tests;

/// <summary>A command that kills the process fails after some restarts, and everything else is executed. A process here dies by never coming back.</summary>
public sealed class WatchedInboxTests
{
    private static readonly ConsumerOptions Options = new() { MaxDeaths = 2 };

    private readonly InboxWorld world = new();
    private readonly InMemoryWorkNotes notes = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_that_kills_the_process_fails_and_the_others_are_executed()
    {
        await world.AddAsync("before", new Add(1));
        await world.AddAsync("deadly", new Add(2));
        await world.AddAsync("after", new Add(3));
        await world.AddAsync("other", new Add(4), purse: "b");

        int deaths = 0;
        Task<InboxResult>? run = null;
        while (run is null or { IsCompleted: false })
        {
            Assert.True(deaths < 10, "The inbox does not come up.");
            TaskCompletionSource death = new();
            run = StartProcess(death).HandleAsync(world.Changes(), Token);
            deaths += await Task.WhenAny(run, death.Task) == death.Task ? 1 : 0;
        }

        // Two deaths with a note of the whole batch, since the outcome of the first command has changed where the feed begins; then those
        // with a note of the stream.
        Assert.Equal(2 + Options.MaxDeaths, deaths);
        Assert.Equal("deadly", Assert.Single((await run).Failures).CommandId);
        Assert.Equal(
            [InboxStatus.Accepted, InboxStatus.Failed, InboxStatus.Accepted, InboxStatus.Accepted],
            [.. await StatusesAsync(("before", "a"), ("deadly", "a"), ("after", "a"), ("other", "b"))]);
    }

    private async Task<IReadOnlyList<InboxStatus>> StatusesAsync(params (string Id, string Purse)[] commands)
    {
        List<InboxStatus> statuses = [];
        foreach ((string id, string purse) in commands)
        {
            statuses.Add((await world.FindAsync(id, purse)).Status);
        }
        return statuses;
    }

    private WatchedInbox StartProcess(TaskCompletionSource death)
    {
        FrozenDictionary<string, IAggregateEndpoint> aggregates =
            new BoundedContext().Add(Purse.Definition).Bind(new DeadlyStore(world.Store, death), world.Time, InboxWorld.Handling);
        InboxExecutor executor = new(aggregates, world.Inbox, new NetworkFaults(), world.Time, InboxWorld.Options, _ => new Rejection("no", ""));
        InboxRunner runner = new(executor, world.Inbox, world.Time, InboxWorld.Options);
        return new WatchedInbox(runner, executor, world.Inbox, new CrashWatch(notes, world.Time, Options), InboxWorld.Options);
    }

    /// <summary>The process ends when one command is about to be stored.</summary>
    private sealed class DeadlyStore(IEventStore inner, TaskCompletionSource death) : IEventStore
    {
        public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) => inner.ReadHeadAsync(stream, cancellationToken);

        public Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken) =>
            inner.LoadAsync(stream, snapshotSchema, cancellationToken);

        public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken) =>
            inner.ReadTailAsync(head, commandIds, cancellationToken);

        public IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken) =>
            inner.ReadAsync(stream, fromVersion, cancellationToken);

        public Task<AppendResult> AppendManyAsync(
            StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken)
        {
            if (commits.All(c => c.Metadata.CommandId != "deadly"))
            {
                return inner.AppendManyAsync(head, commits, snapshot, cancellationToken);
            }
            death.SetResult();
            return new TaskCompletionSource<AppendResult>().Task;
        }
    }
}
