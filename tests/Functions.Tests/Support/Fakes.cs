using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;
using Serverless.Functions.Health;

namespace Serverless.Functions.Tests.Support;

/// <summary>A store that does what its hooks say before it does its work.</summary>
public sealed class FaultyEventStore(IEventStore store) : IEventStore
{
    /// <summary>Runs before each load and append; what it throws is thrown.</summary>
    public Func<StreamName, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Sees what came of each append; what it throws is thrown in the place of that.</summary>
    public Action<AppendResult>? AfterAppend { get; set; }

    /// <summary>Streams whose appends always lose the race.</summary>
    public ConcurrentDictionary<StreamName, bool> Contended { get; } = [];

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
        store.ReadHeadAsync(stream, cancellationToken);

    public async Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken)
    {
        await Before(stream, cancellationToken);
        // A charge, so that tests see it arrive.
        return await store.LoadAsync(stream, snapshotSchema, cancellationToken) with { RequestCharge = 2.831 };
    }

    public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken) =>
        store.ReadTailAsync(head, commandIds, cancellationToken);

    public IAsyncEnumerable<Commit> ReadAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken) =>
        store.ReadAsync(stream, fromVersion, cancellationToken);

    public async Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken)
    {
        await Before(head.Stream, cancellationToken);
        AppendResult result = Contended.ContainsKey(head.Stream)
            ? new AppendResult.Conflict(RequestCharge: 1)
            : await store.AppendManyAsync(head, commits, snapshot, cancellationToken);
        AfterAppend?.Invoke(result);
        return result;
    }
}

/// <summary>A store of refused commands that is away when the test says so.</summary>
public sealed class FaultyRefusedStore(IRefusedCommandStore store) : IRefusedCommandStore
{
    public bool IsAway { get; set; }

    public Task<RefusedWrite> TryRecordAsync(RefusedCommand command, TimeSpan keep, CancellationToken cancellationToken) =>
        IsAway ? throw new TimeoutException("The store is away.") : store.TryRecordAsync(command, keep, cancellationToken);

    public IAsyncEnumerable<RefusedCommand> ReadAsync(StreamName stream, string? afterId, CancellationToken cancellationToken) =>
        store.ReadAsync(stream, afterId, cancellationToken);

    public Task<NewestPage<RefusedCommand>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken) =>
        store.ReadNewestAsync(query, cancellationToken);

    public IAsyncEnumerable<StreamName> ReadRefusedBeginningsAsync(string category, StreamName? after, CancellationToken cancellationToken) =>
        store.ReadRefusedBeginningsAsync(category, after, cancellationToken);
}

/// <summary>A storage that has what the test says.</summary>
public sealed class FakeProbe : IStorageProbe
{
    public Func<CancellationToken, Task<IReadOnlyList<StorageFault>>> Answer { get; set; } = _ => Task.FromResult<IReadOnlyList<StorageFault>>([]);

    public Task<IReadOnlyList<StorageFault>> FindFaultsAsync(CancellationToken cancellationToken) => Answer(cancellationToken);
}

/// <summary>Feeds that stand where the test says.</summary>
public sealed class FakeFeeds : IConsumerFeeds
{
    public ConcurrentDictionary<string, IReadOnlyList<FeedLag>> Lags { get; } = [];

    public Task<IReadOnlyList<FeedPosition>> ReadPositionsAsync(string consumer, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<FeedPosition>>([.. Lags.GetValueOrDefault(consumer, []).Select(l => l.Position)]);

    public Task<IReadOnlyList<FeedLag>> ReadLagAsync(string consumer, CancellationToken cancellationToken) =>
        Task.FromResult(Lags.GetValueOrDefault(consumer, []));

    /// <summary>The auditor's.</summary>
    public Task<IReadOnlyList<FeedLag>> ReadLagAsync(IReadOnlyList<CommitFeedRange> ranges, CancellationToken cancellationToken) =>
        ReadLagAsync(Auditor.Name, cancellationToken);
}

/// <summary>The records of one consumer can't be reached.</summary>
public sealed class RefusingParkedStore(IParkedStore inner, string refused) : IParkedStore
{
    public Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken) =>
        inner.ReadAsync(consumer, stream, cancellationToken);

    public Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parked);
        return parked.Consumer == refused ? throw new TimeoutException() : inner.TryWriteAsync(parked, cancellationToken);
    }

    public Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken) => inner.TryDeleteAsync(parked, cancellationToken);

    public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
        consumer == refused ? throw new TimeoutException() : inner.ListAsync(consumer, pageSize, continuation, cancellationToken);

    public Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken) =>
        inner.CountAsync(consumer, status, cancellationToken);
}

/// <summary>The feed of commits as one range, with what a test puts in it.</summary>
public sealed class FakeCommitFeed : ICommitFeed
{
    public List<CommitFeedItem> Items { get; } = [];

    public Task<IReadOnlyList<CommitFeedRange>> ReadRangesAsync(IReadOnlyDictionary<string, string?> positions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(positions);
        return Task.FromResult<IReadOnlyList<CommitFeedRange>>([new CommitFeedRange("all", positions.GetValueOrDefault("all"))]);
    }

    public Task<CommitFeedPage> ReadAsync(CommitFeedRange range, int maxItems, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(range);
        CommitFeedItem[] page = [.. Items.Where(i => range.Position is null || int.Parse(i.Position) > int.Parse(range.Position)).Take(maxItems)];
        return Task.FromResult(new CommitFeedPage(page, IsEnd: page.Length == 0, RequestCharge: 1));
    }
}

/// <summary>Everything that was logged.</summary>
public sealed class RecordedLogs : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Message, Exception? Exception)> Entries { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((logLevel, formatter(state, exception), exception));

    public void Dispose()
    {
    }
}
