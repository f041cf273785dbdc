using System.Text.Json;
using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Management;

/// <summary>Every projection with its versions. Mirrors wire data.</summary>
internal sealed record ProjectionsAnswer(IReadOnlyList<ProjectionAnswer> Projections);

/// <summary>A projection: the version that answers queries here, and each version there is or was. Mirrors wire data.</summary>
internal sealed record ProjectionAnswer(string Projection, int Serving, IReadOnlyList<VersionAnswer> Versions);

/// <summary>
/// One version. One that serves is <c>building</c> until it has caught up once. Without code here nothing feeds it: what it has stays as it is. How far its feed is, is left out while it has
/// none and when it is retired. Mirrors wire data.
/// </summary>
internal sealed record VersionAnswer(
    int Version,
    string Status,
    DateTimeOffset Since,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CaughtUpAt,
    bool IsInCode,
    string? State,
    string? Reason,
    ProgressAnswer? Progress,
    int? Parked,
    VersionCheckAnswer? LastCheck)
{
    public static string StatusOf(ProjectionVersion version) => JsonNamingPolicy.KebabCaseLower.ConvertName(
        (version is { Status: VersionStatus.Serving, CaughtUpAt: null } ? VersionStatus.Building : version.Status).ToString());

    public static VersionAnswer Of(ProjectionVersion version, bool isInCode, ConsumerStatus? status, DateTimeOffset now) => new(
        version.Version,
        StatusOf(version),
        version.Since,
        version.StartedAt,
        version.CaughtUpAt,
        isInCode,
        status is null ? null : ConsumerAnswer.NameOf(status.State),
        status?.Reason,
        status is null or { State: ConsumerState.NotStarted } ? null : ProgressAnswer.Of(version, status, now),
        status?.Parked,
        version.LastCheck is { } check ? new VersionCheckAnswer(check.At, check.Sampled, check.Compared, check.Differences) : null);
}

/// <summary>
/// How far the feed is: commits done of those there are, the share done, and for a replay how many a second since it began (pauses left
/// out) and how many seconds are left at that rate. Mirrors wire data.
/// </summary>
internal sealed record ProgressAnswer(long Done, long Total, double Percent, double? CommitsPerSecond, double? SecondsLeft)
{
    public static ProgressAnswer Of(ProjectionVersion version, ConsumerStatus status, DateTimeOffset now)
    {
        long done = status.Ranges.Sum(r => r.Lag.Done);
        long total = done + status.LagCommits;
        double percent = total == 0 ? 100 : Math.Floor(1_000.0 * done / total) / 10; // Never 100 before it is.
        if (version.StartedAt is not { } start || status.LagCommits == 0)
        {
            return new ProgressAnswer(done, total, percent, CommitsPerSecond: null, SecondsLeft: null);
        }
        DateTimeOffset until = version.Status == VersionStatus.Paused ? version.Since : now;
        double seconds = (until - start - version.PausedFor).TotalSeconds;
        double? rate = seconds > 0 && done > 0 ? done / seconds : null;
        return new ProgressAnswer(
            done, total, percent, rate is { } r ? Math.Round(r, 1) : null, rate is { } perSecond ? Math.Ceiling(status.LagCommits / perSecond) : null);
    }
}

/// <summary>Mirrors wire data.</summary>
internal sealed record VersionCheckAnswer(DateTimeOffset At, int Sampled, int Compared, IReadOnlyList<string> Differences);

/// <summary>How far a retirement is: the request is to be sent again until it is complete. Mirrors wire data.</summary>
internal sealed record RetireAnswer(string Projection, int Version, int Deleted, bool IsComplete);

/// <summary>What a rebuild of one key came to. Mirrors wire data.</summary>
internal sealed record RebuildAnswer(string Projection, int Version, string Stream, string Key, int Streams, int Documents, int Changed, int Deleted);

/// <summary>One key in every version of a projection that this code has, the newest first. Mirrors wire data.</summary>
internal sealed record ProjectionKeyAnswer(string Projection, string Key, IReadOnlyList<KeyVersionAnswer> Versions);

/// <summary>The document of one version; without one, that version has nothing under the key. Mirrors wire data.</summary>
internal sealed record KeyVersionAnswer(
    int Version, string Status, DateTimeOffset? AsOf, IReadOnlyDictionary<string, long>? Seen, RawJson? Data)
{
    public static KeyVersionAnswer Of(ProjectionVersion version, ViewDocument? document) => new(
        version.Version,
        JsonNamingPolicy.KebabCaseLower.ConvertName(version.Status.ToString()),
        document?.AsOf,
        document is { Seen.Count: > 0 } ? document.Seen : null,
        document is null ? null : new RawJson(document.Data));
}
