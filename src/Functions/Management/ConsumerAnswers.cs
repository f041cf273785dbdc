using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>Every consumer with how many streams it has parked. Mirrors wire data.</summary>
internal sealed record ConsumersAnswer(IReadOnlyList<ConsumerAnswer> Consumers);

internal sealed record ConsumerAnswer(string Consumer, int Parked);

/// <summary>How a retry of all streams ended: how many, and the first of those that still wait. Mirrors wire data.</summary>
internal sealed record RetryAllAnswer(int CaughtUp, int StillFailing, IReadOnlyList<ParkedAnswer> Failing)
{
    /// <summary>The list of what is parked has the others.</summary>
    public const int MaxFailing = 100;

    public static RetryAllAnswer Of(IReadOnlyDictionary<string, RetryOutcome> outcomes)
    {
        RetryOutcome.StillFailing[] failing = [.. outcomes.Values.OfType<RetryOutcome.StillFailing>()];
        return new RetryAllAnswer(
            outcomes.Count - failing.Length,
            failing.Length,
            [.. failing.Select(f => ParkedAnswer.Of(f.Record)).OrderBy(f => f.Stream, StringComparer.Ordinal).Take(MaxFailing)]);
    }
}
