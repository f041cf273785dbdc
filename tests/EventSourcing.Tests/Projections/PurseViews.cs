using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Serverless.EventSourcing.Tests;

/// <summary>Everything that went into a view, per stream and in order: what a fence gets wrong shows here.</summary>
public sealed record EventLog(IReadOnlyDictionary<string, IReadOnlyList<string>> Events)
{
    public static EventLog Empty { get; } = new(new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));

    internal EventLog With(EventEnvelope<PurseEvent> envelope) => new(new SortedDictionary<string, IReadOnlyList<string>>(
        Events.ToDictionary(e => e.Key, e => e.Value), StringComparer.Ordinal)
    {
        [envelope.Stream.Value] = [.. Events.GetValueOrDefault(envelope.Stream.Value) ?? [], envelope.EventId],
    });
}

public sealed record EventCount(long Count, long Sum);

public sealed record EventLine(string EventId, long CountBefore);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(EventLog))]
[JsonSerializable(typeof(EventCount))]
[JsonSerializable(typeof(EventLine))]
internal sealed partial class PurseViewsJson : JsonSerializerContext;

/// <summary>One view of each kind, over events of which some were stored in shapes of the past.</summary>
internal static class PurseViews
{
    /// <summary>As <see cref="Purse.Codec"/>, and a past in which one event was two, and one was none.</summary>
    public static readonly EventCodec<PurseEvent> Codec = new EventCodecBuilder<PurseEvent>()
        .Add("purse.added", 1, PurseJson.Default.Added)
        .Add("purse.taken", 1, PurseJson.Default.Taken)
        .Add("purse.labelled", 1, PurseJson.Default.Labelled)
        .Upcast("purse.swapped", 1, data => [Raw("purse.taken", data["out"]!), Raw("purse.added", data["in"]!)])
        .Upcast("purse.polished", 1, _ => [])
        .Build();

    public static readonly Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> Aggregate = new()
    {
        Category = "purse",
        Initial = Purse.Definition.Initial,
        Decide = Purse.Decide,
        Evolve = Purse.Evolve,
        Events = Codec,
        Commands = Purse.Definition.Commands,
        Describe = Purse.Definition.Describe,
        StateJson = PurseJson.Default.PurseState,
    };

    private static readonly IReadOnlyList<EventSource<PurseEvent>> Sources = [EventSource<PurseEvent>.Of(Aggregate)];

    public static readonly ViewKey<PurseEvent> ByLabel = ViewKey<PurseEvent>.NamedBy(e => (e.Event as Labelled)?.Text);

    public static DocumentView<EventLog, PurseEvent> Document(
        ViewKey<PurseEvent> key, Func<EventLog, EventEnvelope<PurseEvent>, EventLog>? apply = null) => new()
        {
            Name = "log",
            Version = 1,
            Sources = Sources,
            Key = key,
            Initial = () => EventLog.Empty,
            Apply = apply ?? ((log, envelope) => log.With(envelope)),
            Json = PurseViewsJson.Default.EventLog,
        };

    /// <summary>A line per event but those that only label.</summary>
    public static EntriesView<EventCount, EventLine, PurseEvent> Entries(ViewKey<PurseEvent> key) => new()
    {
        Name = "lines",
        Version = 1,
        Sources = Sources,
        Key = key,
        Initial = () => new EventCount(0, 0),
        Apply = (count, envelope) => envelope.Event is Labelled
            ? (Next(count, envelope), null)
            : (Next(count, envelope), new EventLine(envelope.EventId, count.Count)),
        HeaderJson = PurseViewsJson.Default.EventCount,
        EntryJson = PurseViewsJson.Default.EventLine,
    };

    public static readonly TotalsView<EventCount, PurseEvent> Totals = new()
    {
        Name = "totals",
        Version = 1,
        Sources = Sources,
        DocumentOf = DocumentOf,
        Initial = () => new EventCount(0, 0),
        Apply = Next,
        Json = PurseViewsJson.Default.EventCount,
    };

    /// <summary>One document per amount; labels count nowhere.</summary>
    public static string? DocumentOf(EventEnvelope<PurseEvent> envelope) =>
        envelope.Event is Labelled ? null : AmountOf(envelope).ToString(CultureInfo.InvariantCulture);

    public static EventCount Next(EventCount count, EventEnvelope<PurseEvent> envelope) =>
        new(count.Count + 1, count.Sum + AmountOf(envelope));

    private static int AmountOf(EventEnvelope<PurseEvent> envelope) => envelope.Event switch
    {
        Added e => e.Amount,
        Taken e => e.Amount,
        _ => 0,
    };

    private static RawEvent Raw(string type, JsonNode amount) => new(type, 1, new JsonObject { ["amount"] = amount.DeepClone() });
}
