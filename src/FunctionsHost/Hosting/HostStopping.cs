namespace Serverless.FunctionsHost.Hosting;

/// <summary>Fires when the host stops, before anything of it does: what runs is asked to end while it still can answer.</summary>
internal sealed class HostStopping : IDisposable
{
    private readonly CancellationTokenSource source = new();

    public CancellationToken Token => source.Token;

    public bool HasBegun => source.IsCancellationRequested;

    public Task BeginAsync() => source.CancelAsync();

    public void Dispose() => source.Dispose();
}
