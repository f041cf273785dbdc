namespace Serverless.EventSourcing;

/// <summary>The events of one category, decoded for a projection that may read several.</summary>
public sealed class EventSource<TEvent>
    where TEvent : class
{
    private readonly Func<Commit, IEnumerable<EventEnvelope<TEvent>>> decode;

    private EventSource(string category, Func<Commit, IEnumerable<EventEnvelope<TEvent>>> decode)
    {
        Category = category;
        this.decode = decode;
    }

    public string Category { get; }

    /// <exception cref="EventDecodeException">An event of the commit is unknown or does not bind.</exception>
    public IEnumerable<EventEnvelope<TEvent>> Envelopes(Commit commit) => decode(commit);

    public static EventSource<TEvent> Of<TCommand, TState, TAggregateEvent, TRejection>(
        Aggregate<TCommand, TState, TAggregateEvent, TRejection> aggregate)
        where TCommand : class
        where TState : class
        where TAggregateEvent : class, TEvent
        where TRejection : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        EventCodec<TAggregateEvent> codec = aggregate.Events;
        return typeof(TAggregateEvent) == typeof(TEvent)
            ? new(aggregate.Category, commit => (IEnumerable<EventEnvelope<TEvent>>)(object)codec.Envelopes(commit))
            : new(aggregate.Category, commit => codec.Envelopes(commit).Select(e => new EventEnvelope<TEvent>(
                e.Event, e.Stream, e.Version, e.Part, e.Type, e.SchemaVersion, e.Metadata)));
    }
}

/// <summary>The sources of one projection by category.</summary>
internal sealed class EventSources<TEvent>(IReadOnlyList<EventSource<TEvent>> sources)
    where TEvent : class
{
    private readonly Dictionary<string, EventSource<TEvent>> byCategory = sources.ToDictionary(s => s.Category, StringComparer.Ordinal);

    public IReadOnlySet<string> Categories { get; } = sources.Select(s => s.Category).ToHashSet(StringComparer.Ordinal);

    /// <summary>The events of a commit; none when <paramref name="given"/> says that it is discarded.</summary>
    /// <exception cref="PoisonException">An event of the commit is unknown or does not bind.</exception>
    public IReadOnlyList<EventEnvelope<TEvent>> Envelopes(Commit commit, StreamCommits? given = null)
    {
        if (given?.IsDiscarded(commit) == true)
        {
            return [];
        }
        try
        {
            IEnumerable<EventEnvelope<TEvent>> envelopes = byCategory[commit.Stream.Category].Envelopes(commit);
            return envelopes as IReadOnlyList<EventEnvelope<TEvent>> ?? [.. envelopes];
        }
        catch (Exception e)
        {
            long version = (e as EventDecodeException)?.Version ?? commit.FirstVersion;
            throw new PoisonException(commit.Stream, version, commit.Metadata.CorrelationId, e);
        }
    }
}

/// <summary>Calls into the user's pure functions: whatever they throw belongs to the one event they were given.</summary>
internal static class UserCode
{
    public static TResult Run<TEvent, TResult>(EventEnvelope<TEvent> envelope, Func<EventEnvelope<TEvent>, TResult> call)
    {
        try
        {
            return call(envelope);
        }
        catch (Exception e) // Even a cancellation: the function was given no token, so it is its own.
        {
            throw PoisonException.At(envelope, e);
        }
    }

    public static TResult Run<TState, TEvent, TResult>(
        TState state, EventEnvelope<TEvent> envelope, Func<TState, EventEnvelope<TEvent>, TResult> call)
    {
        try
        {
            return call(state, envelope);
        }
        catch (Exception e) // Even a cancellation: the function was given no token, so it is its own.
        {
            throw PoisonException.At(envelope, e);
        }
    }
}
