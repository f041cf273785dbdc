using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>
/// Stores where new processes begin when the app starts, beside everything else, since a cold start should not wait for it. A process
/// that may have been renamed ends the app: no step is sent before this is settled. A database that is away does not; the first
/// delivery tries again.
/// </summary>
internal sealed partial class ProcessStartup(ProcessStarts starts, ILogger<ProcessStartup> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await starts.EnsureAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // Whatever it is, the first delivery meets it again and keeps its lease.
        catch (Exception e) when (e is not UnknownProcessException)
#pragma warning restore CA1031
        {
            LogNotStored(logger, e);
        }
    }

    [LoggerMessage(1432, LogLevel.Warning, "Where processes begin could not be read now")]
    private static partial void LogNotStored(ILogger logger, Exception fault);
}
