using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing.Tests;

/// <summary>What a collector of metrics gets.</summary>
public sealed class ConsumerMetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_that_is_counted_is_measured_under_the_consumer()
    {
        ConsumerWorld world = new();
        using Collector collector = new(world.Monitor);
        Commit good = await world.AddAsync("a", 1);
        Commit bad = await world.AddAsync("b", 13);
        await world.Monitor.WatchAsync(
            "log@1", [Delivery.Of(good), Delivery.Of(bad)],
            () => world.Runner().HandleAsync(FailingViews.Log(13), [Delivery.Of(good), Delivery.Of(bad)], Cancellation), Cancellation);
        await world.Retries().RetryAsync(FailingViews.Log(13), "purse-b", Cancellation);
        await world.Retries().RetryAsync(FailingViews.Log(), "purse-b", Cancellation);
        world.Monitor.Audited(new AuditResult("log@1", CheckedCommits: 5, HealedEvents: 2, RequestCharge: 0));

        Assert.Equal(
            new Dictionary<string, double>
            {
                ["serverless.consumer.commits"] = 2,
                ["serverless.consumer.events"] = 1,
                ["serverless.consumer.failures"] = 4, // Three attempts and a retry.
                ["serverless.consumer.parked"] = 1,
                ["serverless.consumer.retries"] = 2,
                ["serverless.consumer.unparked"] = 1,
                ["serverless.consumer.audited"] = 5,
                ["serverless.consumer.healed"] = 2,
            },
            collector.Values("log@1"));
    }

    [Fact]
    public async Task Lag_is_measured_only_when_somebody_collects_and_not_too_often()
    {
        StatusWorld world = new();
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5", commits: 3, world.Pending(TimeSpan.FromSeconds(90)), seenAt: world.Now);
        ConsumerStatusReader reader = new(world.Feeds, world.Records, world.Parked, world.Time, StatusWorld.Options);
        ConsumerGauges gauges = new([StatusWorld.Consumer], instance.Monitor, reader, world.Time, TimeSpan.FromSeconds(30), _ => { });
        using Collector collector = new(instance.Monitor);

        Assert.Equal(0, world.Feeds.LooksAtLag); // Nobody has collected.
        collector.Collect(StatusWorld.Consumer);
        await gauges.Measurement;
        Dictionary<string, double> first = collector.Collect(StatusWorld.Consumer);
        world.Feeds.Set("0", "8");
        world.Time.Advance(TimeSpan.FromSeconds(29));
        collector.Collect(StatusWorld.Consumer);
        await gauges.Measurement;
        Dictionary<string, double> early = collector.Collect(StatusWorld.Consumer);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        collector.Collect(StatusWorld.Consumer);
        await gauges.Measurement;
        Dictionary<string, double> late = collector.Collect(StatusWorld.Consumer);

        Assert.Equal(Gauges(lag: 3, seconds: 90), first);
        Assert.Equal(first, early);
        Assert.Equal(Gauges(lag: 0, seconds: 0), late);
        Assert.Equal(2, world.Feeds.LooksAtLag);
    }

    [Fact]
    public async Task A_measurement_that_fails_is_told_and_leaves_no_value_behind()
    {
        StatusWorld world = new();
        using StatusWorld.Instance instance = world.Start();
        world.Feeds.Set("0", "5");
        ConcurrentQueue<Exception> faults = [];
        ConsumerStatusReader reader = new(world.Feeds, world.Records, world.Parked, world.Time, StatusWorld.Options);
        ConsumerGauges gauges = new([StatusWorld.Consumer], instance.Monitor, reader, world.Time, TimeSpan.FromTicks(1), faults.Enqueue);
        using Collector collector = new(instance.Monitor);
        collector.Collect(StatusWorld.Consumer);
        await gauges.Measurement;
        world.Feeds.Fault = new TimeoutException();
        world.Time.Advance(TimeSpan.FromSeconds(1));
        collector.Collect(StatusWorld.Consumer);
        await gauges.Measurement;

        Assert.Empty(collector.Collect(StatusWorld.Consumer));
        Assert.IsType<TimeoutException>(Assert.Single(faults));
    }

    private static Dictionary<string, double> Gauges(long lag, double seconds) => new()
    {
        ["serverless.consumer.lag"] = lag,
        ["serverless.consumer.lag_time"] = seconds,
        ["serverless.consumer.parked_streams"] = 0,
        ["serverless.consumer.stuck"] = 0,
    };

    /// <summary>Listens to the meter of one monitor; other tests have meters of the same name.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly MeterListener listener = new();
        private readonly ConcurrentDictionary<(string Consumer, string Instrument), double> values = [];

        public Collector(ConsumerMonitor monitor)
        {
            listener.InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == ConsumerMonitor.MeterName && ReferenceEquals(instrument.Meter, monitor.Meter))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            listener.Start();
        }

        public Dictionary<string, double> Values(string consumer) =>
            values.Where(v => v.Key.Consumer == consumer).ToDictionary(v => v.Key.Instrument, v => v.Value, StringComparer.Ordinal);

        /// <summary>What the gauges say now.</summary>
        public Dictionary<string, double> Collect(string consumer)
        {
            values.Clear();
            listener.RecordObservableInstruments();
            return Values(consumer);
        }

        public void Dispose() => listener.Dispose();

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string consumer = (string)tags.ToArray().Single(t => t.Key == ConsumerMonitor.ConsumerTag).Value!;
            values.AddOrUpdate((consumer, instrument.Name), value, (_, sum) => sum + value);
        }
    }
}
