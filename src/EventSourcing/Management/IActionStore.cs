namespace Serverless.EventSourcing;

/// <summary>
/// What operators did to consumers, for ever. Guarantees: a written record is seen by every later list, newest first; a record is found by
/// its consumer also when that consumer is no more.
/// </summary>
public interface IActionStore
{
    /// <summary>Writes a record, or replaces the one with its id: only who began an action completes it.</summary>
    Task WriteAsync(OperatorAction action, CancellationToken cancellationToken);

    /// <summary>One page of a consumer's records, or of all of them, newest first.</summary>
    /// <param name="consumer">Null for all, which asks every partition of the store for no more than one page.</param>
    /// <param name="pageSize">At most so many records.</param>
    /// <param name="continuation">From the page before; null to begin.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this query.</exception>
    Task<ActionPage> ListAsync(string? consumer, int pageSize, string? continuation, CancellationToken cancellationToken);
}

/// <summary>One thing an operator did, or began to do. Mirrors stored data.</summary>
public sealed record OperatorAction
{
    /// <summary>Sorts by the time at which the action began.</summary>
    public required string Id { get; init; }

    /// <summary><c>name@version</c>; <c>store</c> for what is done to the streams themselves.</summary>
    public required string Consumer { get; init; }

    /// <summary><c>retry</c>, <c>retry-all</c>, <c>discard</c> or <c>import</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Null when it was about all streams.</summary>
    public string? Stream { get; init; }

    /// <summary>The version that was to be left out.</summary>
    public long? Version { get; init; }

    public string? Reason { get; init; }

    /// <inheritdoc cref="CommitMetadata.Actor"/>
    public required string Actor { get; init; }

    /// <inheritdoc cref="CommitMetadata.ActorName"/>
    public string? ActorName { get; init; }

    /// <summary>What an import brings; null for other actions.</summary>
    public IReadOnlyList<ImportedStream>? Streams { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Null when it is still running, or ended with its process: then nobody knows how far it came.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>How it ended, in one word such as <c>caught-up</c>; <c>failed</c> when it did not come to an end.</summary>
    public string? Outcome { get; init; }

    /// <summary>More of the outcome, in words without payload.</summary>
    public string? Detail { get; init; }
}

/// <summary>What an import brings of one stream. The hash is that of the last commit, which seals all of them. Mirrors stored data.</summary>
public sealed record ImportedStream(string Stream, long FirstVersion, long LastVersion, string Hash);

/// <summary>A page; a continuation of null means that it is the last.</summary>
public sealed record ActionPage(IReadOnlyList<OperatorAction> Items, string? Continuation);

/// <summary>How an action ended, for its record.</summary>
public sealed record ActionOutcome(string Word, string? Detail = null);
