using Serverless.EventSourcing;

namespace Serverless.Functions.Management;

/// <summary>One page of what operators did, to one consumer or to all, newest first. Mirrors wire data.</summary>
internal sealed record ActionListAnswer(string? Consumer, IReadOnlyList<ActionAnswer> Items, string? Continuation);

/// <summary>One action; without an outcome it is running, or ended with its process. Mirrors wire data.</summary>
internal sealed record ActionAnswer(
    string Id,
    string Consumer,
    string Kind,
    string? Stream,
    long? Version,
    string? Reason,
    string Actor,
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt,
    string? Outcome,
    string? Detail)
{
    public static ActionAnswer Of(OperatorAction action) => new(
        action.Id,
        action.Consumer,
        action.Kind,
        action.Stream,
        action.Version,
        action.Reason,
        action.Actor,
        action.StartedAt,
        action.CompletedAt,
        action.Outcome,
        action.Detail);
}
