using Serverless.EventSourcing;

namespace Serverless.Functions.Commands;

/// <summary>Where a command of the inbox stands. Mirrors wire data.</summary>
internal sealed record InboxAnswer
{
    public required string Stream { get; init; }

    public required string Command { get; init; }

    public required string CommandId { get; init; }

    public required string CorrelationId { get; init; }

    /// <summary><c>pending</c>, <c>accepted</c>, <c>rejected</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Null while it is pending, like all that follows.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why it was not accepted, as the problem details of a direct call have it.</summary>
    public string? Code { get; init; }

    public string? Detail { get; init; }

    /// <summary>The version of the stream on which it was rejected.</summary>
    public long? Version { get; init; }

    /// <summary>In request units.</summary>
    public double? RequestCharge { get; init; }

    /// <summary>What a direct call would have answered to an accepted command.</summary>
    public CommandAnswer? Result { get; init; }

    public static InboxAnswer Of(InboxCommand item) => new()
    {
        Stream = item.Stream.Value,
        Command = item.CommandType,
        CommandId = item.CommandId,
        CorrelationId = item.CorrelationId,
        Status = NameOf(item.Status),
        ReceivedAt = item.ReceivedAt,
        DecidedAt = item.Outcome?.DecidedAt,
        Code = item.Outcome?.Reason?.Code,
        Detail = item.Outcome?.Reason?.Message,
        Version = item.Outcome is { Status: not InboxStatus.Accepted } refused ? refused.Version : null,
        RequestCharge = item.Outcome is { Status: not InboxStatus.Accepted } decided ? Math.Round(decided.RequestCharge, 2) : null,
    };

    /// <summary>Accepted, with the commit, if there is one, as the stream has it.</summary>
    public static InboxAnswer Of(InboxCommand item, InboxOutcome outcome, Commit? commit) => new()
    {
        Stream = item.Stream.Value,
        Command = item.CommandType,
        CommandId = item.CommandId,
        CorrelationId = item.CorrelationId,
        Status = NameOf(InboxStatus.Accepted),
        ReceivedAt = item.ReceivedAt,
        DecidedAt = outcome.DecidedAt,
        Result = CommandAnswer.Of(
            new CommandOutcome.Accepted(item.Stream, commit?.LastVersion ?? outcome.Version ?? 0, commit, outcome.WasRepeated, outcome.RequestCharge),
            new CommandContext { CommandId = item.CommandId, Actor = item.Actor, CorrelationId = item.CorrelationId }),
    };

    private static string NameOf(InboxStatus status) => status switch
    {
        InboxStatus.Pending => "pending",
        InboxStatus.Accepted => "accepted",
        InboxStatus.Rejected => "rejected",
        _ => "failed",
    };
}
