using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing;

/// <summary>
/// What is told of a consumer at work: a span for each write of a batch, with a link to the command behind every commit that goes into
/// it. A link and not a parent: one write has many commits, of many requests, that may be years old.
/// </summary>
internal static class ConsumerTrace
{
    // As many links as an SDK keeps by default (OTEL_SPAN_LINK_COUNT_LIMIT).
    private const int MaxLinks = 128;

    private const string ChangeFeed = "change_feed";

    private static readonly Histogram<double> EventCharge = EventSourcingTelemetry.Meter.CreateHistogram<double>(
        "serverless.consumer.event_charge", EventSourcingTelemetry.RequestUnit, "Request units per event that was applied, of one write.");

    public static bool IsListenedTo => EventSourcingTelemetry.Source.HasListeners() || EventCharge.Enabled;

    /// <summary>Null when nobody listens.</summary>
    public static Activity? Process(IConsumer consumer, IReadOnlyList<StreamCommits> streams)
    {
        if (!EventSourcingTelemetry.Source.HasListeners())
        {
            return null;
        }
        IEnumerable<ActivityLink> links = streams.SelectMany(s => s.Commits)
            .Select(c => c.Metadata.TraceParent)
            .Distinct()
            .Select(EventSourcingTelemetry.LinkTo)
            .OfType<ActivityLink>()
            .Take(MaxLinks);
        Activity? span = EventSourcingTelemetry.Source.StartActivity(
            $"process {consumer.FullName}", ActivityKind.Consumer, parentContext: default, tags: null, links);
        span?.SetTag(Tags.MessagingSystem, ChangeFeed);
        span?.SetTag(Tags.MessagingOperation, "process");
        span?.SetTag(Tags.MessagingOperationType, "process");
        span?.SetTag(Tags.MessagingDestination, "events");
        span?.SetTag(Tags.MessagingConsumerGroup, consumer.FullName);
        span?.SetTag(Tags.MessagingBatch, streams.Sum(s => s.Commits.Count));
        if (streams is [{ Stream: var stream }])
        {
            span?.SetTag(Tags.Stream, stream.Value);
        }
        return span;
    }

    public static void Applied(Activity? span, IConsumer consumer, ProjectionResult result)
    {
        span?.SetTag(Tags.Events, result.Events);
        span?.SetTag(Tags.Charge, result.RequestCharge);
        if (result.Events > 0 && EventCharge.Enabled)
        {
            EventCharge.Record(result.RequestCharge / result.Events, new KeyValuePair<string, object?>(ConsumerMonitor.ConsumerTag, consumer.FullName));
        }
    }

    /// <summary>One step of a process, with a link to the command whose event led to it. Null when nobody listens.</summary>
    public static Activity? Step(string process, ProcessStep step, CommandCause cause)
    {
        if (!EventSourcingTelemetry.Source.HasListeners())
        {
            return null;
        }
        Activity? span = EventSourcingTelemetry.Source.StartActivity(
            $"step {process}.{step.Name}", ActivityKind.Internal, parentContext: default, tags: null, Links(cause.TraceParent));
        span?.SetTag(Tags.Step, step.Name);
        span?.SetTag(Tags.Stream, step.Target.Value);
        span?.SetTag(Tags.MessagingConversation, cause.CorrelationId);
        return span;
    }

    /// <summary>One command of the inbox; which one is known when it is taken. Null when nobody listens.</summary>
    public static Activity? Inbox(StreamName stream)
    {
        if (!EventSourcingTelemetry.Source.HasListeners())
        {
            return null;
        }
        Activity? span = EventSourcingTelemetry.Source.StartActivity($"process {InboxOptions.FeedName}", ActivityKind.Consumer);
        span?.SetTag(Tags.MessagingSystem, ChangeFeed);
        span?.SetTag(Tags.MessagingOperation, "process");
        span?.SetTag(Tags.MessagingOperationType, "process");
        span?.SetTag(Tags.MessagingDestination, "commands");
        span?.SetTag(Tags.MessagingConsumerGroup, InboxOptions.FeedName);
        span?.SetTag(Tags.Stream, stream.Value);
        return span;
    }

    public static void Taken(Activity? span, InboxCommand command)
    {
        if (span is not null && EventSourcingTelemetry.LinkTo(command.TraceParent) is { } link && !span.Links.Any(l => l.Context == link.Context))
        {
            span.AddLink(link);
            span.SetTag(Tags.MessagingConversation, command.CorrelationId);
        }
    }

    private static IEnumerable<ActivityLink> Links(string? traceParent) => EventSourcingTelemetry.LinkTo(traceParent) is { } link ? [link] : [];
}
