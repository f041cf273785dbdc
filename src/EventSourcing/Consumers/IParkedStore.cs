namespace Serverless.EventSourcing;

/// <summary>
/// What consumers could not process. Guarantees: a write or a deletion is conditional on the record being unchanged since it was read
/// (or absent, when it is new); a read after it sees it. Holds no payload: the stream has it.
/// </summary>
public interface IParkedStore
{
    Task<ParkedStream?> ReadAsync(string consumer, string stream, CancellationToken cancellationToken);

    /// <summary>The record as stored, with its new ETag; null when another writer was faster.</summary>
    Task<ParkedStream?> TryWriteAsync(ParkedStream parked, CancellationToken cancellationToken);

    /// <summary>False when another writer was faster.</summary>
    Task<bool> TryDeleteAsync(ParkedStream parked, CancellationToken cancellationToken);

    /// <summary>One page of a consumer's records, in the order of stream names; what is no stream name stands in an order of the store's.</summary>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this query.</exception>
    Task<ParkedPage> ListAsync(string consumer, int pageSize, string? continuation, CancellationToken cancellationToken);

    /// <summary>How many streams of the consumer are parked, or are still being tried.</summary>
    Task<int> CountAsync(string consumer, ParkedStatus status, CancellationToken cancellationToken);
}

public enum ParkedStatus
{
    /// <summary>It failed and is being tried again; the consumer waits for it.</summary>
    Failing,

    /// <summary>It failed too often: the stream waits, the consumer goes on with the others.</summary>
    Parked,
}

/// <summary>One stream that one consumer could not process from some version on. Mirrors stored data.</summary>
public sealed record ParkedStream
{
    /// <summary><c>name@version</c> of the consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>The name of the stream as stored, so that even what is no stream name can be parked.</summary>
    public required string Stream { get; init; }

    public required ParkedStatus Status { get; init; }

    /// <summary>The version that could not be processed; it and all later ones wait.</summary>
    public required long FromVersion { get; init; }

    /// <summary>The newest version that was delivered and waits.</summary>
    public required long ThroughVersion { get; init; }

    /// <summary>Why, in words without payload: the class of the exception and its message.</summary>
    public required string Error { get; init; }

    /// <summary>The full name of the class of the exception that began it; null in records that are not about an exception.</summary>
    public string? ErrorType { get; init; }

    /// <summary>The frames of that exception and of those around it, innermost first. Names of methods and lines, no values.</summary>
    public string? StackTrace { get; init; }

    public required int Attempts { get; init; }

    public required DateTimeOffset FirstFailedAt { get; init; }

    public required DateTimeOffset LastFailedAt { get; init; }

    /// <summary>When the schedule tries it again; null while it is not parked, and for what has killed the process, which only an operator retries.</summary>
    public DateTimeOffset? NextRetryAt { get; init; }

    public string? CorrelationId { get; init; }

    public string? ETag { get; init; }

    /// <summary>When the schedule looks at it. What is still being tried belongs to the feed, unless nobody has tried it for long.</summary>
    internal DateTimeOffset DueAt(ConsumerOptions options) =>
        Status == ParkedStatus.Failing ? LastFailedAt + options.FirstRetryInterval : NextRetryAt ?? DateTimeOffset.MaxValue;
}

/// <summary>A page; a continuation of null means that it is the last.</summary>
public sealed record ParkedPage(IReadOnlyList<ParkedStream> Items, string? Continuation);

/// <summary>More streams are parked than the consumer may leave behind: something is wrong with the consumer, not with a stream.</summary>
public sealed class TooManyParkedStreamsException(string consumer, int limit)
    : ConsumerStoppedException($"{consumer} has {limit} parked streams and stops rather than park another one.")
{
    public string Consumer { get; } = consumer;
}
