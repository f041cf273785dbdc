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

    public TimeProvider Clock => clock;

    /// <summary>Seconds since 1970.</summary>
    public long Now() => clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The highest number that an item was ever given.</summary>
    public ulong LastItemNumber
    {
        get => (ulong)Volatile.Read(ref lastItemNumber);
        set => Volatile.Write(ref lastItemNumber, (long)value);
    }

    public ulong NextItemNumber() => (ulong)Interlocked.Increment(ref lastItemNumber);
}
