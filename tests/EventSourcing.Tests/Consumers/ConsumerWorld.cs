using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>Stores that outlive a process, and what a process makes over them: each runner stands for a host that has just started.</summary>
internal sealed class ConsumerWorld
{
    public static readonly ConsumerOptions Options = new() { MaxAttempts = 3, FirstBackoff = TimeSpan.Zero };

    public DocumentStore Store { get; } = new();

    public InMemoryViewStore Views { get; } = new();

    public InMemoryParkedStore Parked { get; } = new();

    public InMemoryFenceStore Fences { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    /// <summary>What all runners here have counted.</summary>
    public ConsumerMonitor Monitor => field ??= new ConsumerMonitor(Time, logger: Log);

    public RecordedLog<ConsumerMonitor> Log { get; } = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ConsumerRunner Runner(
        ConsumerOptions? options = null, IViewStore? views = null, IParkedStore? parked = null, TimeProvider? time = null) =>
        new(Projector(views, time), parked ?? Parked, time ?? Time, options ?? Options, Monitor);

    public ParkedStreams Retries(IViewStore? views = null, IParkedStore? parked = null, TimeProvider? time = null) =>
        new(Projector(views, time), Store, Store, parked ?? Parked, time ?? Time, Options, Monitor);

    /// <summary>A process on a host that has just started.</summary>
    public ProcessConsumer Process(IProcessManager process, IAggregateEndpoint purses, IFenceStore? fences = null) =>
        Process(process, purses, fences ?? Fences, Time);

    public static ProcessConsumer Process(IProcessManager process, IAggregateEndpoint purses, IFenceStore fences, TimeProvider time) => new(
        process, new Dictionary<string, IAggregateEndpoint> { ["purse"] = purses }, fences, new ProcessStarts(new BoundedContext().Add(process), fences, time));

    public Task<ProjectionResult> HandleAsync(IConsumer consumer, params IEnumerable<Commit> commits) =>
        Runner().HandleAsync(consumer, [.. commits.Select(Delivery.Of)], Cancellation);

    public Task<ParkedStream?> RecordAsync(IConsumer consumer, string id) =>
        Parked.ReadAsync(consumer.FullName, Purse.Stream(id).Value, Cancellation);

    /// <summary>One commit with one event per amount.</summary>
    public Task<Commit> AddAsync(string id, params int[] amounts) =>
        AppendAsync(id, [.. amounts.Select(a => new StoredEvent("purse.added", 1, Encoding.UTF8.GetBytes($$"""{"amount":{{a}}}""")))]);

    public Task<Commit> LabelAsync(string id, string label) =>
        AppendAsync(id, [new StoredEvent("purse.labelled", 1, Encoding.UTF8.GetBytes($$"""{"text":"{{label}}"}"""))]);

    public async Task<Commit> AppendAsync(string id, params StoredEvent[] events)
    {
        StreamHead head = await Store.ReadHeadAsync(Purse.Stream(id), CancellationToken.None);
        string command = $"{id[..Math.Min(id.Length, 100)]}-{head.Version + 1}";
        Commit commit = new()
        {
            Stream = head.Stream,
            FirstVersion = head.Version + 1,
            Events = events,
            Metadata = new CommitMetadata
            {
                CommandId = command,
                CommandType = "add",
                PolicyVersion = "1",
                Actor = "test",
                CorrelationId = $"correlation-{command}",
                Timestamp = Time.GetUtcNow(),
            },
        };
        Assert.IsType<AppendResult.Appended>(await Store.AppendAsync(head, commit, CancellationToken.None));
        return commit;
    }

    /// <summary>The events that a view has of a stream, in the order in which it got them.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(string id, string? key = null)
    {
        ViewRead read = await Views.ReadAsync(new ViewPartition("log", 1, key ?? id), [ViewDocument.SingleId], CancellationToken.None);
        return read.Documents is [ViewDocument document]
            ? JsonSerializer.Deserialize(document.Data.Span, PurseViewsJson.Default.EventLog)!.Events.GetValueOrDefault($"purse-{id}") ?? []
            : [];
    }

    /// <summary>What <see cref="EventsAsync"/> is to say: the events of a stream at these versions.</summary>
    public static string[] Events(string id, params int[] versions) => [.. versions.Select(v => $"purse-{id}/{v}")];

    private Projector Projector(IViewStore? views, TimeProvider? time) =>
        new(Store, views ?? Views, new NetworkFaults(), time ?? Time, new ProjectorOptions { MaxBackoff = TimeSpan.Zero });
}

/// <summary>A store in which single documents can't be read as commits, as after a stray hand or by an old version of the code.</summary>
internal sealed class DocumentStore : IEventStore, ICommitLog
{
    private readonly InMemoryEventStore inner = new();

    /// <summary>The first versions of what can't be read, per stream.</summary>
    public HashSet<(string Stream, long FirstVersion)> Unreadable { get; } = [];

    /// <summary>The first versions of what was deleted, per stream.</summary>
    public HashSet<(string Stream, long FirstVersion)> Deleted { get; } = [];

    /// <summary>Commits behind a gap, which no append leaves.</summary>
    public List<Commit> Far { get; } = [];

    /// <summary>How often commits of a stream were read.</summary>
    public int Reads { get; private set; }

    /// <summary>The last version that a read from a replica which lags shows, per stream. The tail of a stream is not read from one.</summary>
    public Dictionary<string, long> LagsAt { get; } = [];

    public Task<NewestPage<Delivery>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken) => inner.ReadNewestAsync(query, cancellationToken);

    public Task<IReadOnlyList<Commit>> ReadByCommandAsync(string commandId, int limit, CancellationToken cancellationToken) => inner.ReadByCommandAsync(commandId, limit, cancellationToken);

