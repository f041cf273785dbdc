using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;

namespace Serverless.EventSourcing;

/// <summary>
/// Counts what the consumers of this process do: as metrics at once, and for the durable record, which <see cref="ConsumerRecorder"/>
/// writes now and then. Nothing here waits or can fail.
/// </summary>
public sealed class ConsumerMonitor : IDisposable
{
    /// <summary>The meter to listen to; names of its instruments begin with <c>serverless.consumer</c>.</summary>
    public const string MeterName = "Serverless.EventSourcing";

    /// <summary>The tag that names the consumer.</summary>
    public const string ConsumerTag = "serverless.consumer.name";

    private const int MaxErrorLength = 500;

    private readonly ConcurrentDictionary<string, ConsumerNews> news = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> started = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Consumer, string Batch), int> failing = [];
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider time;
    private readonly (Counter<long> Counter, Func<ConsumerCounts, long> Of)[] counters;
    private readonly Counter<double> charge;

    public ConsumerMonitor(TimeProvider time)
    {
        this.time = time;
        Meter = new Meter(MeterName);
        charge = Meter.CreateCounter<double>(
            "serverless.consumer.request_charge", EventSourcingTelemetry.RequestUnit, "Request units of acknowledged batches.");
        counters =
        [
            (Counter("commits", "{commit}", "Commits that were acknowledged."), c => c.Commits),
            (Counter("events", "{event}", "Events that were applied."), c => c.Events),
            (Counter("lost_races", "{race}", "Writes that another one overtook."), c => c.LostRaces),
            (Counter("failures", "{attempt}", "Attempts that failed for reasons of the commit."), c => c.Failures),
            (Counter("parked", "{stream}", "Streams that were parked."), c => c.Parked),
            (Counter("retries", "{retry}", "Retries of parked streams."), c => c.Retries),
            (Counter("unparked", "{stream}", "Parked streams that have caught up."), c => c.Unparked),
            (Counter("audited", "{commit}", "Commits that the auditor checked."), c => c.Audited),
            (Counter("healed", "{event}", "Events that the auditor found missing and gave."), c => c.Healed),
        ];
    }

    /// <summary>Its own, so that two monitors in one process can be told apart.</summary>
    public Meter Meter { get; }

    /// <summary>Runs <paramref name="handle"/> for a batch of a consumer's feed, and notes that it was acknowledged or why not.</summary>
    public async Task WatchAsync(
        string consumer, IReadOnlyList<Delivery> batch, Func<Task<ProjectionResult>> handle, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(handle);
        string place = PlaceOf(batch);
        if (started.TryAdd(consumer, true))
        {
            // From here on its record says where it stood, so that one that never comes further is seen to be stuck.
            Add(consumer, new ConsumerNews());
        }
        ProjectionResult result;
        try
        {
            result = await handle();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(consumer, place, e);
            throw;
        }
        Acknowledge(consumer, place, batch.Count, result);
    }

    /// <summary>How often in a row this process could not acknowledge a batch of a consumer.</summary>
    public int AttemptsOf(string consumer, IReadOnlyList<Delivery> batch) => failing.GetValueOrDefault((consumer, PlaceOf(batch)));

    /// <summary>The auditor has given commits to the consumer once more.</summary>
    public void Audited(AuditResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        ConsumerCounts counts = new() { Audited = result.CheckedCommits, Healed = result.HealedEvents };
        Measure(result.Consumer, counts);
        DateTimeOffset now = time.GetUtcNow();
        Add(result.Consumer, new ConsumerNews { Counts = counts, AuditAt = now, HealedAt = result.HealedEvents > 0 ? now : null });
    }

    /// <summary>Anything else that happened.</summary>
    public void Count(string consumer, ConsumerCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        Measure(consumer, counts);
        Add(consumer, new ConsumerNews { Counts = counts });
    }

    public void Dispose() => Meter.Dispose();

    internal ValueTask<bool> WaitForNewsAsync(CancellationToken cancellationToken) => signal.Reader.ReadAsync(cancellationToken);

    /// <summary>Everything since the last call; what can't be recorded is to be put back.</summary>
    internal IReadOnlyList<(string Consumer, ConsumerNews News)> Take()
    {
        List<(string, ConsumerNews)> taken = [];
        foreach (string consumer in news.Keys)
        {
            if (news.TryRemove(consumer, out ConsumerNews? found))
            {
                taken.Add((consumer, found));
            }
        }
        return taken;
    }

    internal void PutBack(string consumer, ConsumerNews older) => Merge(consumer, older, (known, given) => given.Then(known));

    private static string PlaceOf(IReadOnlyList<Delivery> batch) =>
        batch is [var first, ..] ? PendingCommit.PlaceOf(first.Stream, first.FirstVersion) : "";

    private void Acknowledge(string consumer, string batch, int commits, ProjectionResult result)
    {
        ConsumerCounts counts = new() { Commits = commits, Events = result.Events, LostRaces = result.LostRaces };
        Measure(consumer, counts);
        if (result.RequestCharge > 0)
        {
            charge.Add(result.RequestCharge, new KeyValuePair<string, object?>(ConsumerTag, consumer));
        }
        Dictionary<string, FeedFault?> passed = [];
        if (failing.TryRemove((consumer, batch), out _))
        {
            passed.Add(batch, null);
        }
        Add(consumer, new ConsumerNews { Counts = counts, ProgressAt = time.GetUtcNow(), Faults = passed });
    }

    private void Fail(string consumer, string batch, Exception fault)
    {
        DateTimeOffset now = time.GetUtcNow();
        failing.AddOrUpdate((consumer, batch), 1, static (_, attempts) => attempts + 1);
        FeedFault told = new(ErrorText.Of(fault, MaxErrorLength), fault is ConsumerStoppedException, Since: now, LastAt: now);
        Add(consumer, new ConsumerNews { Faults = new Dictionary<string, FeedFault?> { [batch] = told } });
    }

    private void Add(string consumer, ConsumerNews later) => Merge(consumer, later, (known, given) => known.Then(given));

    private void Merge(string consumer, ConsumerNews given, Func<ConsumerNews, ConsumerNews, ConsumerNews> merge)
    {
        news.AddOrUpdate(consumer, given, (_, known) => merge(known, given));
        signal.Writer.TryWrite(true);
    }

    private void Measure(string consumer, ConsumerCounts counts)
    {
        foreach ((Counter<long> counter, Func<ConsumerCounts, long> of) in counters)
        {
            if (of(counts) is > 0 and long value)
            {
                counter.Add(value, new KeyValuePair<string, object?>(ConsumerTag, consumer));
            }
        }
    }

    private Counter<long> Counter(string name, string unit, string description) =>
        Meter.CreateCounter<long>($"serverless.consumer.{name}", unit, description);
}
