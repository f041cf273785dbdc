using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing;

/// <summary>
/// Lag and parked streams as gauges. They cost requests, so nothing is measured unless somebody collects: a collection gets what was
/// measured after the one before it, and starts the next measurement.
/// </summary>
public sealed class ConsumerGauges
{
    private readonly IReadOnlyList<string> consumers;
    private readonly ConsumerStatusReader reader;
    private readonly TimeProvider time;
    private readonly TimeSpan interval;
    private readonly Action<Exception> onFault;
    private readonly Lock gate = new();
    private IReadOnlyList<ConsumerStatus> last = [];
    private DateTimeOffset? measuredAt;
    private Task measurement = Task.CompletedTask;

    /// <param name="consumers">Those of this system, by <c>name@version</c>.</param>
    /// <param name="monitor">Whose meter gets the gauges.</param>
    /// <param name="reader">Measures.</param>
    /// <param name="time">Says when a measurement is old.</param>
    /// <param name="interval">The least time between two measurements, however often somebody collects.</param>
    /// <param name="onFault">Told when a measurement fails; the gauges then have no values until one succeeds.</param>
    public ConsumerGauges(
        IReadOnlyList<string> consumers,
        ConsumerMonitor monitor,
        ConsumerStatusReader reader,
        TimeProvider time,
        TimeSpan interval,
        Action<Exception> onFault)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        this.consumers = consumers;
        this.reader = reader;
        this.time = time;
        this.interval = interval;
        this.onFault = onFault;
        monitor.Meter.CreateObservableGauge(
            "serverless.consumer.lag", () => Values(s => s.LagCommits), "{commit}", "Commits that were not acknowledged yet.");
        monitor.Meter.CreateObservableGauge(
            "serverless.consumer.lag_time", () => Values(s => s.LagTime.TotalSeconds), "s", "Age of the oldest of them.");
        monitor.Meter.CreateObservableGauge(
            "serverless.consumer.parked_streams", () => Values(s => s.Parked), "{stream}", "Streams that are parked now.");
        monitor.Meter.CreateObservableGauge(
            "serverless.consumer.stuck", () => Values(NeedsHelp), "{consumer}",
            "1 while the consumer is stuck, has stopped, or has failed for longer than the limit.");
    }

    /// <summary>The measurement that the last collection started; it does not fail.</summary>
    public Task Measurement
    {
        get
        {
            lock (gate)
            {
                return measurement;
            }
        }
    }

    private static int NeedsHelp(ConsumerStatus status) => status switch
    {
        { State: ConsumerState.Failing } => status.IsOverdue ? 1 : 0,
        _ => status.State > ConsumerState.Failing ? 1 : 0,
    };

    private IEnumerable<Measurement<T>> Values<T>(Func<ConsumerStatus, T> of)
        where T : struct =>
        Latest().Select(s => new Measurement<T>(of(s), new KeyValuePair<string, object?>(ConsumerMonitor.ConsumerTag, s.Consumer)));

    private IReadOnlyList<ConsumerStatus> Latest()
    {
        lock (gate)
        {
            if (measurement.IsCompleted && (measuredAt is null || time.GetUtcNow() - measuredAt >= interval))
            {
                measuredAt = time.GetUtcNow();
                measurement = Task.Run(MeasureAsync);
            }
            return last;
        }
    }

    private async Task MeasureAsync()
    {
        IReadOnlyList<ConsumerStatus> measured = [];
        try
        {
            measured = await Task.WhenAll(consumers.Select(c => reader.ReadAsync(c, CancellationToken.None)));
        }
#pragma warning disable CA1031 // A collection must not fail because the store does; whoever is told may log it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            onFault(e);
        }
        lock (gate)
        {
            last = measured;
        }
    }
}
