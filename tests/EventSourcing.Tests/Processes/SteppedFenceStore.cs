namespace Serverless.EventSourcing.Tests;

/// <summary>Fences whose every call goes through <paramref name="call"/>, by name: it decides when, whether and with which end.</summary>
internal sealed class SteppedFenceStore(IFenceStore inner, SteppedFenceStore.Call call) : IFenceStore
{
    public delegate Task<object?> Call(string name, Func<Task<object?>> effect);

    public async Task<FenceRead> ReadAsync(string consumer, StreamName stream, CancellationToken cancellationToken) =>
        (FenceRead)(await call($"read fence {stream}", async () => await inner.ReadAsync(consumer, stream, cancellationToken)))!;

    public async Task<FenceWrite> TryWriteAsync(StreamFence fence, CancellationToken cancellationToken) =>
        (FenceWrite)(await call($"write fence {fence.Stream} {fence.Version}", async () => await inner.TryWriteAsync(fence, cancellationToken)))!;

    public async Task<ConsumerStarts?> ReadStartsAsync(CancellationToken cancellationToken) =>
        (ConsumerStarts?)await call("read starts", async () => await inner.ReadStartsAsync(cancellationToken));

    public async Task<bool> TryWriteStartsAsync(ConsumerStarts starts, CancellationToken cancellationToken) =>
        (bool)(await call("write starts", async () => await inner.TryWriteStartsAsync(starts, cancellationToken)))!;

    /// <summary>Each call is one step, and fails when told to.</summary>
    public static SteppedFenceStore Over(IFenceStore inner, Interleaving steps, Func<StoreFault> nextFault) => new(inner, async (name, effect) =>
    {
        await steps.StepAsync(name);
        StoreFault fault = nextFault();
        if (fault == StoreFault.BeforeEffect)
        {
            throw new StoreFaultException(fault, name);
        }
        object? result = await effect();
        return fault == StoreFault.AfterEffect ? throw new StoreFaultException(fault, name) : result;
    });

    /// <summary>Notes every call.</summary>
    public static SteppedFenceStore Noting(IFenceStore inner, ICollection<string> calls) => new(inner, (name, effect) =>
    {
        calls.Add(name);
        return effect();
    });
}