    public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) => inner.ReadHeadAsync(stream, cancellationToken);

    public async Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken)
    {
        StreamLoad load = await inner.LoadAsync(stream, snapshotSchema, cancellationToken);
        ThrowOnGap(load.Commits);
        return load;
    }

    public async Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken)
    {
        StreamTail tail = await inner.ReadTailAsync(head, commandIds, cancellationToken);
        Commit[] left = [.. tail.Commits.Where(c => !Deleted.Contains((c.Stream.Value, c.FirstVersion)))];
        return tail with { Commits = left };
    }

    private void ThrowOnGap(IReadOnlyList<Commit> commits)
    {
        foreach (Commit commit in commits.Where(c => Deleted.Contains((c.Stream.Value, c.FirstVersion))))
        {
            throw new StreamGapException(commit.Stream, commit.FirstVersion, commit.LastVersion + 1);
        }
    }

    public async IAsyncEnumerable<Commit> ReadAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Reads++;
        await foreach (Commit commit in inner.ReadAsync(stream, fromVersion, cancellationToken))
        {
            if (Deleted.Contains((stream.Value, commit.FirstVersion)))
            {
                continue;
            }
            if (LagsAt.TryGetValue(stream.Value, out long newest) && commit.FirstVersion > newest)
            {
                yield break;
            }
            yield return Unreadable.Contains((stream.Value, commit.FirstVersion))
                ? throw new CommitFormatException(Commit.IdOf(commit.FirstVersion), stream.Value, "its format is 99")
                : commit;
        }
        foreach (Commit far in Far.Where(c => c.Stream == stream && c.FirstVersion >= fromVersion))
        {
            yield return far;
        }
    }

    /// <summary>As stored: what can't be read has a format of its own, and is there.</summary>
    public async IAsyncEnumerable<JsonElement> ReadItemsAsync(StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (JsonElement item in inner.ReadItemsAsync(stream, cancellationToken))
        {
            long version = long.Parse(item.GetProperty("id").GetString()!, CultureInfo.InvariantCulture);
            if (Deleted.Contains((stream.Value, version)))
            {
                continue;
            }
            string text = item.GetRawText();
            bool isUnreadable = Unreadable.Contains((stream.Value, version));
            using JsonDocument stored = JsonDocument.Parse(isUnreadable ? Regex.Replace(text, "\"format\":\\d+", "\"format\":99") : text);
            yield return stored.RootElement;
        }
        foreach (Commit far in Far.Where(c => c.Stream == stream))
        {
            yield return JsonElement.Parse($$"""{"id":"{{Commit.IdOf(far.FirstVersion)}}","stream":"{{stream}}"}""");
        }
    }

    /// <summary>Stray documents, as JSON.</summary>
    public List<JsonElement> Strays { get; } = [];

    public IAsyncEnumerable<JsonElement> ReadItemsByIdAsync(string id, CancellationToken cancellationToken) =>
        inner.ReadItemsByIdAsync(id, cancellationToken).Concat(Strays.Where(s => s.GetProperty("id").ValueEquals(id)).ToAsyncEnumerable());

    public IAsyncEnumerable<JsonElement> ReadAllItemsAsync(CancellationToken cancellationToken) => inner.ReadAllItemsAsync(cancellationToken);

    public Task<CommitLogPage> ReadPageAsync(StreamName? stream, string? continuation, int pageSize, CancellationToken cancellationToken) =>
        inner.ReadPageAsync(stream, continuation, pageSize, cancellationToken);

    public Task<CommitLink?> FindLinkBeforeAsync(StreamName stream, long version, CancellationToken cancellationToken) =>
        inner.FindLinkBeforeAsync(stream, version, cancellationToken);

    public Task<long?> EstimateCountAsync(CancellationToken cancellationToken) => inner.EstimateCountAsync(cancellationToken);

    public IAsyncEnumerable<StreamName> ReadStreamsAsync(string category, StreamName? after, CancellationToken cancellationToken) =>
        inner.ReadStreamsAsync(category, after, cancellationToken);

    public Task<IReadOnlyList<Commit>> ReadConversationAsync(string correlationId, int limit, CancellationToken cancellationToken) =>
        inner.ReadConversationAsync(correlationId, limit, cancellationToken);

    public Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken) =>
        inner.AppendManyAsync(head, commits, snapshot, cancellationToken);
}

/// <summary>Views whose function throws on amounts of a kind; the same name and version, so a repaired one goes on where it stood.</summary>
internal static class FailingViews
{
    public static DocumentView<EventLog, PurseEvent> Log(ViewKey<PurseEvent> key, params int[] throwsAt) => new()
    {
        Name = "log",
        Version = 1,
        Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
        Key = key,
        Initial = () => EventLog.Empty,
        Apply = (log, envelope) => Checked(envelope, throwsAt) ? log.With(envelope) : log,
        Json = PurseViewsJson.Default.EventLog,
    };

    public static DocumentView<EventLog, PurseEvent> Log(params int[] throwsAt) => Log(ViewKey<PurseEvent>.Stream, throwsAt);

    /// <summary>One document that counts everything, so that all streams share a partition.</summary>
    public static TotalsView<EventCount, PurseEvent> Totals(params int[] throwsAt) => new()
    {
        Name = "totals",
        Version = 1,
        Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
        DocumentOf = _ => "sum",
        Initial = () => new EventCount(0, 0),
        Apply = (count, envelope) => Checked(envelope, throwsAt) ? PurseViews.Next(count, envelope) : count,
        Json = PurseViewsJson.Default.EventCount,
    };

    private static bool Checked(EventEnvelope<PurseEvent> envelope, int[] throwsAt) =>
        envelope.Event is Added { Amount: int amount } && throwsAt.Contains(amount)
            ? throw new InvalidOperationException("unlucky")
            : true;
}
