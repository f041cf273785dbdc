using Serverless.CosmosEmulator.Durability;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Resources;

/// <summary>A container: its document, and the map of its physical partitions.</summary>
internal sealed class Container
{
    private readonly Lock gate = new();
    private readonly PartitionOwner owner;
    private volatile PartitionMap map;
    private volatile byte[] document;

    public Container(
        Database database, byte[] resourceId, ContainerDefinition definition, byte[] document,
        IReadOnlyList<RangeIdentity> ranges, StorageContext context, ContainerJournal? journal)
    {
        Database = database;
        Id = resourceId;
        ResourceIdText = ResourceId.Text(resourceId);
        Name = definition.Id;
        Self = $"dbs/{database.ResourceIdText}/colls/{ResourceIdText}/";
        Path = $"{database.Path}/colls/{Uri.EscapeDataString(Name)}";
        this.document = document;
        owner = new PartitionOwner(definition, new ItemFormat(resourceId, Self), context);
        Journal = journal;
        map = new PartitionMap(ranges.Select(NewPartition));
    }

    public Database Database { get; }

    /// <summary>Where its writes become durable; null in memory.</summary>
    public ContainerJournal? Journal { get; }

    public string Name { get; }

    public byte[] Id { get; }

    public string ResourceIdText { get; }

    public string Self { get; }

    /// <summary>By name, as clients find it in <c>x-ms-alt-content-path</c>.</summary>
    public string Path { get; }

    public byte[] Document => document;

    public ContainerDefinition Definition => owner.Definition;

    public ItemFormat Format => owner.Format;

    public TimeProvider Clock => owner.Clock;

    public PartitionMap Partitions => map;

    public PartitionSize Size
    {
        get
        {
            IReadOnlyList<PhysicalPartition> all = map.All;
            return new PartitionSize(all.Sum(partition => partition.Size.Items), all.Sum(partition => partition.Size.Bytes));
        }
    }

    public void Replace(ContainerDefinition definition, byte[] newDocument)
    {
        lock (gate)
        {
            owner.Definition = definition;
            document = newDocument;
            Journal?.AddDefinition(newDocument);
            foreach (PhysicalPartition partition in map.All)
            {
                partition.DefinitionChanged();
            }
        }
    }

    public PhysicalPartition PartitionOf(PartitionKey key) =>
        map.All is [var only] ? only : map.Find(key.Effective(Definition.Hierarchical));

    /// <summary>The id of the item that has a resource id.</summary>
    public string? FindId(string itemResourceId) =>
        ResourceId.TryReadItemNumber(itemResourceId, out ulong number)
            ? map.All.Select(partition => partition.Query(number, static (items, _, wanted) => items.Numbers.Find(wanted)?.Id))
                .FirstOrDefault(id => id is not null)
            : null;

    /// <summary>
    /// Splits a physical partition in two at run time. Requests that name the old range are answered 410/1002 from now on. False when
    /// there is no such range, or when it is too narrow to be split.
    /// </summary>
    public bool Split(string rangeId)
    {
        lock (gate)
        {
            if (map.FindById(rangeId) is not { } parent || !PartitionMap.CanSplit(parent.Range))
            {
                return false;
            }

            (PartitionMap next, IReadOnlyList<PhysicalPartition> children) = map.Split(parent, NewPartition);
            parent.SplitInto(children, () => map = next);
            return true;
        }
    }

    /// <summary>Counts on from the LSN of another container, before anything is written.</summary>
    public void ContinueFrom(long lsn)
    {
        foreach (PhysicalPartition partition in map.All)
        {
            partition.Restore(lsn);
        }
    }

    /// <summary>Takes in an item of an earlier life, and says where.</summary>
    public RangeIdentity Restore(RestoredItem item)
    {
        PhysicalPartition partition = PartitionOf(item.Document.Key);
        partition.Restore(item);
        return partition.Range;
    }

    /// <summary>Continues the counters of an earlier life.</summary>
    public void Restore(IEnumerable<PartitionRow> rows)
    {
        foreach (PartitionRow row in rows)
        {
            owner.LastItemNumber = Math.Max(owner.LastItemNumber, (ulong)row.LastItem);
            map.FindById(row.Range.Id)?.Restore(row.Lsn);
        }
    }

    private PhysicalPartition NewPartition(RangeIdentity range) => new(owner, range, Journal);
}
