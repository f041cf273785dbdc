using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>What all physical partitions of one container share.</summary>
internal sealed class PartitionOwner(ContainerDefinition definition, ItemFormat format, StorageContext context)
{
    private volatile ContainerDefinition definition = definition;
    private long lastItemNumber;

    public ContainerDefinition Definition
    {
        get => definition;
        set => definition = value;
    }

    public ItemFormat Format { get; } = format;

    public TimeProvider Clock => context.Clock;

    /// <summary>Whether a read may be answered from an older state, for which the last writes have to be known.</summary>
    public bool RemembersWrites => context.RemembersWrites();

    /// <summary>Seconds since 1970.</summary>
    public long Now() => Clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The highest number that an item was ever given.</summary>
    public ulong LastItemNumber
    {
        get => (ulong)Volatile.Read(ref lastItemNumber);
        set => Volatile.Write(ref lastItemNumber, (long)value);
    }

    public ulong NextItemNumber() => (ulong)Interlocked.Increment(ref lastItemNumber);
}
