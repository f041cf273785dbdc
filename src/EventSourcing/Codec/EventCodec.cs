using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// Turns events into their stored form and back. Names and versions are explicit: renaming a class loses nothing, and what can't
/// be read is an error that says where it stands, never a null.
/// </summary>
public sealed class EventCodec<TEvent>
    where TEvent : class
{
    private readonly FrozenDictionary<Type, EventShape> byClass;
    private readonly FrozenDictionary<string, EventShape> byName;
    private readonly FrozenDictionary<(string Name, int Version), Upcaster> upcasters;

    internal EventCodec(IReadOnlyList<EventShape> shapes, IReadOnlyDictionary<(string Name, int Version), Upcaster> upcasters)
    {
        byClass = shapes.ToFrozenDictionary(s => s.Json.Type);
        byName = shapes.ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);
        this.upcasters = upcasters.ToFrozenDictionary();
        Shapes = shapes;
        Versions =
        [
            .. shapes.Select(s => new EventVersion(s.Name, s.Version, IsCurrent: true))
                .Concat(upcasters.Keys.Select(u => new EventVersion(u.Name, u.Version, IsCurrent: false)))
                .OrderBy(v => v.Name, StringComparer.Ordinal)
                .ThenBy(v => v.Version),
        ];
    }

    /// <summary>Every event in its current shape.</summary>
    public IReadOnlyList<EventShape> Shapes { get; }

    /// <summary>Everything that can be read: the current shapes, and those that an upcaster leads on from.</summary>
    public IReadOnlyList<EventVersion> Versions { get; }

    /// <exception cref="ArgumentException">The class of the event is not registered.</exception>
    public EventShape ShapeOf(TEvent @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        return byClass.TryGetValue(@event.GetType(), out EventShape? shape)
            ? shape
            : throw new ArgumentException($"{@event.GetType().Name} is not registered in this codec.", nameof(@event));
    }

    public StoredEvent Encode(TEvent @event)
    {
        EventShape shape = ShapeOf(@event);
        return new StoredEvent(shape.Name, shape.Version, JsonSerializer.SerializeToUtf8Bytes(@event, shape.Json));
    }

    /// <exception cref="EventDecodeException">An event of the commit is unknown or does not bind.</exception>
    public IEnumerable<TEvent> Decode(Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            StoredEvent stored = commit.Events[i];
            if (Current(stored) is { } shape)
            {
                yield return Read(shape, stored.Data.Span, commit.Stream, commit.FirstVersion + i, stored);
                continue;
            }
            foreach (TEvent @event in Upcast(stored, commit.Stream, commit.FirstVersion + i))
            {
                yield return @event;
            }
        }
    }

    /// <exception cref="EventDecodeException">An event of the commit is unknown or does not bind.</exception>
    public IEnumerable<EventEnvelope<TEvent>> Envelopes(Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        // Every event of every rebuild comes through here, so nothing is made but the envelopes and one list.
        List<EventEnvelope<TEvent>> envelopes = new(commit.Events.Count);
        for (int i = 0; i < commit.Events.Count; i++)
        {
            StoredEvent stored = commit.Events[i];
            long version = commit.FirstVersion + i;
            if (Current(stored) is { } shape)
            {
                envelopes.Add(Envelope(Read(shape, stored.Data.Span, commit.Stream, version, stored), part: 0));
                continue;
            }
            int part = 0;
            foreach (TEvent @event in Upcast(stored, commit.Stream, version))
            {
                envelopes.Add(Envelope(@event, part++));
            }

            EventEnvelope<TEvent> Envelope(TEvent @event, int part) =>
                new(@event, commit.Stream, version, part, stored.Type, stored.SchemaVersion, commit.Metadata);
        }
        return envelopes;
    }

    private EventShape? Current(StoredEvent stored) =>
        byName.TryGetValue(stored.Type, out EventShape? shape) && shape.Version == stored.SchemaVersion ? shape : null;

    private List<TEvent> Upcast(StoredEvent stored, StreamName stream, long version)
    {
        List<TEvent> events = [];
        Stack<RawEvent> pending = new();
        pending.Push(new RawEvent(stored.Type, stored.SchemaVersion, ParseObject(stored, stream, version)));
        // Nothing stops a chain from leading back to its start, so its steps are counted.
        for (int steps = 0; pending.TryPop(out RawEvent? raw); steps++)
        {
            if (byName.TryGetValue(raw.Type, out EventShape? shape) && shape.Version == raw.SchemaVersion)
            {
                byte[] data = JsonSerializer.SerializeToUtf8Bytes(raw.Data, UpcastJson.Default.JsonObject);
                events.Add(Read(shape, data, stream, version, stored));
                continue;
            }
            if (steps == EventCodecBuilder<TEvent>.MaxUpcastSteps)
            {
                throw new EventDecodeException(stream, version, stored, "its upcasters go round in a circle");
            }
            if (!upcasters.TryGetValue((raw.Type, raw.SchemaVersion), out Upcaster? upcaster))
            {
                throw new EventDecodeException(
                    stream, version, stored, $"no event and no upcaster is registered for '{raw.Type}' version {raw.SchemaVersion}");
            }
            IReadOnlyList<RawEvent> next;
            try
            {
                next = [.. upcaster(raw.Data)];
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new EventDecodeException(stream, version, stored, $"its upcaster failed: {e.Message}", e);
            }
            for (int i = next.Count - 1; i >= 0; i--)
            {
                pending.Push(next[i]);
            }
        }
        return events;
    }

    private static TEvent Read(EventShape shape, ReadOnlySpan<byte> data, StreamName stream, long version, StoredEvent stored)
    {
        try
        {
            return JsonSerializer.Deserialize(data, shape.Json) as TEvent
                ?? throw new EventDecodeException(stream, version, stored, "its data is null");
        }
        // Whatever a converter or a constructor finds wrong, it is this event that can't be read.
        catch (Exception e) when (e is not EventDecodeException)
        {
            throw new EventDecodeException(stream, version, stored, e.Message, e);
        }
    }

    private static JsonObject ParseObject(StoredEvent stored, StreamName stream, long version)
    {
        try
        {
            return JsonNode.Parse(stored.Data.Span) as JsonObject
                ?? throw new EventDecodeException(stream, version, stored, "its data is not an object");
        }
        catch (JsonException e)
        {
            throw new EventDecodeException(stream, version, stored, e.Message, e);
        }
    }
}

/// <summary>The current shape of one event: its stored name, the version of its JSON, and how it is written.</summary>
public sealed record EventShape(string Name, int Version, JsonTypeInfo Json);

/// <summary>A stored name with a version of its shape. Events are written in the current one only.</summary>
public sealed record EventVersion(string Name, int Version, bool IsCurrent);

/// <summary>One stored event on its way through upcasters.</summary>
public sealed record RawEvent(string Type, int SchemaVersion, JsonObject Data);

/// <summary>Old stored shape → next: one event, several, or none. Pure, and never edited once released.</summary>
public delegate IEnumerable<RawEvent> Upcaster(JsonObject data);

/// <summary>A stored event that can't be read as it is: unknown, malformed, or not of the shape it claims.</summary>
public sealed class EventDecodeException(StreamName stream, long version, StoredEvent stored, string reason, Exception? inner = null)
    : Exception($"{stream} version {version}: event '{stored.Type}' version {stored.SchemaVersion} can't be read: {reason}", inner)
{
    public StreamName Stream { get; } = stream;

    public long Version { get; } = version;

    public string EventType { get; } = stored.Type;

    public int SchemaVersion { get; } = stored.SchemaVersion;
}
