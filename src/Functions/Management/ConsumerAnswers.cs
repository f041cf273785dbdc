using System.Text.Json;
using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>Every consumer and how it is. Mirrors wire data.</summary>
internal sealed record ConsumersAnswer(IReadOnlyList<ConsumerAnswer> Consumers);

/// <summary>One consumer. Counts are since its first start, approximately. Mirrors wire data.</summary>
internal sealed record ConsumerAnswer(
    string Consumer,
    string State,
    string? Reason,
    LagAnswer Lag,
    DateTimeOffset? LastProgressAt,
    int Parked,
    int Failing,
    CountsAnswer Counts,
    IReadOnlyList<RangeAnswer>? Ranges)
{
    public static ConsumerAnswer Of(ConsumerStatus status, bool withRanges) => new(
        status.Consumer,
        NameOf(status.State),
        status.Reason,
        new LagAnswer(status.LagCommits, SecondsOf(status.LagTime)),
        status.Record.LastProgressAt,
        status.Parked,
        status.Failing,
        CountsAnswer.Of(status.Record.Counts),
        withRanges ? [.. status.Ranges.Select(RangeAnswer.Of)] : null);

    public static string NameOf(ConsumerState state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());

    public static double SecondsOf(TimeSpan time) => Math.Round(time.TotalSeconds, 1);
}

/// <summary>What is still to do: how many commits, and the age of the oldest of them. Mirrors wire data.</summary>
internal sealed record LagAnswer(long Commits, double Seconds);

/// <summary>One range of the feed: a lease. Mirrors wire data.</summary>
internal sealed record RangeAnswer(
    string Range,
    string State,
    string? Reason,
    LagAnswer Lag,
    string? OldestCommit,
    DateTimeOffset? LastProgressAt,
    string? Owner,
    DateTimeOffset? OwnerSeenAt,
    bool IsOwnerAlive)
{
    public static RangeAnswer Of(RangeStatus range) => new(
        range.Lag.Position.Range,
        ConsumerAnswer.NameOf(range.State),
        range.Reason,
        new LagAnswer(range.Lag.Commits, ConsumerAnswer.SecondsOf(range.LagTime)),
        range.Lag.Oldest is { } oldest ? PendingCommit.PlaceOf(oldest.Stream, oldest.FirstVersion) : null,
        range.ProgressAt,
        range.Lag.Position.Owner,
        range.Lag.Position.OwnerSeenAt,
        range.IsOwnerAlive);
}

/// <summary>Mirrors wire data.</summary>
internal sealed record CountsAnswer(
    long Commits, long Events, long LostRaces, long Failures, long Parked, long Retries, long Unparked, long Audited, long Healed)
{
    public static CountsAnswer Of(ConsumerCounts counts) => new(
        counts.Commits,
        counts.Events,
        counts.LostRaces,
        counts.Failures,
        counts.Parked,
        counts.Retries,
        counts.Unparked,
        counts.Audited,
        counts.Healed);
}

/// <summary>How far the auditor is, and what it found. Mirrors wire data.</summary>
internal sealed record AuditorAnswer(
    string State, string? Reason, LagAnswer Lag, DateTimeOffset? LastProgressAt, IReadOnlyList<AuditAnswer> Consumers)
{
    public static AuditorAnswer Of(AuditorStatus auditor, IEnumerable<ConsumerStatus> consumers) => new(
        ConsumerAnswer.NameOf(auditor.State),
        auditor.Reason,
        new LagAnswer(auditor.LagCommits, ConsumerAnswer.SecondsOf(auditor.LagTime)),
        auditor.LastProgressAt,
        [.. consumers.Select(c => new AuditAnswer(
            c.Consumer, c.Record.Counts.Audited, c.Record.Counts.Healed, c.Record.LastAuditAt, c.Record.LastHealedAt))]);
}

/// <summary>
/// What the auditor found at one consumer. Healed are events that it did not have after the grace time: lost, or later than that. Mirrors wire data.
/// </summary>
internal sealed record AuditAnswer(
    string Consumer, long CheckedCommits, long HealedEvents, DateTimeOffset? LastAuditAt, DateTimeOffset? LastHealedAt);

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
            [.. failing.Select(f => ParkedAnswer.Listed(f.Record)).OrderBy(f => f.Stream, StringComparer.Ordinal).Take(MaxFailing)]);
    }
}
