using Serverless.EventSourcing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Streams;

/// <summary>The fold of a stream. Mirrors wire data.</summary>
internal sealed record StateAnswer(string Stream, long Version, RawJson State);

/// <summary>A page of events; the address of the next page, when there is one. Mirrors wire data.</summary>
internal sealed record EventsAnswer(string Stream, IReadOnlyList<StoredEventAnswer> Events, string? Next);

/// <summary>One event with the command that led to it; events of one command share its id. Mirrors wire data.</summary>
internal sealed record StoredEventAnswer
{
    public required long Version { get; init; }

    public required string Type { get; init; }

    public required int SchemaVersion { get; init; }

    public required RawJson Data { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Command { get; init; }

    public required string CommandId { get; init; }

    public required string Actor { get; init; }

    public string? ActorName { get; init; }

    public required string CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public static StoredEventAnswer Of(Commit commit, int index) => new()
    {
        Version = commit.FirstVersion + index,
        Type = commit.Events[index].Type,
        SchemaVersion = commit.Events[index].SchemaVersion,
        Data = new RawJson(commit.Events[index].Data),
        Time = commit.Metadata.Timestamp,
        Command = commit.Metadata.CommandType,
        CommandId = commit.Metadata.CommandId,
        Actor = commit.Metadata.Actor,
        ActorName = commit.Metadata.ActorName,
        CorrelationId = commit.Metadata.CorrelationId,
        CausationId = commit.Metadata.CausationId,
    };
}
