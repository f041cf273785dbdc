using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>Lists the events of an aggregate with their stored names, and the upcasters from older shapes.</summary>
public sealed class EventCodecBuilder<TEvent>
    where TEvent : class
{
    internal const int MaxUpcastSteps = 1_000;

    private readonly List<EventShape> shapes = [];
    private readonly Dictionary<(string Name, int Version), Upcaster> upcasters = [];
    private readonly HashSet<Type> retired = [];

    /// <summary>An event in its current shape. <paramref name="name"/> is stored for ever; <paramref name="version"/> counts its shapes.</summary>
    /// <exception cref="ArgumentException">The name or class is taken, or the JSON options are not strict.</exception>
    public EventCodecBuilder<TEvent> Add<T>(string name, int version, JsonTypeInfo<T> json)
        where T : class, TEvent
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        StrictJson.Check(json);
        if (shapes.Exists(s => s.Name == name || s.Json.Type == typeof(T)))
        {
            throw new ArgumentException($"The event '{name}' ({typeof(T).Name}) is registered twice.", nameof(name));
        }
        shapes.Add(new EventShape(name, version, json));
        return this;
    }

    /// <summary>A class of event that nobody emits or stores any more, and that is kept for another reason.</summary>
    public EventCodecBuilder<TEvent> Retire<T>()
        where T : class, TEvent
    {
        retired.Add(typeof(T));
        return this;
    }

    /// <summary>How version <paramref name="fromVersion"/> of an event becomes the next version of the same event.</summary>
    public EventCodecBuilder<TEvent> Upcast(string name, int fromVersion, Func<JsonObject, JsonObject> upcast)
    {
        ArgumentNullException.ThrowIfNull(upcast);
        return Upcast(name, fromVersion, data => [new RawEvent(name, fromVersion + 1, upcast(data))]);
    }

    /// <summary>How version <paramref name="fromVersion"/> of an event becomes one other event, several, or none (<c>_ => []</c>).</summary>
    [OverloadResolutionPriority(1)] // An empty collection could be an empty JsonObject, too.
    public EventCodecBuilder<TEvent> Upcast(string name, int fromVersion, Upcaster upcast)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(upcast);
        if (!upcasters.TryAdd((name, fromVersion), upcast))
        {
            throw new ArgumentException($"Version {fromVersion} of '{name}' has two upcasters.", nameof(name));
        }
        return this;
    }

    /// <exception cref="InvalidOperationException">An upcaster is registered for a shape that is current, or a version has none; or an event
    /// in the assembly of <typeparamref name="TEvent"/> is not registered, which the first command that emits it would find out.</exception>
    public EventCodec<TEvent> Build()
    {
        string[] unknown = [.. Unregistered().Select(t => t.Name).Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            throw new InvalidOperationException(
                $"These events of {typeof(TEvent).Name} are not registered: {string.Join(", ", unknown)}. Add each to the codec under its stored name, or Retire it.");
        }
        foreach (EventShape shape in shapes)
        {
            if (upcasters.ContainsKey((shape.Name, shape.Version)))
            {
                throw new InvalidOperationException($"Version {shape.Version} of '{shape.Name}' is current and can't have an upcaster.");
            }
            for (int version = 1; version < shape.Version; version++)
            {
                if (!upcasters.ContainsKey((shape.Name, version)))
                {
                    throw new InvalidOperationException($"Version {version} of '{shape.Name}' has no upcaster; stored events would be lost.");
                }
            }
        }
        return new EventCodec<TEvent>(shapes, upcasters);
    }

    private IEnumerable<Type> Unregistered() => typeof(TEvent) == typeof(object)
        ? []
        : typeof(TEvent).Assembly.GetTypes()
            .Where(t => t is { IsAbstract: false, IsGenericTypeDefinition: false } && t.IsAssignableTo(typeof(TEvent)))
            .Except(retired)
            .Where(t => !shapes.Exists(s => s.Json.Type == t));
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class UpcastJson : JsonSerializerContext;
