using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serverless.FunctionsHost.Cosmos;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Http;
using Serverless.FunctionsHost.Protocol;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>
/// Starts and stops the parts of the host. Workers can connect before any other service starts; requests and triggers come after all of
/// them, so that a function app in this process is complete before its first invocation. On a stop it is the other way round.
/// </summary>
internal sealed class WorkerHosting(
    WorkerListener listener, IWorkerSource source, RunningWorker running, FunctionCatalog catalog, HttpServer http, CosmosTriggerService cosmos,
    TimerService timers, HostStopping stopping, ILoggerFactory loggers) : IHostedLifecycleService, IAsyncDisposable
{
    public Task StartingAsync(CancellationToken cancellationToken) => listener.StartAsync(loggers, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await source.StartAsync(catalog.Fill, running, cancellationToken);
        await http.StartAsync(cancellationToken);
        await cosmos.StartAsync(cancellationToken);
        timers.Start();
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await stopping.BeginAsync();
        await http.StopAsync(cancellationToken);
        await cosmos.StopAsync(cancellationToken);
        await timers.StopAsync().WaitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await source.StopAsync(cancellationToken);
        await listener.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await listener.DisposeAsync();
}
