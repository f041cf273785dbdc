using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing.Tests;

/// <summary>
/// Listens to the one source and meter of the process, on which other tests work as well: it takes the spans of its own trace, those
/// with a link into it, and the measurements that name its own category or consumer.
/// </summary>
internal sealed class Listening : IDisposable
{
    private readonly string mine;
    private readonly ActivityListener spans;
    private readonly MeterListener meters = new();
    private readonly Activity root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C);
    private readonly ConcurrentQueue<Activity> ended = [];
    private readonly ConcurrentQueue<Measurement> measured = [];

    public Listening(string mine)
    {
        this.mine = mine;
        root.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        root.Start();
        spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EventSourcingTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> o) =>
                o.Parent.TraceId == root.TraceId || o.Links?.Any(l => l.Context.TraceId == root.TraceId) == true
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            // Told of what any listener wanted.
            ActivityStopped = span =>
            {
                if (span.TraceId == root.TraceId || span.Links.Any(l => l.Context.TraceId == root.TraceId))
                {
                    ended.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(spans);
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EventSourcingTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
        meters.SetMeasurementEventCallback<double>((i, value, tags, _) => Take(i, value, tags));
        meters.Start();

        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Dictionary<string, string> all = tags.ToArray().ToDictionary(t => t.Key, t => $"{t.Value}");
            if (all.ContainsValue(mine))
            {
                measured.Enqueue(new Measurement(instrument.Name, instrument.Unit, value, all));
            }
        }
    }

    public Activity Root => root;

    public IReadOnlyList<Activity> Spans => [.. ended];

    /// <summary>Of one instrument, as <c>value unit tag,tag</c> without the tag that makes them mine.</summary>
    public IEnumerable<string> Measured(string instrument, bool withValue = true) =>
        from m in measured
        where m.Instrument == instrument
        select $"{(withValue ? m.Value : "")} {m.Unit} {string.Join(',', m.Tags.Where(t => t.Value != mine).OrderBy(t => t.Key).Select(t => t.Value))}".Trim();

    public IEnumerable<string> TagNames => measured.SelectMany(m => m.Tags.Keys).Distinct().Order(StringComparer.Ordinal);

    public IReadOnlyList<double> Values(string instrument) => [.. measured.Where(m => m.Instrument == instrument).Select(m => m.Value)];

    public void Dispose()
    {
        spans.Dispose();
        meters.Dispose();
        root.Dispose();
    }

    private sealed record Measurement(string Instrument, string? Unit, double Value, Dictionary<string, string> Tags);
}
