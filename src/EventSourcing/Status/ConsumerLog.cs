using Microsoft.Extensions.Logging;

namespace Serverless.EventSourcing;

/// <summary>What consumers write into the log: no payloads, and event ids that stay the same.</summary>
internal static partial class ConsumerLog
{
    [LoggerMessage(1001, LogLevel.Warning, "{Consumer} failed on {Stream} at version {Version}, attempt {Attempt}; it tries again")]
    public static partial void AttemptFailed(ILogger logger, Exception error, string consumer, string stream, long version, int attempt);

    [LoggerMessage(1002, LogLevel.Warning, "{Consumer} failed on {Stream} at version {Version}, attempt {Attempt}: {Error}")]
    public static partial void AttemptFailedAgain(ILogger logger, string consumer, string stream, long version, int attempt, string error);

    [LoggerMessage(1003, LogLevel.Error, "{Consumer} parked {Stream} at version {Version} after {Attempts} attempts; other streams go on. Next retry: {NextRetryAt:u}")]
    public static partial void Parked(
        ILogger logger, Exception error, string consumer, string stream, long version, int attempts, DateTimeOffset? nextRetryAt);

    [LoggerMessage(1004, LogLevel.Warning, "{Consumer} still fails on {Stream} at version {Version}, attempt {Attempts}. Next retry: {NextRetryAt:u}")]
    public static partial void StillFailing(
        ILogger logger, Exception error, string consumer, string stream, long version, int attempts, DateTimeOffset? nextRetryAt);

    [LoggerMessage(1005, LogLevel.Information, "{Consumer} has caught up with {Stream}, which is no longer parked: {Events} events applied")]
    public static partial void CaughtUp(ILogger logger, string consumer, string stream, int events);

    [LoggerMessage(1006, LogLevel.Warning, "{Consumer} discarded version {Version} of {Stream}")]
    public static partial void Discarded(ILogger logger, string consumer, string stream, long version);

    [LoggerMessage(1007, LogLevel.Warning, "{Consumer} can't finish the batch that begins at {Place}: {Reason}. It tries again.{LeftOut}")]
    public static partial void BatchFailed(ILogger logger, string consumer, string place, string reason, string leftOut);

    [LoggerMessage(1008, LogLevel.Error, "{Consumer} can't finish the batch that begins at {Place}. It tries again.{LeftOut}")]
    public static partial void BatchBroken(ILogger logger, Exception error, string consumer, string place, string leftOut);

    [LoggerMessage(1009, LogLevel.Error, "{Consumer} has stopped: {Reason}{LeftOut}")]
    public static partial void Stopped(ILogger logger, string consumer, string reason, string leftOut);

    [LoggerMessage(1010, LogLevel.Information, "{Consumer} has finished the batch that begins at {Place}, which had failed before")]
    public static partial void BatchRecovered(ILogger logger, string consumer, string place);

    [LoggerMessage(1011, LogLevel.Warning, "{Consumer} lost {LostRaces} races in a batch of {Commits} commits: another host writes the same views.{LeftOut}")]
    public static partial void LostRaces(ILogger logger, string consumer, int lostRaces, int commits, string leftOut);
}
