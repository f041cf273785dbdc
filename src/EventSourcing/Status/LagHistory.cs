namespace Serverless.EventSourcing;

/// <summary>
/// How far behind each consumer was lately, as far as anybody asked this process: a few numbers in memory, for a line in a console. Gone
/// with the process, and another instance has another one.
/// </summary>
public sealed class LagHistory
{
    /// <summary>The least time between two samples that are kept; a newer one replaces the last until then.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>Samples per consumer: half an hour when somebody asks all the time.</summary>
    public const int MaxSamples = 120;

    private readonly Dictionary<string, List<LagSample>> samples = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    /// <summary>Oldest first; none when nobody asked for this consumer yet.</summary>
    public IReadOnlyList<LagSample> Of(string consumer)
    {
        lock (gate)
        {
            return samples.TryGetValue(consumer, out List<LagSample>? known) ? [.. known] : [];
        }
    }

    internal void Add(string consumer, LagSample sample)
    {
        lock (gate)
        {
            if (!samples.TryGetValue(consumer, out List<LagSample>? known))
            {
                samples[consumer] = known = [];
            }
            if (known.Count > 1 && known[^1].At - known[^2].At < Interval)
            {
                known.RemoveAt(known.Count - 1);
            }
            known.Add(sample);
            if (known.Count > MaxSamples)
            {
                known.RemoveAt(0);
            }
        }
    }
}

/// <summary>Commits that a consumer had not acknowledged, and the age of the oldest of them.</summary>
public readonly record struct LagSample(DateTimeOffset At, long Commits, TimeSpan Age);
