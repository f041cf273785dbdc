using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>
/// Runs the function app in a process of its own, and another one when that dies: what ran in it fails, what comes meanwhile waits. The
/// process ends with this one, however that ends, because its standard input does (see <see cref="StartupHook"/>).
/// </summary>
internal sealed partial class WorkerProcess(
    WorkerProgram app, WorkerListener listener, FunctionCatalog catalog, HostStopping stopping, IHostApplicationLifetime lifetime, IHostEnvironment environment,
    ILoggerFactory loggers, ILogger<WorkerProcess> logger) : IWorkerSource, IDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TerminateGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private const int MostFailedStarts = 3; // In a row: then it is the app, and no bad luck.

    private readonly WorkerStart start = new(app.Directory);
    private Process? process;
    private WorkerChannel? channel;
    private Task supervision = Task.CompletedTask;

    public async Task StartAsync(Action<IReadOnlyList<FunctionMetadata>> onDescribed, RunningWorker running, CancellationToken cancellationToken)
    {
        running.Kill = () => process?.Kill();
        await LaunchAsync(onDescribed, running, cancellationToken);
        supervision = SuperviseAsync(running);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await supervision;
        if (process is null || process.HasExited)
        {
            return; // Ctrl+C reaches both.
        }
        channel?.Tell(new() { Terminate = new() { GracePeriod = Duration.FromTimeSpan(TerminateGrace) } });
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(TerminateGrace, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose()
    {
        if (process is { HasExited: false })
        {
            process.Kill(entireProcessTree: true);
        }
        process?.Dispose();
    }

    private async Task LaunchAsync(Action<IReadOnlyList<FunctionMetadata>>? onDescribed, RunningWorker running, CancellationToken cancellationToken)
    {
        string id = Guid.NewGuid().ToString();
        Task<WorkerChannel> connected = listener.ExpectAsync(id);
        process?.Dispose();
        process = Process.Start(CreateStartInfo(id)) ?? throw new UnreachableException("A new process is always a process.");
        Task exited = process.WaitForExitAsync(cancellationToken);
        if (await Task.WhenAny(connected, exited, Task.Delay(ConnectLimit, cancellationToken)) != connected)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new WorkerStartException(exited.IsCompleted
                ? string.Create(CultureInfo.InvariantCulture, $"The function app in {app.Directory} ended with exit code {process.ExitCode} before it was ready. Its output says why.")
                : $"The function app in {app.Directory} did not connect within {ConnectLimit.TotalSeconds} seconds.");
        }
        channel = await connected;
        channel.OnLog = new WorkerLog(loggers).Write;
        await start.InitAsync(channel, cancellationToken);
        onDescribed?.Invoke(await start.DescribeAsync(channel, cancellationToken));
        await start.LoadAsync(channel, catalog.Functions.Select(f => f.Metadata), cancellationToken);
        running.Set(channel);
        LogStarted(logger, process.Id);
    }

    private async Task SuperviseAsync(RunningWorker running)
    {
        TimeSpan wait = FirstWait;
        int failedStarts = 0;
        while (true)
        {
            try
            {
                await process!.WaitForExitAsync(stopping.Token);
                LogDied(logger, process.Id, process.ExitCode, wait);
                await Task.Delay(wait, stopping.Token);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
                await LaunchAsync(onDescribed: null, running, stopping.Token);
                (wait, failedStarts) = (FirstWait, 0);
            }
            catch (OperationCanceledException) when (stopping.HasBegun)
            {
                return;
            }
            catch (Exception e) when (e is WorkerStartException or WorkerLostException)
            {
                LogNotStarted(logger, e);
                process!.Kill(entireProcessTree: true);
                if (++failedStarts == MostFailedStarts)
                {
                    LogGivenUp(logger, failedStarts);
                    lifetime.StopApplication();
                    return;
                }
            }
        }
    }

    // Each option has two names, for workers of the first days and of today.
    private ProcessStartInfo CreateStartInfo(string id)
    {
        (string executable, string worker) = ReadWorkerConfig();
        string port = listener.Address.Port.ToString(CultureInfo.InvariantCulture);
        string limit = int.MaxValue.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo info = new(executable,
        [
            Path.Combine(app.Directory, worker),
            "--host", listener.Address.Host, "--port", port, "--workerId", id, "--requestId", id, "--grpcMaxMessageLength", limit,
            "--functions-uri", listener.Address.AbsoluteUri, "--functions-worker-id", id, "--functions-request-id", id,
            "--functions-grpc-max-message-length", limit,
        ])
        {
            WorkingDirectory = app.Directory,
            RedirectStandardInput = true,
            Environment =
            {
                ["FUNCTIONS_APPLICATION_DIRECTORY"] = app.Directory,
                ["DOTNET_STARTUP_HOOKS"] = typeof(WorkerProcess).Assembly.Location,
            },
        };
        LocalSettings.AddTo(info.Environment, environment.ContentRootPath);
        foreach ((string name, string? value) in app.Settings)
        {
            info.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        return info;
    }

    private (string Executable, string Worker) ReadWorkerConfig()
    {
        string path = Path.Combine(app.Directory, "worker.config.json");
        if (!File.Exists(path))
        {
            throw new WorkerStartException($"{app.Directory} has no worker.config.json: build the function app first.");
        }
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement description = config.RootElement.GetProperty("description");
        return (description.GetProperty("defaultExecutablePath").GetString()!, description.GetProperty("defaultWorkerPath").GetString()!);
    }

    [LoggerMessage(LogLevel.Information, "The worker runs in process {Process}")]
    private static partial void LogStarted(ILogger logger, int process);

    [LoggerMessage(LogLevel.Error, "The worker process {Process} ended with exit code {ExitCode}; the next one starts in {Wait}")]
    private static partial void LogDied(ILogger logger, int process, int exitCode, TimeSpan wait);

    [LoggerMessage(LogLevel.Error, "The next worker could not start")]
    private static partial void LogNotStarted(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Critical, "The worker could not start {Times} times in a row: the host stops")]
    private static partial void LogGivenUp(ILogger logger, int times);
}
