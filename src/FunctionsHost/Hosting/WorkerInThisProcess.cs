using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Protocol;

namespace Serverless.FunctionsHost.Hosting;

/// <summary>The worker is a service of this process and ends with it. It speaks over loopback, as any worker.</summary>
internal sealed class WorkerInThisProcess(WorkerListener listener, WorkerIdentity identity, FunctionCatalog catalog) : IWorkerSource
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);

    private readonly Task<WorkerChannel> connected = listener.ExpectAsync(identity.Id); // It connects before this starts.
    private WorkerChannel? channel;

    public async Task StartAsync(Action<IReadOnlyList<FunctionMetadata>> onDescribed, RunningWorker running, CancellationToken cancellationToken)
    {
        channel = await connected.WaitAsync(ConnectLimit, cancellationToken);
        WorkerStart start = new(AppContext.BaseDirectory);
        await start.InitAsync(channel, cancellationToken);
        onDescribed(await start.DescribeAsync(channel, cancellationToken));
        await start.LoadAsync(channel, catalog.Functions.Select(f => f.Metadata), cancellationToken);
        running.Set(channel);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        channel?.End();
        return Task.CompletedTask;
    }
}

/// <summary>What a worker shows to be let in.</summary>
internal sealed record WorkerIdentity(string Id);
