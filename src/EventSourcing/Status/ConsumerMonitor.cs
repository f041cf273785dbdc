using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Serverless.EventSourcing;

/// <summary>
/// Counts what the consumers of this process do: as metrics at once, and for the durable record, which <see cref="ConsumerRecorder"/>
/// writes now and then. Logs what fails. Nothing here waits or can fail.
/// </summary>
public sealed class ConsumerMonitor : IDisposable
{
    /// <summary>The meter to listen to; names of its instruments begin with <c>serverless.consumer</c>.</summary>
    public const string MeterName = "Serverless.EventSourcing";

    /// <summary>The tag that names the consumer.</summary>
    public const string ConsumerTag = "serverless.consumer.name";

    /// <summary>Lost races of one batch from which on the log says so.</summary>
    public const int ManyLostRaces = 20;

    private const int MaxErrorLength = 500;

    // An outage fails every batch every few seconds.
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    // Only an operator ends this, who may have paused the consumer for days.
    private static readonly TimeSpan StopLogInterval = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, ConsumerNews> news = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> started = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Consumer, string Batch), bool> failing = [];
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TimeProvider time;
    private readonly IStoreFaults faults;
    private readonly ILogger logger;
    private readonly LogLimit limit;
    private readonly LogLimit stopLimit;
    private readonly (Counter<long> Counter, Func<ConsumerCounts, long> Of)[] counters;
    private readonly Counter<double> charge;

    /// <param name="time">The clock.</param>
    /// <param name="faults">Describes faults of the store; those of any network unless given.</param>
    /// <param name="logger">Gets what fails; nothing is logged without one.</param>
    public ConsumerMonitor(TimeProvider time, IStoreFaults? faults = null, ILogger<ConsumerMonitor>? logger = null)
    {
        this.time = time;
        this.faults = faults ?? new NetworkFaults();
        this.logger = logger ?? NullLogger<ConsumerMonitor>.Instance;
        limit = new LogLimit(time, LogInterval);
        stopLimit = new LogLimit(time, StopLogInterval);
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

    /// <summary>An attempt has failed for reasons of the commit, and its stream may be parked for it.</summary>
    internal void Failed(ParkedStream record, Exception error)
    {
        bool isParked = record.Status == ParkedStatus.Parked;
        Count(record.Consumer, new ConsumerCounts { Failures = 1, Parked = isParked ? 1 : 0 });
        if (isParked)
        {
            ConsumerLog.Parked(logger, error, record.Consumer, record.Stream, record.FromVersion, record.Attempts, record.NextRetryAt);
        }
        else if (record.Attempts == 1)
        {
            ConsumerLog.AttemptFailed(logger, error, record.Consumer, record.Stream, record.FromVersion, record.Attempts);
        }
        else
        {
            ConsumerLog.AttemptFailedAgain(logger, record.Consumer, record.Stream, record.FromVersion, record.Attempts, ErrorText.Of(error, MaxErrorLength));
        }
    }

    /// <summary>A parked stream was retried and has failed again.</summary>
    internal void FailedAgain(ParkedStream record, Exception error)
    {
        Count(record.Consumer, new ConsumerCounts { Retries = 1, Failures = 1 });
        ConsumerLog.StillFailing(logger, error, record.Consumer, record.Stream, record.FromVersion, record.Attempts, record.NextRetryAt);
    }

    /// <summary>A stream is no longer parked, after a retry or because an operator discarded a version.</summary>
    internal void CaughtUp(string consumer, string stream, long? discardedVersion, int events)
    {
        Count(consumer, new ConsumerCounts { Retries = 1, Unparked = 1 });
        if (discardedVersion is { } version)
        {
            ConsumerLog.Discarded(logger, consumer, stream, version);
        }
        ConsumerLog.CaughtUp(logger, consumer, stream, events);
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
            ConsumerLog.BatchRecovered(logger, consumer, batch);
        }
        if (result.LostRaces >= ManyLostRaces && limit.TryTake($"races {consumer}", out string leftOut))
        {
            ConsumerLog.LostRaces(logger, consumer, result.LostRaces, commits, leftOut);
        }
        Add(consumer, new ConsumerNews { Counts = counts, ProgressAt = time.GetUtcNow(), Faults = passed });
    }

    private void Fail(string consumer, string batch, Exception fault)
    {
        DateTimeOffset now = time.GetUtcNow();
        failing[(consumer, batch)] = true;
        string reason = ErrorText.Cut(faults.Describe(fault), MaxErrorLength);
        FeedFault told = new(reason, fault is ConsumerStoppedException, Since: now, LastAt: now);
        Add(consumer, new ConsumerNews { Faults = new Dictionary<string, FeedFault?> { [batch] = told } });
        LogFailure(consumer, batch, fault, reason);
    }

    private void LogFailure(string consumer, string batch, Exception fault, string reason)
    {
        bool isStop = fault is ConsumerStoppedException;
        if (!(isStop ? stopLimit : limit).TryTake($"{consumer} {fault.GetType()}", out string leftOut))
        {
            return;
        }
        if (isStop)
        {
            ConsumerLog.Stopped(logger, consumer, fault.Message, leftOut);
        }
        else if (faults.MustRetry(fault))
        {
            ConsumerLog.BatchFailed(logger, consumer, batch, reason, leftOut);
        }
        else
        {
            ConsumerLog.BatchBroken(logger, fault, consumer, batch, leftOut);
        }
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
