using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Hosting;
using Serverless.FunctionsHost.Invocation;

namespace Serverless.FunctionsHost.Timers;

/// <summary>
/// Runs timer functions when they are due, one run of a function at a time. A run that was missed while the host was down is made up for
/// once, where the status is kept; one that a long run has overlapped is left out.
/// </summary>
internal sealed class TimerService(
    FunctionCatalog catalog, RetryingInvoker invoker, TimerStatusStore statuses, IConfiguration configuration, TimeProvider time, HostStopping stopping,
    ILogger<TimerService> logger)
{
    // What timers of the platform can wait at once is limited; a schedule may be for next year.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Dictionary<string, Channel<bool>> requests = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Task> loops = [];

    public void Start()
    {
        foreach (HostedFunction function in catalog.Functions)
        {
            if (function.Trigger is FunctionTrigger.Timer timer && TryParse(function.Name, timer) is { } schedule)
            {
                Channel<bool> asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
                requests[function.Name] = asked;
                loops.Add(RunAsync(function, timer, schedule, asked.Reader));
            }
        }
    }

    /// <summary>Runs a function as soon as the run that goes on has ended. Asked twice meanwhile, it runs once.</summary>
    public void RunNow(HostedFunction function)
    {
        if (requests.TryGetValue(function.Name, out Channel<bool>? asked))
        {
            asked.Writer.TryWrite(true);
        }
    }

    public Task StopAsync() => Task.WhenAll(loops);

    private TimerSchedule? TryParse(string function, FunctionTrigger.Timer timer)
    {
        try
        {
            return TimerSchedule.Parse(SettingExpressions.Fill(timer.Schedule, configuration));
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException)
        {
            logger.LogError(fault, "The '{Function}' function is in error and stays disabled: {Reason}", function, fault.Message);
            return null;
        }
    }

    private async Task RunAsync(HostedFunction function, FunctionTrigger.Timer timer, TimerSchedule schedule, ChannelReader<bool> asked)
    {
        DateTimeOffset now = time.GetUtcNow();
        await Task.Yield(); // No run holds up the start.
        bool isMonitored = timer.UseMonitor && schedule.IsMonitored(now);
        TimerStatus? stored = isMonitored ? statuses.Read(function.Name) : null;
        TimerStatus status = new(stored?.Last ?? default, stored?.Next ?? schedule.NextAfter(now), stored?.LastUpdated ?? now);
        bool isPastDue = status.Next < now;
        bool isDue = isPastDue || timer.RunOnStartup;
        while (true)
        {
            if (isDue)
            {
                await InvokeAsync(function, isMonitored ? status : null, isPastDue);
                if (stopping.HasBegun)
                {
                    return; // A run that was broken off is still due.
                }
                now = time.GetUtcNow();
                status = new(now, schedule.NextAfter(now), now);
            }
            if (isMonitored)
            {
                statuses.Write(function.Name, status);
            }
            if (!await WaitAsync(status.Next, asked))
            {
                return;
            }
            (isDue, isPastDue) = (true, false);
        }
    }

    /// <summary>False when the host stops first.</summary>
    private async Task<bool> WaitAsync(DateTimeOffset next, ChannelReader<bool> asked)
    {
        while (next - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            Task request = asked.WaitToReadAsync(enough.Token).AsTask();
            await Task.WhenAny(request, Task.Delay(left < LongestWait ? left : LongestWait, time, enough.Token));
            await enough.CancelAsync();
            if (asked.TryRead(out _))
            {
                return true;
            }
            if (stopping.HasBegun)
            {
                return false;
            }
        }
        return !stopping.HasBegun;
    }

    private async Task InvokeAsync(HostedFunction function, TimerStatus? status, bool isPastDue)
    {
        string timerInfo = JsonSerializer.Serialize(new { ScheduleStatus = status, IsPastDue = isPastDue });
        await invoker.TryRunAsync(
            function, timerInfo, $"Timer fired at {time.GetUtcNow().ToString("o", CultureInfo.InvariantCulture)}", stopping.Token);
    }
}
