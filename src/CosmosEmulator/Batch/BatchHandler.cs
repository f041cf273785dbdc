using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Batch;

/// <summary>Transactional batch and bulk: one route, told apart by headers. COSMOS-PROTOCOL §5.</summary>
internal static class BatchHandler
{
    private static readonly HybridRowBatch Binary = new();
    private static readonly JsonBatch Json = new();

    public static Answer Execute(CosmosRequest request, Container container)
    {
        if (request.Body.Length > Limits.BatchBytes)
        {
            throw new RefusedException(Errors.BatchTooLarge);
        }

        IBatchFormat format = FormatOf(request.Body);
        IReadOnlyList<BatchOperation> operations = format.Read(request.Body);
        if (operations.Count is 0 or > Limits.BatchOperations)
        {
            throw new RefusedException(operations.Count == 0 ? Errors.BatchEmpty : Errors.BatchTooLong);
        }

        return request.IsSet(HeaderNames.BatchAtomic)
            ? ExecuteAtomic(request, container, format, operations)
            : ExecuteEach(request, container, format, operations);
    }

    /// <summary>The operations of a batch in either form; throws <see cref="RefusedException"/> for what is neither.</summary>
    public static IReadOnlyList<BatchOperation> Read(ReadOnlyMemory<byte> body) => FormatOf(body).Read(body);

    private static IBatchFormat FormatOf(ReadOnlyMemory<byte> body) => body.Span is [HybridRowBatch.FirstByte, ..] ? Binary : Json;

    private static Answer ExecuteAtomic(
        CosmosRequest request, Container container, IBatchFormat format, IReadOnlyList<BatchOperation> operations)
    {
        PartitionKey key = ContainerAccess.RequiredKey(request, container);
        PhysicalPartition partition = container.PartitionOf(key);
        ItemOperation[] items = [.. operations.Select(operation => operation.ToItemOperation(key, container.Definition))];
        var results = new OperationResult[items.Length];
        if (Array.Exists(items, item => item.Kind == ItemOperationKind.Read))
        {
            ContainerAccess.CheckSession(request, partition, partition.Lsn);
        }

        long lsn = partition.Execute(items, results, atomic: true);
        double readFactor = RequestCharges.ReadFactor(request);
        double[] charges = [.. items.Zip(results, (item, result) => RequestCharges.Of(item, result, container.Definition, readFactor))];
        return Respond(request, container, partition, format, operations, results, charges, lsn);
    }

    /// <summary>Bulk: each operation has its own key and its own fate.</summary>
    private static Answer ExecuteEach(
        CosmosRequest request, Container container, IBatchFormat format, IReadOnlyList<BatchOperation> operations)
    {
        PhysicalPartition? named = request.Header(HeaderNames.PartitionKeyRangeId) is { Length: > 0 }
            ? ContainerAccess.ScopeOf(request, container).Single
            : null;
        PartitionKey? common = ContainerAccess.KeyOf(request);
        var results = new OperationResult[operations.Count];
        var charges = new double[operations.Count];
        double readFactor = RequestCharges.ReadFactor(request);
        bool goOn = request.IsSet(HeaderNames.BatchContinueOnError);
        bool failed = false;
        PhysicalPartition? served = named;
        long lsn = 0;
        for (int i = 0; i < results.Length; i++)
        {
            if (failed && !goOn)
            {
                results[i] = OperationResult.Fail(Errors.FailedDependency);
                continue;
            }

            try
            {
                PartitionKey key = operations[i].PartitionKey is { } text ? ContainerAccess.Parse(text) : common ?? throw new RefusedException(Errors.KeyMissing);
                key = ContainerAccess.Complete(key, container.Definition);
                PhysicalPartition partition = container.PartitionOf(key);
                if (named is not null && partition != named)
                {
                    throw new RefusedException(Errors.RangeGone);
                }

                ItemOperation operation = operations[i].ToItemOperation(key, container.Definition);
                lsn = partition.Execute(new ReadOnlySpan<ItemOperation>(in operation), results.AsSpan(i, 1), atomic: false);
                charges[i] = RequestCharges.Of(operation, results[i], container.Definition, readFactor);
                served = partition;
            }
            catch (PartitionGoneException)
            {
                i--; // Only this operation is routed anew: those before it are done.
                continue;
            }
            catch (RefusedException refused)
            {
                results[i] = OperationResult.Fail(refused.Error);
                charges[i] = RequestCharges.Refused(refused.Error);
            }

            failed |= results[i].Failed;
        }

        return Respond(request, container, served, format, operations, results, charges, lsn);
    }

    private static Answer Respond(
        CosmosRequest request, Container container, PhysicalPartition? partition, IBatchFormat format,
        IReadOnlyList<BatchOperation> operations, OperationResult[] results, double[] charges, long lsn)
    {
        bool minimal = ItemHandlers.PrefersMinimal(request);
        var wire = new BatchResult[results.Length];
        bool allSucceeded = true;
        for (int i = 0; i < results.Length; i++)
        {
            wire[i] = ToWire(container, operations[i], results[i], charges[i], minimal);
            allSucceeded &= results[i].Status < 300;
        }

        bool firstFailureIsMissingItem = Array.Find(results, result => result.Failed && result.Status != 424).Status == 404;
        return new Answer(allSucceeded ? 200 : 207, format.Write(wire))
        {
            Owner = firstFailureIsMissingItem ? null : container,
            ServedBy = partition,
            Lsn = lsn,
            Charge = charges.Sum(),
        };
    }

    private static BatchResult ToWire(Container container, BatchOperation operation, OperationResult result, double charge, bool minimal)
    {
        bool hasBody = result is { Status: 200 or 201, Item: not null }
            && (operation.Kind == ItemOperationKind.Read || !(minimal || operation.MinimalAnswer));
        return new BatchResult(
            result.Status,
            result.Error?.SubStatus ?? 0,
            result.Item is { } item ? container.Format.Etag(item.Lsn) : null,
            hasBody ? result.Item?.Json : default,
            charge,
            result.Error?.RetryAfter);
    }
}
