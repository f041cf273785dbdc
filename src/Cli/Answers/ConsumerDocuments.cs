namespace Serverless.Cli.Answers;

/// <summary>Every consumer and how it is. Mirrors wire data.</summary>
internal sealed record ConsumersDocument(IReadOnlyList<ConsumerDocument> Consumers);

/// <summary>Mirrors wire data.</summary>
internal sealed record ConsumerDocument(
    string Consumer,
    string State,
    LagDocument Lag,
    int Parked,
    int Failing,
    CountsDocument Counts,
    string? Reason = null,
    DateTimeOffset? LastProgressAt = null,
    IReadOnlyList<RangeDocument>? Ranges = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record LagDocument(long Commits, double Seconds);

/// <summary>Mirrors wire data.</summary>
internal sealed record CountsDocument(
    long Commits, long Events, long LostRaces, long Failures, long Parked, long Retries, long Unparked, long Audited, long Healed);

/// <summary>Mirrors wire data.</summary>
internal sealed record RangeDocument(
    string Range,
    string State,
    LagDocument Lag,
    bool IsOwnerAlive,
    string? Reason = null,
    string? OldestCommit = null,
    DateTimeOffset? LastProgressAt = null,
    string? Owner = null,
    DateTimeOffset? OwnerSeenAt = null);

/// <summary>A page of parked streams. Mirrors wire data.</summary>
internal sealed record ParkedPageDocument(IReadOnlyList<ParkedDocument> Items, string? Continuation = null);

/// <summary>A stream that waits for a consumer. Mirrors wire data.</summary>
internal sealed record ParkedDocument(
    string Stream,
    string Status,
    long FromVersion,
    long ThroughVersion,
    string Error,
    int Attempts,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    DateTimeOffset? NextRetryAt = null,
    string? CorrelationId = null,
    string? ErrorType = null,
    string? StackTrace = null);

/// <summary>A page of what is parked, whoever parked it. Mirrors wire data.</summary>
internal sealed record AllParkedPageDocument(IReadOnlyList<ConsumerParkedDocument> Items, string? Continuation = null);

/// <summary>A stream that waits, and for whom. Mirrors wire data.</summary>
internal sealed record ConsumerParkedDocument(string Consumer, ParkedDocument Parked);

/// <summary>How a retry or a discard ended. Mirrors wire data.</summary>
internal sealed record RetryDocument(bool HasCaughtUp, int? Events = null, ParkedDocument? Parked = null);

/// <summary>How a retry of everything ended. Mirrors wire data.</summary>
internal sealed record RetryAllDocument(int CaughtUp, int StillFailing, IReadOnlyList<ParkedDocument> Failing);

/// <summary>What an operator sends along. Mirrors wire data.</summary>
internal sealed record ReasonDocument(string? Reason = null, long? Version = null);

/// <summary>A page of what operators did. Mirrors wire data.</summary>
internal sealed record ActionPageDocument(IReadOnlyList<ActionDocument> Items, string? Continuation = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record ActionDocument(
    string Id,
    string Kind,
    string Actor,
    DateTimeOffset StartedAt,
    string? Stream = null,
    long? Version = null,
    string? Reason = null,
    DateTimeOffset? CompletedAt = null,
    string? Outcome = null,
    string? Detail = null,
    string? ActorName = null,
    IReadOnlyList<ImportedStreamDocument>? Streams = null);

/// <summary>What an import brought of one stream; the hash seals all of it. Mirrors wire data.</summary>
internal sealed record ImportedStreamDocument(string Stream, long FirstVersion, long LastVersion, string Hash);
