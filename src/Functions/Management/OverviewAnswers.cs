using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>A page of what is parked, whoever parked it. Mirrors wire data.</summary>
internal sealed record AllParkedAnswer(IReadOnlyList<ConsumerParkedAnswer> Items, string? Continuation);

/// <summary>A stream that waits, and for whom. Mirrors wire data.</summary>
internal sealed record ConsumerParkedAnswer(string Consumer, ParkedAnswer Parked);

/// <summary>The commands of the inbox of one status, the last changed first. Mirrors wire data.</summary>
internal sealed record InboxListAnswer(string Status, IReadOnlyList<InboxSummary> Commands, string? Continuation);

/// <summary>A command of the inbox without its body. Mirrors wire data.</summary>
internal sealed record InboxSummary(
    string Stream,
    string Command,
    string CommandId,
    string CorrelationId,
    string Actor,
    string? ActorName,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? DecidedAt,
    string? Code,
    string? Detail)
{
    public static InboxSummary Of(InboxCommand item) => new(
        item.Stream.Value,
        item.CommandType,
        item.CommandId,
        item.CorrelationId,
        item.Actor,
        item.ActorName,
        item.ReceivedAt,
        item.Outcome?.DecidedAt,
        item.Outcome?.Reason?.Code,
        item.Outcome?.Reason?.Message);
}

/// <summary>How far behind each consumer was, as far as this instance was asked. Mirrors wire data.</summary>
internal sealed record LagHistoryAnswer(IReadOnlyList<ConsumerLagAnswer> Consumers);

/// <summary>Mirrors wire data.</summary>
internal sealed record ConsumerLagAnswer(string Consumer, IReadOnlyList<LagSampleAnswer> Samples);

/// <summary>Mirrors wire data.</summary>
internal sealed record LagSampleAnswer(DateTimeOffset At, long Commits, double Seconds)
{
    public static LagSampleAnswer Of(LagSample sample) => new(sample.At, sample.Commits, ConsumerAnswer.SecondsOf(sample.Age));
}
