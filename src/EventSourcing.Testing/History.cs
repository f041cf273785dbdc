namespace Serverless.EventSourcing.Testing;

/// <summary>
/// A stream as it might be stored, for tests of projections: <c>History.Of(aggregate, "7f3a").At(nine).Commit(opened, renamed)</c>.
/// Each call answers a new history; versions count by themselves.
/// </summary>
public sealed class History<TEvent>
    where TEvent : class
{
    private readonly EventCodec<TEvent> codec;
    private readonly DateTimeOffset now;
    private readonly CommitMetadata? metadata;

    internal History(EventCodec<TEvent> codec, StreamName stream, IReadOnlyList<Commit> commits, DateTimeOffset now, CommitMetadata? metadata)
    {
        this.codec = codec;
        this.now = now;
        this.metadata = metadata;
        Stream = stream;
        Commits = commits;
    }

    public StreamName Stream { get; }

    public IReadOnlyList<Commit> Commits { get; }

    public long Version => Commits.Count == 0 ? 0 : Commits[^1].LastVersion;

    /// <summary>All events with where they stand, oldest first.</summary>
    public IReadOnlyList<EventEnvelope<TEvent>> Envelopes => [.. Commits.SelectMany(codec.Envelopes)];

    /// <summary>The time of the commits that follow.</summary>
    public History<TEvent> At(DateTimeOffset time) => new(codec, Stream, Commits, time, metadata);

    /// <summary>Actor, correlation and the rest of the commits that follow; command id and time are set by the history.</summary>
    public History<TEvent> With(CommitMetadata template) => new(codec, Stream, Commits, now, template);

    /// <summary>One command's events, in one commit.</summary>
    public History<TEvent> Commit(params IReadOnlyList<TEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        string commandId = $"command-{Commits.Count + 1}";
        CommitMetadata template = metadata ?? new CommitMetadata
        {
            CommandId = commandId,
            CommandType = "test",
            CommandData = "{}"u8.ToArray(),
            PolicyVersion = "1",
            Actor = "test",
            CorrelationId = commandId,
            Timestamp = now,
        };
        Commit commit = new()
        {
            Stream = Stream,
            FirstVersion = Version + 1,
            Events = [.. events.Select(codec.Encode)],
            Metadata = template with { CommandId = commandId, Timestamp = now },
        };
        CommitRules.Check(Commits is [.., { } last] ? StreamHead.SeenByStore(last) : StreamHead.StartOf(Stream), [commit], snapshot: null);
        return new History<TEvent>(codec, Stream, [.. Commits, commit], now, metadata);
    }

    /// <summary>Appends the history to a store, as the commands would have.</summary>
    public async Task StoreAsync(IEventStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        StreamHead head = StreamHead.StartOf(Stream);
        foreach (Commit commit in Commits)
        {
            head = await store.AppendAsync(head, commit, cancellationToken) is AppendResult.Appended appended
                ? appended.Head
                : throw new SpecificationException($"{Stream} is not empty: version {commit.FirstVersion} or its command is there already.");
        }
    }
}

public static class History
{
    /// <summary>An empty stream of an aggregate, at 2026-01-01 unless told.</summary>
    public static History<TEvent> Of<TCommand, TState, TEvent, TRejection>(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate, string id)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        return new History<TEvent>(
            aggregate.Events, StreamName.Create(aggregate.Category, id), [], new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), metadata: null);
    }
}
