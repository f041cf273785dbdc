namespace Serverless.CosmosEmulator.Storage;

/// <summary>
/// Where a physical partition's writes go to be durable. Called under the partition's lock, in the order of LSNs, with all changes
/// of one request's atomic unit at once; the task ends when they are safe, and no answer is sent before that.
/// </summary>
internal interface IPartitionJournal
{
    Task Append(PhysicalPartition partition, IReadOnlyList<ItemChange> changes, long lsn);
}
