namespace Serverless.FunctionsHost.Protocol;

/// <summary>The worker that is ready now. While there is none, because it starts or has died, invocations wait for the next one.</summary>
internal sealed class RunningWorker
{
    private readonly Lock gate = new();
    private TaskCompletionSource<WorkerChannel> current = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends the worker that runs, where that is possible: it has an invocation that ignores its token.</summary>
    public Action? Kill { get; set; }

    public Task<WorkerChannel> GetAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return current.Task.WaitAsync(cancellationToken);
        }
    }

    public void Set(WorkerChannel channel)
    {
        lock (gate)
        {
            current.TrySetResult(channel);
        }
        channel.Lost.Register(Forget);
    }

    private void Forget()
    {
        lock (gate)
        {
            current = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
