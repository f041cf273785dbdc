namespace Serverless.EventSourcing;

/// <summary>What a page of a what-if has so far, and whether that is enough.</summary>
internal sealed class WhatIfTally(WhatIfLimits limits, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();
    private readonly Dictionary<(string Command, string Policy, Verdict Verdict), long> counts = [];
    private readonly List<Reconsidered> different = [];
    private readonly List<UnreadableStream> unreadable = [];
    private long streams;
    private long commits;
    private long refused;
    private long decisions;
    private long bytes;

    /// <summary>Never before the first decision or the first stream, so that each page comes further.</summary>
    public bool IsFull => decisions + streams > 0
        && (decisions >= limits.MaxDecisions
            || streams >= limits.MaxDecisions
            || different.Count >= limits.MaxDifferences
            || bytes >= limits.MaxBytes
            || time.GetElapsedTime(started) >= limits.MaxTime);

    public void Add(PastDecision decision, bool isWanted)
    {
        decisions++;
        if (!isWanted)
        {
            return;
        }
        Reconsidered again = decision.Reconsider();
        (string, string, Verdict) key = (decision.Metadata.CommandType, decision.Metadata.PolicyVersion, again.Verdict);
        counts[key] = counts.GetValueOrDefault(key) + 1;
        commits += decision.Commit is null ? 0 : 1;
        refused += decision.Refused is null ? 0 : 1;
        if (again.Verdict != Verdict.Same)
        {
            different.Add(again);
            bytes += SizeOf(again);
        }
    }

    public void Add(UnreadableStream stream) => unreadable.Add(stream);

    public void EndStream() => streams++;

    public WhatIfPage ToPage(string? continuation) => new()
    {
        Streams = streams,
        Commits = commits,
        Refused = refused,
        Counts =
        [
            .. counts.OrderBy(c => c.Key.Command, StringComparer.Ordinal).ThenBy(c => c.Key.Policy, StringComparer.Ordinal).ThenBy(c => c.Key.Verdict)
                .Select(c => new WhatIfCount(c.Key.Command, c.Key.Policy, c.Key.Verdict, c.Value)),
        ],
        Different = different,
        Unreadable = unreadable,
        Continuation = continuation,
    };

    private static long SizeOf(Reconsidered again) =>
        again.Past.Metadata.CommandData.Length
        + (again.Past.Commit?.Events.Sum(e => (long)e.Data.Length) ?? 0)
        + (again.Today is Trial.Accepted accepted ? accepted.State.Length + accepted.Events.Sum(e => (long)e.Data.Length) : 0);
}
