namespace Serverless.EventSourcing.Tests;

/// <summary>Parked streams whose every call is one step: it waits to be chosen and takes effect at once.</summary>
internal sealed class SteppedParkedStore(IParkedStore inner, Interleaving steps) : IParkedStore
{
    public async Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken)
    {
        await steps.StepAsync($"read record {stream}");
        return await inner.ReadAsync(consumer, stream, cancellationToken);
    }

    public async Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        await steps.StepAsync($"write record {parked.Stream} {parked.Status} {parked.FromVersion}-{parked.ThroughVersion}");
        return await inner.TryWriteAsync(parked, cancellationToken);
    }

    public async Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken)
    {
        await steps.StepAsync($"delete record {parked.Stream} {parked.FromVersion}-{parked.ThroughVersion}");
        return await inner.TryDeleteAsync(parked, cancellationToken);
    }

    public Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken) =>
        inner.ListAsync(consumer, pageSize, continuation, cancellationToken);

    public Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken) =>
        inner.CountAsync(consumer, status, cancellationToken);
}
