using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.EventSourcing;

namespace Serverless.Functions.Projections;

/// <summary>Says that a version is being built in this process.</summary>
public sealed class TakeoverSignal
{
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Raise() => signal.Writer.TryWrite(true);

    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => signal.Reader.ReadAsync(cancellationToken);
}

/// <summary>
/// Runs beside the functions: looks at versions that are being built, at start and as long as there are any, and lets them take over.
/// The process that did the last batch of a replay is there to see that it was the last.
/// </summary>
internal sealed partial class TakeoverWatch(
    VersionTakeover takeover, TakeoverSignal signal, ConsumerOptions options, TimeProvider time, ILogger<TakeoverWatch> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                bool isBuilding = await LookAsync(stoppingToken);
                if (!isBuilding)
                {
                    await signal.WaitAsync(stoppingToken);
                }
                await Task.Delay(options.TakeoverInterval, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            TakeoverLook look = await takeover.RunAsync(cancellationToken);
            foreach (string version in look.Taken)
            {
                LogTaken(logger, version);
            }
            foreach (string version in look.CaughtUp)
            {
                LogCaughtUp(logger, version);
            }
            return look.IsBuilding;
        }
#pragma warning disable CA1031 // A store that is away must not stop the watch: it looks again.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotLooked(logger, e);
            return true;
        }
    }

    [LoggerMessage(1420, LogLevel.Information, "{Version} has caught up and answers queries from now on")]
    private static partial void LogTaken(ILogger logger, string version);

    [LoggerMessage(1422, LogLevel.Information, "{Version} has caught up for the first time")]
    private static partial void LogCaughtUp(ILogger logger, string version);

    [LoggerMessage(1421, LogLevel.Warning, "The versions that are being built could not be checked; the next check follows")]
    private static partial void LogNotLooked(ILogger logger, Exception fault);
}
