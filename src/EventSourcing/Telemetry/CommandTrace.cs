using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing;

/// <summary>What is told of one command while it runs. There is none when nobody listens, so that the way of a command stays free of it.</summary>
internal sealed class CommandTrace : IDisposable
{
    private const string Unknown = "unknown"; // It was never taken, or did not get so far.

    private static readonly Counter<long> Commands = EventSourcingTelemetry.Meter.CreateCounter<long>(
        "serverless.commands", "{command}", "Commands by how they ended.");

    private static readonly Histogram<double> Duration = EventSourcingTelemetry.Meter.CreateHistogram<double>(
        "serverless.command.duration", "s", "From the call to the outcome, waiting for its turn included.");

    private static readonly Histogram<double> Charge = EventSourcingTelemetry.Meter.CreateHistogram<double>(
        "serverless.command.request_charge", EventSourcingTelemetry.RequestUnit, "Request units of a command, every attempt included.");

    private static readonly Histogram<double> CollisionWindow = EventSourcingTelemetry.Meter.CreateHistogram<double>(
        "serverless.command.collision_window", "s", "From the look at the state to the end of the append: how long another writer can come in between.");

    private static readonly Counter<long> Conflicts = EventSourcingTelemetry.Meter.CreateCounter<long>(
        "serverless.command.conflicts", "{conflict}", "Appends that found another commit in their place, or their own.");

    private static readonly Counter<long> Retries = EventSourcingTelemetry.Meter.CreateCounter<long>(
        "serverless.command.retries", "{retry}", "Decisions made again after a lost race.");

    private static readonly Counter<long> Lookups = EventSourcingTelemetry.Meter.CreateCounter<long>(
        "serverless.cache.lookups", "{lookup}", "Looks into the cache of states, by hit and miss.");

    private readonly StreamName stream;
    private readonly TimeProvider time;
    private readonly Activity? span;
    private readonly long start;
    private string command = Unknown;
    private long knownSince;
    private int attempts = 1;

    public CommandTrace(StreamName stream, TimeProvider time)
    {
        this.stream = stream;
        this.time = time;
        span = EventSourcingTelemetry.Source.StartActivity($"execute {stream.Category}", ActivityKind.Internal);
        span?.SetTag(Tags.Category, stream.Category);
        span?.SetTag(Tags.Stream, stream.Value);
        start = time.GetTimestamp();
    }

    /// <summary>The span of the command, to be stored with its commit; null when it is not traced.</summary>
    public string? TraceParent => span?.Id;

    public static bool IsListenedTo =>
        EventSourcingTelemetry.Source.HasListeners()
        || Commands.Enabled || Duration.Enabled || Charge.Enabled || CollisionWindow.Enabled || Conflicts.Enabled || Retries.Enabled || Lookups.Enabled;

    /// <summary>What is executed; of a command from the inbox that is known late.</summary>
    public void Take(string name)
    {
        command = name;
        if (span is not null)
        {
            span.DisplayName = $"execute {stream.Category}.{name}";
            span.SetTag(Tags.Command, name);
        }
    }

    public void LookedUp(bool isHit) => Lookups.Add(1, Category, new(Tags.CacheResult, isHit ? "hit" : "miss"));

    public Activity? Load() => Part("load");

    public Activity? Decide() => Part("decide");

    public Activity? Append() => Part("append");

    /// <summary>From here on the state can become an old one.</summary>
    public void KnowsState() => knownSince = time.GetTimestamp();

    public void Appended(AppendResult result)
    {
        CollisionWindow.Record(time.GetElapsedTime(knownSince).TotalSeconds, Category);
        if (result is AppendResult.Conflict)
        {
            Conflicts.Add(1, Category, Command);
        }
    }

    public void Retry()
    {
        attempts++;
        Retries.Add(1, Category, Command);
    }

    public void End(CommandOutcome outcome)
    {
        span?.SetTag(Tags.Version, outcome.StreamVersion);
        span?.SetTag(Tags.Charge, outcome.RequestCharge);
        End(outcome.Name);
        Charge.Record(outcome.RequestCharge, Category, Command, new(Tags.Outcome, outcome.Name));
    }

    public void Fail(Exception fault)
    {
        if (fault is OperationCanceledException)
        {
            End("cancelled"); // Nobody waits for it any more.
            return;
        }
        span.Fail(fault);
        End("fault");
    }

    public void Dispose() => span?.Dispose();

    private KeyValuePair<string, object?> Category => new(Tags.Category, stream.Category);

    private KeyValuePair<string, object?> Command => new(Tags.Command, command);

    private void End(string outcome)
    {
        span?.SetTag(Tags.Outcome, outcome);
        span?.SetTag(Tags.Attempts, attempts);
        Commands.Add(1, Category, Command, new(Tags.Outcome, outcome));
        Duration.Record(time.GetElapsedTime(start).TotalSeconds, Category, Command, new(Tags.Outcome, outcome));
    }

    private Activity? Part(string name)
    {
        Activity? part = EventSourcingTelemetry.Source.StartActivity($"{name} {stream.Category}", ActivityKind.Internal, span?.Context ?? default); // Whoever leads the turn.
        part?.SetTag(Tags.Stream, stream.Value);
        return part;
    }
}
