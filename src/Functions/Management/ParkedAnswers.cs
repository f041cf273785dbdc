using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>One page of a consumer's parked streams. Mirrors wire data.</summary>
internal sealed record ParkedListAnswer(string Consumer, IReadOnlyList<ParkedAnswer> Items, string? Continuation);

/// <summary>A stream that waits. Mirrors wire data.</summary>
internal sealed record ParkedAnswer(
    string Stream,
    string Status,
    long FromVersion,
    long ThroughVersion,
    string Error,
    string? ErrorType,
    string? StackTrace,
    int Attempts,
    DateTimeOffset FirstFailedAt,
    DateTimeOffset LastFailedAt,
    DateTimeOffset? NextRetryAt,
    string? CorrelationId)
{
    /// <summary>As one of many: without the stack.</summary>
    public static ParkedAnswer Listed(ParkedStream record) => Of(record with { StackTrace = null });

    public static ParkedAnswer Of(ParkedStream record) => new(
        record.Stream,
        record.Status == ParkedStatus.Parked ? "parked" : "failing",
        record.FromVersion,
        record.ThroughVersion,
        record.Error,
        record.ErrorType,
        record.StackTrace,
        record.Attempts,
        record.FirstFailedAt,
        record.LastFailedAt,
        record.NextRetryAt,
        record.CorrelationId);
}

/// <summary>How a retry ended: with the events that were processed, or where it stands now. Mirrors wire data.</summary>
internal sealed record RetryAnswer(bool HasCaughtUp, int? Events, ParkedAnswer? Parked)
{
    public static RetryAnswer CaughtUp(int events) => new(HasCaughtUp: true, events, Parked: null);

    public static RetryAnswer Failed(ParkedStream record) => new(HasCaughtUp: false, Events: null, ParkedAnswer.Of(record));
}
