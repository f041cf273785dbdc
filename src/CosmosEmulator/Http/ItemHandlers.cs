using Serverless.CosmosEmulator.BinaryJson;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Patch;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Http;

/// <summary>Operations on one item. COSMOS-PROTOCOL §3.</summary>
internal static class ItemHandlers
{
    private const string MinimalAnswer = "return=minimal";
    private const string BinaryOnly = "CosmosBinary";

    public static Answer Read(CosmosRequest request, Container container, string id)
    {
        CheckAddressable(id);
        PartitionKey key = ContainerAccess.RequiredKey(request, container);
        PhysicalPartition partition = container.PartitionOf(key);
        StoredItem? item = partition.Read(key, id, out long lsn);
        ContainerAccess.CheckSession(request, partition, lsn);
        if (item is null)
        {
            return Refused(Errors.ItemNotFound, partition, lsn, RequestCharges.ReadMissing(RequestCharges.ReadFactor(request)));
        }

        string etag = container.Format.Etag(item.Lsn);
        bool unchanged = request.Header(HeaderNames.IfNoneMatch) == etag;
        return new Answer(unchanged ? 304 : 200, unchanged ? default : Body(request, item))
        {
            Etag = etag,
            Owner = container,
            ServedBy = partition,
            Lsn = lsn,
            ItemLsn = item.Lsn,
            Usage = partition.Size,
            Charge = RequestCharges.Read(item, RequestCharges.ReadFactor(request)), // The item is read even if it is then not sent.
        };
    }

    public static Answer Create(CosmosRequest request, Container container) =>
        Write(request, container, Document(request, container, ItemOperationKind.Create));

    public static Answer Upsert(CosmosRequest request, Container container) =>
        Write(request, container, Document(request, container, ItemOperationKind.Upsert));

    public static Answer Replace(CosmosRequest request, Container container, string id)
    {
        CheckAddressable(id);
        try
        {
            return Write(request, container, Document(request, container, ItemOperationKind.Replace) with { Id = id });
        }
        catch (RefusedException)
        {
            // The service looks for the item before it looks at the body.
            PartitionKey key = ContainerAccess.RequiredKey(request, container);
            PhysicalPartition partition = container.PartitionOf(key);
            if (partition.Read(key, id, out long lsn) is null)
            {
                return Refused(Errors.ItemNotFound, partition, lsn, RequestCharges.ReadMissing(RequestCharges.ReadFactor(request)), container);
            }

            throw;
        }
    }

    public static Answer Delete(CosmosRequest request, Container container, string id)
    {
        CheckAddressable(id);
        return Write(request, container, new ItemOperation(ItemOperationKind.Delete, ContainerAccess.RequiredKey(request, container), id)
        {
            IfMatch = request.Header(HeaderNames.IfMatch),
        });
    }

    public static Answer Patch(CosmosRequest request, Container container, string id)
    {
        CheckAddressable(id);
        return Write(request, container, new ItemOperation(ItemOperationKind.Patch, ContainerAccess.RequiredKey(request, container), id)
        {
            IfMatch = request.Header(HeaderNames.IfMatch),
            Patch = PatchDocument.Parse(request.Body),
        });
    }

    /// <summary>Deletes all items of one logical partition. Writes that come meanwhile may or may not be among them, as in the service.</summary>
    public static Answer DeletePartition(CosmosRequest request, Container container)
    {
        PartitionKey key = ContainerAccess.RequiredKey(request, container);
        PhysicalPartition partition = container.PartitionOf(key);
        ItemOperation[] deletions = partition.Query(
            key,
            static (items, _, key) => (items.Partition(key)?.ById.All() ?? [])
                .Select(item => new ItemOperation(ItemOperationKind.Delete, key, item.Id)).ToArray());
        long lsn = partition.Execute(deletions, new OperationResult[deletions.Length], atomic: false);
        return new Answer(200) { Owner = container, ServedBy = partition, Lsn = lsn };
    }

    /// <summary>Whether the client wants no written item back. Holds for all operations of a batch, but not for its reads.</summary>
    public static bool PrefersMinimal(CosmosRequest request) =>
        request.Header(HeaderNames.Prefer)?.Contains(MinimalAnswer, StringComparison.OrdinalIgnoreCase) == true;

    private static ItemOperation Document(CosmosRequest request, Container container, ItemOperationKind kind)
    {
        ItemDocument document = ItemDocument.Parse(request.Body, container.Definition);
        if (!ContainerAccess.RequiredKey(request, container).Equals(document.Key))
        {
            throw new RefusedException(Errors.KeyMismatch);
        }

        return new ItemOperation(kind, document.Key, document.Id)
        {
            Document = document,
            IfMatch = request.Header(HeaderNames.IfMatch),
        };
    }

    private static Answer Write(CosmosRequest request, Container container, ItemOperation operation)
    {
        PhysicalPartition partition = container.PartitionOf(operation.Key);
        var result = default(OperationResult);
        long lsn = partition.Execute(new ReadOnlySpan<ItemOperation>(in operation), new Span<OperationResult>(ref result), atomic: false);
        double charge = RequestCharges.Of(operation, result, container.Definition, RequestCharges.ReadFactor(request));
        return ToAnswer(request, container, partition, lsn, result, charge);
    }

    private static Answer ToAnswer(
        CosmosRequest request, Container container, PhysicalPartition partition, long lsn, OperationResult result, double charge)
    {
        if (result.Error is { } error)
        {
            return Refused(error, partition, lsn, charge, container);
        }

        return new Answer(result.Status, PrefersMinimal(request) || result.Item is null ? default : Body(request, result.Item))
        {
            Etag = result.Item is { } item ? container.Format.Etag(item.Lsn) : null,
            Owner = container,
            ServedBy = partition,
            Lsn = lsn,
            ItemLsn = result.Item?.Lsn ?? lsn,
            Usage = partition.Size,
            Charge = charge,
        };
    }

    /// <summary>The item as it is stored, or in the one other form that a client can insist on.</summary>
    private static byte[] Body(CosmosRequest request, StoredItem item) =>
        request.Header(HeaderNames.SerializationFormats) is BinaryOnly ? BinaryJsonWriter.FromText(item.Json) : item.Json;

    /// <summary>
    /// COSMOS-PROTOCOL §4: with the session token. A read that finds nothing leaves the owner out; a write names it, without which a
    /// Gateway client would not remember the token.
    /// </summary>
    private static Answer Refused(CosmosError error, PhysicalPartition partition, long lsn, double charge, Container? owner = null) =>
        new(error.Status, error.Body) { SubStatus = error.SubStatus, ServedBy = partition, Lsn = lsn, Charge = charge, Owner = owner };

    /// <summary>COSMOS-PROTOCOL §3.5: such an item can be created, but no address leads to it.</summary>
    private static void CheckAddressable(string id)
    {
        if (id.AsSpan().ContainsAny('\r', '\n', '\t'))
        {
            throw new RefusedException(Errors.IdCharacters);
        }
    }
}
