using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing;

/// <summary>
/// What to listen to: spans of <see cref="SourceName"/> and metrics of <see cref="MeterName"/>. Neither has a payload, a key of a view
/// or an actor in it; streams are named by spans only, never by metrics. Who does not listen pays nothing.
/// </summary>
public static class EventSourcingTelemetry
{
    public const string SourceName = "Serverless.EventSourcing";

    /// <summary>Consumers, commands and caches alike.</summary>
    public const string MeterName = ConsumerMonitor.MeterName;

    /// <summary>Request units, as the conventions for Cosmos DB write them.</summary>
    internal const string RequestUnit = "{request_unit}";

    internal static ActivitySource Source { get; } = new(SourceName);

    internal static Meter Meter { get; } = new(MeterName);

    /// <summary>The context that is stored with a commit, as a link: what is linked to ended long ago, or belongs to another request.</summary>
    internal static ActivityLink? LinkTo(string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out ActivityContext context) ? new ActivityLink(context) : null;

    /// <summary>Ends a span with a fault: its class, and never its message, which may quote data.</summary>
    internal static void Fail(this Activity? span, Exception fault)
    {
        span?.SetStatus(ActivityStatusCode.Error);
        span?.SetTag(Tags.Error, fault.GetType().FullName);
    }
}

/// <summary>Names of attributes: those of the conventions first, then our own.</summary>
internal static class Tags
{
    public const string Error = "error.type";
    public const string MessagingSystem = "messaging.system";
    public const string MessagingOperation = "messaging.operation.name";
    public const string MessagingOperationType = "messaging.operation.type";
    public const string MessagingDestination = "messaging.destination.name";
    public const string MessagingConsumerGroup = "messaging.consumer.group.name";
    public const string MessagingBatch = "messaging.batch.message_count";
    public const string MessagingConversation = "messaging.message.conversation_id";

    public const string Category = "serverless.category";
    public const string Command = "serverless.command.name";
    public const string Outcome = "serverless.command.outcome";
    public const string CacheResult = "serverless.cache.result";
    public const string Stream = "serverless.stream";
    public const string Version = "serverless.stream.version";
    public const string Attempts = "serverless.command.attempts";
    public const string Events = "serverless.events";
    public const string Charge = "serverless.request_charge";
    public const string Step = "serverless.process.step";
}
