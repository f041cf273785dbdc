using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>
/// Gives every commit to every consumer once more, after a grace time: what any of them missed, from whatever cause, is healed and
/// logged. A run reads the feed from where the last one ended, and is short.
/// </summary>
public sealed partial class AuditFunctions(ConsumerFeed feed, Auditor auditor, ConsumerMonitor monitor, ILogger<AuditFunctions> logger)
{
    /// <summary>The setting with the schedule.</summary>
    public const string Setting = "AuditSchedule";

    [Function("AuditCommits")]
    public async Task AuditAsync([TimerTrigger($"%{Setting}%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        AuditRun run = await auditor.RunAsync(await feed.CurrentAsync(cancellationToken), OnAudited, cancellationToken);
        LogRun(logger, run.Results.Sum(r => r.CheckedCommits), run.RequestCharge);
    }

    private void OnAudited(AuditResult result)
    {
        monitor.Audited(result);
        if (result.HealedEvents > 0)
        {
            LogHealed(logger, result.Consumer, result.HealedEvents);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Consumer} missed {Events} events; the auditor applied them")]
    private static partial void LogHealed(ILogger logger, string consumer, int events);

    [LoggerMessage(LogLevel.Debug, "The auditor checked {Commits} commits of all consumers, {Charge} request units")]
    private static partial void LogRun(ILogger logger, int commits, double charge);
}
