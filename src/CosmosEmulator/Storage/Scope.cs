namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// Which items a feed request is about: one logical partition, or physical partitions, whole or a window of them.
/// COSMOS-PROTOCOL §6.
/// </summary>
internal sealed record Scope(IReadOnlyList<PhysicalPartition> Partitions, PartitionKey? Key, EpkWindow? Window, bool Hierarchical)
{
    /// <summary>The partition that serves the request alone, if there is one.</summary>
    public PhysicalPartition? Single => Partitions.Count == 1 ? Partitions[0] : null;

    /// <summary>Whether an item of one of the partitions belongs to the scope.</summary>
    public bool Includes(LogicalPartition partition) =>
        (Key is null || Key.Equals(partition.Key))
        && (Window is null || Window.Contains(partition.Key.Effective(Hierarchical)));
}
