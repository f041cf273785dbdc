using System.Text.Json;

namespace Serverless.Cli.Answers;

// What the API answers and what --json prints, one shape for both: see docs/cli.md. Members are only ever added.

/// <summary>A state as it was. Mirrors wire data.</summary>
internal sealed record PastStateDocument(string Stream, long Version, JsonElement State, DateTimeOffset? At = null);

/// <summary>A page of commits. Mirrors wire data.</summary>
internal sealed record CommitPageDocument(IReadOnlyList<CommitDocument> Commits, string? Next = null);

/// <summary>A commit with the command behind it. Mirrors wire data.</summary>
internal sealed record CommitDocument
{
    public required string Stream { get; init; }

    public required long FirstVersion { get; init; }

    public required long LastVersion { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Command { get; init; }

    /// <summary>Absent when it was not recorded.</summary>
    public JsonElement? CommandData { get; init; }

    public required string CommandId { get; init; }

    public required string Policy { get; init; }

    public required string Actor { get; init; }

    public string? ActorName { get; init; }

    public required string CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? TraceParent { get; init; }

    public required IReadOnlyList<EventDocument> Events { get; init; }

    public string? Hash { get; init; }
}

/// <summary>An event as it is stored. Mirrors wire data.</summary>
internal sealed record EventDocument(long Version, string Type, int SchemaVersion, JsonElement Data);

/// <summary>A page of explained events. Mirrors wire data.</summary>
internal sealed record ExplainPageDocument(IReadOnlyList<ExplainedDocument> Events, string? Next = null);

/// <summary>An event with what it did to the state. Mirrors wire data.</summary>
internal sealed record ExplainedDocument(
    long Version,
    DateTimeOffset Time,
    string Command,
    string Actor,
    string Type,
    JsonElement Data,
    JsonElement Before,
    JsonElement After,
    IReadOnlyList<ChangeDocument> Changes,
    string? ActorName = null);

/// <summary>One difference; a side that is absent was not there. Mirrors wire data.</summary>
internal sealed record ChangeDocument(string Path, JsonElement? Before = null, JsonElement? After = null);

/// <summary>Whether the chain of a stream holds. Mirrors wire data.</summary>
internal sealed record VerifyDocument(string Stream, long Commits, bool IsIntact, string? Hash = null, BrokenLinkDocument? Broken = null);

/// <summary>Where it does not. Mirrors wire data.</summary>
internal sealed record BrokenLinkDocument(string Id, string Reason);

/// <summary>A page of the names of streams. Mirrors wire data.</summary>
internal sealed record StreamPageDocument(IReadOnlyList<string> Streams, string? Next = null);

/// <summary>The commits that were written last, newest first. Mirrors wire data.</summary>
internal sealed record RecentPageDocument(IReadOnlyList<RecentCommitDocument> Commits, DateTimeOffset? Newest = null, string? Continuation = null);

/// <summary>A commit without its data. Mirrors wire data.</summary>
internal sealed record RecentCommitDocument(
    string Stream,
    long FirstVersion,
    DateTimeOffset Time,
    long? LastVersion = null,
    string? Command = null,
    string? CommandId = null,
    string? Policy = null,
    string? Actor = null,
    string? CorrelationId = null,
    string? CausationId = null,
    string? TraceParent = null,
    IReadOnlyList<string>? Events = null,
    string? Error = null);
