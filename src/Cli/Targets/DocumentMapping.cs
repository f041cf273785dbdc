using System.Text.Json;
using Serverless.Cli.Answers;
using Serverless.EventSourcing;

namespace Serverless.Cli.Targets;

/// <summary>Brings what a store has into the shapes of the API.</summary>
internal static class DocumentMapping
{
    public static CommitDocument Of(Commit commit) => new()
    {
        Stream = commit.Stream.Value,
        FirstVersion = commit.FirstVersion,
        LastVersion = commit.LastVersion,
        Time = commit.Metadata.Timestamp,
        Command = commit.Metadata.CommandType,
        CommandData = commit.Metadata.CommandData.IsEmpty ? null : Json(commit.Metadata.CommandData),
        CommandId = commit.Metadata.CommandId,
        Policy = commit.Metadata.PolicyVersion,
        Actor = commit.Metadata.Actor,
        CorrelationId = commit.Metadata.CorrelationId,
        CausationId = commit.Metadata.CausationId,
        TraceParent = commit.Metadata.TraceParent,
        Events = [.. commit.Events.Select((e, i) => new EventDocument(commit.FirstVersion + i, e.Type, e.SchemaVersion, Json(e.Data)))],
        Hash = commit.Hash,
    };

    public static ExplainedDocument Of(ExplainedEvent e) => new(
        e.Version,
        e.Commit.Metadata.Timestamp,
        e.Commit.Metadata.CommandType,
        e.Commit.Metadata.Actor,
        e.Stored.Type,
        Json(e.Stored.Data),
        Json(e.Before),
        Json(e.After),
        [.. e.Changes.Select(c => new ChangeDocument(c.Path, JsonOrAbsent(c.Before), JsonOrAbsent(c.After)))]);

    public static JsonElement Json(ReadOnlyMemory<byte> utf8) => JsonElement.Parse(utf8.Span);

    private static JsonElement? JsonOrAbsent(ReadOnlyMemory<byte>? utf8) => utf8 is { } value ? Json(value) : null;
}
