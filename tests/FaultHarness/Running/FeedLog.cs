using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.FaultHarness.Running;

/// <summary>What a functions host says of the batches that it has handled; shows that batches came twice, and what that did.</summary>
internal sealed partial class FeedLog
{
    private long batches;
    private long known;
    private long lostRaces;
    private long healed;

    public long Batches => Interlocked.Read(ref batches);

    /// <summary>Batches with nothing new in them: they had been handled before, by this host or another.</summary>
    public long Known => Interlocked.Read(ref known);

    /// <summary>Writes of a view that found it changed by another host.</summary>
    public long LostRaces => Interlocked.Read(ref lostRaces);

    /// <summary>Events that the auditor had to bring to a consumer.</summary>
    public long Healed => Interlocked.Read(ref healed);

    /// <summary>The variable that makes a host say it.</summary>
    public static KeyValuePair<string, string> Setting { get; } = new("Logging__LogLevel__Serverless.Functions.Projections.ConsumerFeed", "Debug");

    public void Read(string line)
    {
        if (Batch.Match(line) is { Success: true } batch)
        {
            Interlocked.Increment(ref batches);
            Interlocked.Add(ref known, batch.Groups[1].Value == "0" ? 1 : 0);
            Interlocked.Add(ref lostRaces, long.Parse(batch.Groups[2].Value, CultureInfo.InvariantCulture));
        }
        else if (Missed.Match(line) is { Success: true } missed)
        {
            Interlocked.Add(ref healed, long.Parse(missed.Groups[1].Value, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"took .+: (\d+) new events, (\d+) lost races")]
    private static partial Regex Batch { get; }

    [GeneratedRegex(@"missed (\d+) events; the auditor applied")]
    private static partial Regex Missed { get; }
}
