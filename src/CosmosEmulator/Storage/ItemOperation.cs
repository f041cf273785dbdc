using Serverless.CosmosEmulator.Http;
using Serverless.CosmosEmulator.Resources;

namespace Serverless.CosmosEmulator.Storage;

internal enum ItemOperationKind
{
    Create,
    Read,
    Replace,
    Upsert,
    Delete,
    Patch,
}

/// <summary>One operation on one item, from a point request or out of a batch.</summary>
internal sealed record ItemOperation(ItemOperationKind Kind, PartitionKey Key, string Id)
{
    public ItemDocument? Document { get; init; }

    public IItemPatch? Patch { get; init; }

    /// <summary>Why this operation fails in any case, found out before its turn.</summary>
    public CosmosError? Refused { get; init; }

    public string? IfMatch { get; init; }

    public string? IfNoneMatch { get; init; }
}

/// <summary>Computes the next version of an item from the stored one, or says why not.</summary>
internal interface IItemPatch
{
    int OperationCount { get; }

    ItemDocument Apply(StoredItem current, ContainerDefinition definition, TimeProvider clock);
}

/// <summary>What became of one operation. A failed one has an error and may have the item that was in its way.</summary>
internal readonly record struct OperationResult(int Status, StoredItem? Item, CosmosError? Error)
{
    public bool Failed => Status >= 400;

    /// <summary>The version that a successful write replaced or deleted.</summary>
    public StoredItem? Before { get; init; }

    public static OperationResult Ok(int status, StoredItem? item) => new(status, item, null);

    public static OperationResult Fail(CosmosError error) => new(error.Status, null, error);
}
