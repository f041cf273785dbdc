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
    string? ActorName,
    DateTimeOffset StartedAt,
    DateTimeOffset? CompletedAt,
    string? Outcome,
    string? Detail,
    IReadOnlyList<ImportedStreamAnswer>? Streams)
{
    public static ActionAnswer Of(OperatorAction action) => new(
        action.Id,
        action.Consumer,
        action.Kind,
        action.Stream,
        action.Version,
        action.Reason,
        action.Actor,
        action.ActorName,
        action.StartedAt,
        action.CompletedAt,
        action.Outcome,
        action.Detail,
        action.Streams is { } streams ? [.. streams.Select(s => new ImportedStreamAnswer(s.Stream, s.FirstVersion, s.LastVersion, s.Hash))] : null);
}

/// <summary>What an import brought of one stream; the hash seals all of it. Mirrors wire data.</summary>
internal sealed record ImportedStreamAnswer(string Stream, long FirstVersion, long LastVersion, string Hash);
