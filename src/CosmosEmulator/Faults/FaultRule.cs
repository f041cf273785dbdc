namespace Serverless.CosmosEmulator.Faults;

/// <summary>
/// What goes wrong, with which requests, and how often. Everything that is set must match; what is not set matches all. A rule
/// draws from its own generator, so the same requests in the same order fail in every run.
/// </summary>
public sealed record FaultRule
{
    public required FaultEffect Effect { get; init; }

    public FaultOperations Operations { get; init; } = FaultOperations.Items;

    /// <summary>The database's id, as in the request's path.</summary>
    public string? Database { get; init; }

    /// <summary>The container's id, as in the request's path.</summary>
    public string? Container { get; init; }

    /// <summary>The key as clients send it, a JSON array: <c>["account-7"]</c>, or <c>["tenant",5]</c> for a hierarchical key.</summary>
    public string? PartitionKey { get; init; }

    /// <summary>The item's id; a batch matches when one of its operations is on this item.</summary>
    public string? ItemId { get; init; }

    /// <summary>Any other condition. Must be thread-safe; can't be given over HTTP.</summary>
    public Func<FaultRequest, bool>? When { get; init; }

    /// <summary>How many matching requests are let through before the rule begins.</summary>
    public int Skip { get; init; }

    /// <summary>How often the rule strikes before it has no effect any more; null for ever.</summary>
    public int? Count { get; init; }

    /// <summary>The share of matching requests that fail, from 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>What the draws start from.</summary>
    public int Seed { get; init; }

    internal void Check()
    {
        Effect.Check();
        if (!(Probability is >= 0 and <= 1))
        {
            throw new ArgumentException($"The probability {Probability} is not between 0 and 1.");
        }

        if (Skip < 0 || Count < 0)
        {
            throw new ArgumentException("Skip and count can't be negative.");
        }

        if (Operations == FaultOperations.None)
        {
            throw new ArgumentException("A rule for no operation never strikes.");
        }

        if (Effect.HasLag && (Operations & FaultOperations.Reads) == FaultOperations.None)
        {
            throw new ArgumentException("Only reads meet a replica that lags: writes and batches go to the primary.");
        }
    }
}

/// <summary>The kinds of requests that a rule is for.</summary>
[Flags]
public enum FaultOperations
{
    None = 0,
    Create = 1 << 0,
    Read = 1 << 1,
    Replace = 1 << 2,
    Upsert = 1 << 3,
    Delete = 1 << 4,
    Patch = 1 << 5,

    /// <summary>A transactional batch.</summary>
    Batch = 1 << 6,

    /// <summary>A request with many independent operations, which fails as a whole.</summary>
    Bulk = 1 << 7,

    Query = 1 << 8,
    QueryPlan = 1 << 9,

    /// <summary>Reading items page by page without a query.</summary>
    ReadFeed = 1 << 10,

    ChangeFeed = 1 << 11,

    /// <summary>Anything about the account, databases, containers, partition key ranges and offers.</summary>
    Metadata = 1 << 12,

    Writes = Create | Replace | Upsert | Delete | Patch | Batch | Bulk,
    Reads = Read | Query | ReadFeed | ChangeFeed,
    Items = Writes | Reads | QueryPlan,
    All = Items | Metadata,
}
