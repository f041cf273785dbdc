using Serverless.CosmosEmulator.Http;
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
        Database database, byte[] resourceId, ContainerDefinition definition, byte[] document, int partitionCount, TimeProvider clock)
    {
        Database = database;
        Id = resourceId;
        ResourceIdText = ResourceId.Text(resourceId);
        Name = definition.Id;
        Self = $"dbs/{database.ResourceIdText}/colls/{ResourceIdText}/";
        Path = $"dbs/{Uri.EscapeDataString(database.Name)}/colls/{Uri.EscapeDataString(Name)}";
        this.document = document;
        owner = new PartitionOwner(definition, new ItemFormat(resourceId, Self), clock);
        map = PartitionMap.Even(partitionCount, range => new PhysicalPartition(owner, range, journal: null));
    }

    public Database Database { get; }

    public string Name { get; }

    public byte[] Id { get; }

    public string ResourceIdText { get; }

    public string Self { get; }

    /// <summary>By name, as clients find it in <c>x-ms-alt-content-path</c>.</summary>
    public string Path { get; }

    public byte[] Document => document;

    public ContainerDefinition Definition => owner.Definition;

    public ItemFormat Format => owner.Format;

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

    /// <summary>Splits a physical partition in two at run time. Requests that name the old range are answered 410/1002 from now on.</summary>
    public void Split(string rangeId)
    {
        lock (gate)
        {
            PhysicalPartition parent = map.FindById(rangeId) ?? throw new RefusedException(Errors.RangeGone);
            (PartitionMap next, IReadOnlyList<PhysicalPartition> children) =
                map.Split(parent, range => new PhysicalPartition(owner, range, journal: null));
            parent.SplitInto(children, () => map = next);
        }
    }
}
