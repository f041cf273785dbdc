using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>Runs beside the functions: keeps the records of consumers up to date, and has the gauges ready for who collects them.</summary>
internal sealed partial class ConsumerRecording(
    ConsumerRecorder recorder,
    ConsumerMonitor monitor,
    ConsumerStatusReader status,
    ConsumerFeed feed,
    ConsumerOptions options,
    TimeProvider time,
    ILogger<ConsumerRecording> logger) : BackgroundService, IHostedLifecycleService
{
    private ConsumerGauges? gauges;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        gauges ??= new ConsumerGauges(
            [.. feed.Consumers.Select(c => c.FullName), InboxOptions.FeedName], monitor, status, time, options.MeasureInterval, e => LogNotMeasured(logger, e));
        return base.StartAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>When all else has stopped, its last acknowledgements are recorded, if the store is there.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await recorder.FlushAsync(cancellationToken);
        }
#pragma warning disable CA1031 // Counts are not worth a shutdown that fails.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogNotRecorded(logger, e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await recorder.RunAsync(stoppingToken);
            }
#pragma warning disable CA1031 // The counts were kept and go into the next record; a store that is away must not stop the recording.
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogNotRecorded(logger, e);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(1430, LogLevel.Warning, "What consumers did could not be recorded now")]
    private static partial void LogNotRecorded(ILogger logger, Exception fault);

    [LoggerMessage(1431, LogLevel.Warning, "The lag of consumers could not be measured now")]
    private static partial void LogNotMeasured(ILogger logger, Exception fault);
}
