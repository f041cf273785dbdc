using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>Where the worker comes from: this process, or one of its own.</summary>
internal interface IWorkerSource
{
    /// <summary>Returns when a worker is ready. Calls <paramref name="onDescribed"/> once, before the functions are loaded.</summary>
    Task StartAsync(Action<IReadOnlyList<FunctionMetadata>> onDescribed, RunningWorker running, CancellationToken cancellationToken);

    /// <summary>Ends the worker; nothing is asked of it any more.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
