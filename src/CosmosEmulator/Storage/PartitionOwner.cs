using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>What all physical partitions of one container share.</summary>
internal sealed class PartitionOwner(ContainerDefinition definition, ItemFormat format, TimeProvider clock)
{
    private volatile ContainerDefinition definition = definition;
    private long lastItemNumber;

    public ContainerDefinition Definition
    {
        get => definition;
        set => definition = value;
    }

    public ItemFormat Format { get; } = format;

    /// <summary>Seconds since 1970.</summary>
    public long Now() => clock.GetUtcNow().ToUnixTimeSeconds();

    public ulong NextItemNumber() => (ulong)Interlocked.Increment(ref lastItemNumber);
}
