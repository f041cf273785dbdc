using System.Globalization;
using Serverless.CosmosEmulator.Hashing;

namespace Serverless.CosmosEmulator.Storage;

/// <summary>The physical partitions of a container: ranges without gaps, in order. Immutable; a split makes another map.</summary>
internal sealed class PartitionMap
{
    private const uint HashSpace = 0x4000_0000; // Of the first four bytes: the top two bits of a hash are clear.

    private readonly PhysicalPartition[] partitions;
    private readonly int nextNumber;

    /// <summary>The partitions come in order and without gaps. The newest one is always there: its number is the highest ever given.</summary>
    public PartitionMap(IEnumerable<PhysicalPartition> partitions)
    {
        this.partitions = [.. partitions];
        nextNumber = this.partitions.Max(partition => partition.Range.Number) + 1;
    }

    public IReadOnlyList<PhysicalPartition> All => partitions;

    /// <summary>Changes with every split.</summary>
    public string Etag => $"\"{nextNumber}\"";

    public static IReadOnlyList<RangeIdentity> EvenRanges(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        string Cut(int index) => index == 0 ? EffectivePartitionKey.Minimum
            : index == count ? EffectivePartitionKey.Maximum
            : Pad((uint)((ulong)HashSpace * (uint)index / (uint)count));
        return [.. Enumerable.Range(0, count).Select(i => new RangeIdentity(i, Cut(i), Cut(i + 1), []))];
    }

    public PhysicalPartition Find(string effectiveKey)
    {
        int low = 0;
        int high = partitions.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            (low, high) = string.CompareOrdinal(partitions[middle].Range.Min, effectiveKey) <= 0 ? (middle, high) : (low, middle - 1);
        }

        return partitions[low];
    }

    public PhysicalPartition? FindById(string id) => Array.Find(partitions, partition => partition.Range.Id == id);

    public static bool CanSplit(RangeIdentity range) => Prefix(range.Max, HashSpace) - Prefix(range.Min, 0) > 1;

    public (PartitionMap Map, IReadOnlyList<PhysicalPartition> Children) Split(
        PhysicalPartition parent, Func<RangeIdentity, PhysicalPartition> create)
    {
        RangeIdentity range = parent.Range;
        string[] parents = [.. range.Parents, range.Id];
        string middle = Pad((uint)(((ulong)Prefix(range.Min, 0) + Prefix(range.Max, HashSpace)) / 2));
        PhysicalPartition[] children =
        [
            create(new RangeIdentity(nextNumber, range.Min, middle, parents)),
            create(new RangeIdentity(nextNumber + 1, middle, range.Max, parents)),
        ];
        return (new PartitionMap(partitions.SelectMany(p => p == parent ? children : [p])), children);
    }

    /// <summary>A bound of 32 digits, as the hash of one key component has.</summary>
    private static string Pad(uint prefix) => prefix.ToString("X8", CultureInfo.InvariantCulture).PadRight(32, '0');

    private static uint Prefix(string bound, uint open) =>
        bound.Length < 8 ? open : uint.Parse(bound.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
