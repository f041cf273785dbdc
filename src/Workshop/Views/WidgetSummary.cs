using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>What is shown of one stream. Mirrors stored data.</summary>
public sealed record WidgetSummary
{
    public required string Title { get; init; }

    /// <summary>How often it got another title.</summary>
    public required int Renamed { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    public static WidgetSummary Initial { get; } = new() { Title = "", Renamed = 0 };
}

/// <summary>One summary per stream.</summary>
public static class WidgetSummaryView
{
    public static DocumentView<WidgetSummary, WidgetEvent> Projection { get; } = new()
    {
        Name = "widget-summary",
        Version = 1,
        Sources = [EventSource<WidgetEvent>.Of(WidgetAggregate.Definition)],
        Key = ViewKey<WidgetEvent>.Stream,
        Initial = () => WidgetSummary.Initial,
        Apply = Apply,
        Json = ViewsJson.Default.WidgetSummary,
    };

    public static WidgetSummary Apply(WidgetSummary view, EventEnvelope<WidgetEvent> envelope) => envelope.Event switch
    {
        WidgetCreated e => view with { Title = e.Title, CreatedAt = envelope.Timestamp, ChangedAt = envelope.Timestamp },
        WidgetRenamed e => view with { Title = e.Title, Renamed = view.Renamed + 1, ChangedAt = envelope.Timestamp },
        _ => view,
    };
}

/// <summary>The stored shapes of views. When one changes, raise the version of its projection: it is then built anew.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(WidgetSummary))]
internal sealed partial class ViewsJson : JsonSerializerContext;
