using System.Diagnostics.Metrics;

namespace Serverless.EventSourcing;

/// <summary>Whether and for how long refused commands are kept.</summary>
public sealed record RefusedCommandOptions
{
    /// <summary>A record costs one write per refused command.</summary>
    public bool Record { get; init; } = true;

    /// <summary>How long a record is kept.</summary>
    public TimeSpan Keep
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Keep), value, "A record is kept for some time.");
    } = TimeSpan.FromDays(30);

    /// <summary>
    /// The longest that a rejection waits for its record; after that it is given up, and counted as lost. Long enough for the first write of
    /// an instance, which has to find its way to the container.
    /// </summary>
    public TimeSpan Patience
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Patience), value, "A write takes some time.");
    } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Records what a policy refused. A rejection is an answer whether it is on record or not: a store that fails or hangs costs the record
/// and a little time, never the answer.
/// </summary>
public sealed class RefusedCommandRecorder : IDisposable
{
    private readonly IRefusedCommandStore store;
    private readonly RefusedCommandOptions options;
    private readonly TimeProvider time;
    private readonly Action<RefusedCommand, Exception> onLost;
    private readonly Counter<long> recorded;
    private readonly Counter<long> lost;

    /// <param name="store">Where to.</param>
    /// <param name="options">Whether at all.</param>
    /// <param name="time">Measures the patience.</param>
    /// <param name="onLost">Told of each command that could not be recorded, and why.</param>
    public RefusedCommandRecorder(
        IRefusedCommandStore store, RefusedCommandOptions options, TimeProvider time, Action<RefusedCommand, Exception> onLost)
    {
        this.store = store;
        this.options = options;
        this.time = time;
        this.onLost = onLost;
        Meter = new Meter(ConsumerMonitor.MeterName);
        recorded = Meter.CreateCounter<long>("serverless.refused_commands.recorded", "{command}", "Refused commands that were recorded.");
        lost = Meter.CreateCounter<long>("serverless.refused_commands.lost", "{command}", "Refused commands that could not be recorded.");
    }

    /// <summary>Its own, so that two recorders in one process can be told apart.</summary>
    public Meter Meter { get; }

    /// <summary>
    /// Records a refusal, if that is switched on. Never throws. The caller's cancellation does not end it: who has gone away is refused
    /// all the same. Returns the request charge.
    /// </summary>
    public async Task<double> RecordAsync(RefusedCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!options.Record)
        {
            return 0;
        }
        using CancellationTokenSource patience = new(options.Patience, time);
        try
        {
            // Waited for here as well: a client may look at the token only between two attempts.
            RefusedWrite write = await store.TryRecordAsync(command, options.Keep, patience.Token).WaitAsync(patience.Token);
            if (write.IsRecorded)
            {
                recorded.Add(1);
            }
            return write.RequestCharge;
        }
#pragma warning disable CA1031 // Whatever it is, the command was refused, and that is what its sender is to hear.
        catch (Exception e)
#pragma warning restore CA1031
        {
            lost.Add(1);
            onLost(command, e);
            return 0;
        }
    }

    public void Dispose() => Meter.Dispose();
}
