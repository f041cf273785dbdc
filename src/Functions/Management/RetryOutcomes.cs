using System.Diagnostics;
using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>How retries ended, in words for the record of an operator's action.</summary>
internal static class RetryOutcomes
{
    public static ActionOutcome ForRecord(RetryOutcome outcome) => outcome switch
    {
        RetryOutcome.CaughtUp o => new ActionOutcome("caught-up", $"events: {o.Events}"),
        RetryOutcome.StillFailing o => new ActionOutcome("still-failing", $"at version {o.Record.FromVersion}"),
        RetryOutcome.NotParked => new ActionOutcome("not-parked"),
        RetryOutcome.OtherVersion o => new ActionOutcome("other-version", $"parked at version {o.Record.FromVersion}"),
        _ => throw new UnreachableException($"No word for {outcome.GetType().Name}."),
    };

    public static ActionOutcome ForRecord(IReadOnlyDictionary<string, RetryOutcome> outcomes)
    {
        int failing = outcomes.Values.Count(o => o is RetryOutcome.StillFailing);
        return new ActionOutcome(
            failing == 0 ? "caught-up" : "still-failing", $"{outcomes.Count} streams retried, {failing} of them still failing");
    }
}
