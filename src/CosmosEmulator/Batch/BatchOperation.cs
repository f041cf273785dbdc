using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Patch;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Storage;

namespace Serverless.CosmosEmulator.Batch;

/// <summary>One operation of a batch as it came, in either of the two wire forms.</summary>
internal sealed record BatchOperation(ItemOperationKind Kind)
{
    public string? PartitionKey { get; init; }

    public string? Id { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public string? IfMatch { get; init; }

    public string? IfNoneMatch { get; init; }

    public bool MinimalAnswer { get; init; }

    /// <summary>What storage is to do. An operation that makes no sense becomes one that storage refuses, in its turn.</summary>
    public ItemOperation ToItemOperation(PartitionKey key, ContainerDefinition definition)
    {
        try
        {
            var operation = new ItemOperation(Kind, key, Id ?? "") { IfMatch = IfMatch, IfNoneMatch = IfNoneMatch };
            switch (Kind)
            {
                case ItemOperationKind.Create or ItemOperationKind.Upsert or ItemOperationKind.Replace:
                    ItemDocument document = ItemDocument.Parse(Body, definition);
                    return !document.Key.Equals(key) ? operation with { Refused = Errors.KeyMismatch }
                        : operation with { Id = Id ?? document.Id, Document = document };
                case ItemOperationKind.Patch:
                    return operation with { Patch = PatchDocument.Parse(Body) };
                default:
                    return operation;
            }
        }
        catch (RefusedException refused)
        {
            return new ItemOperation(Kind, key, Id ?? "") { Refused = refused.Error };
        }
    }
}

/// <summary>The result of one operation of a batch, ready for either wire form.</summary>
internal readonly record struct BatchResult(int Status, int SubStatus, string? Etag, ReadOnlyMemory<byte> Body, double Charge, TimeSpan? RetryAfter);

/// <summary>A batch in one of its wire forms: how to read it and how to answer it.</summary>
internal interface IBatchFormat
{
    IReadOnlyList<BatchOperation> Read(ReadOnlyMemory<byte> body);

    byte[] Write(IReadOnlyList<BatchResult> results);
}
