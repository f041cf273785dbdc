using System.Text.Json;

namespace Serverless.Cli.Answers;

/// <summary>What a command would do. Mirrors wire data.</summary>
internal sealed record TrialDocument(
    string Stream,
    long Version,
    string Outcome,
    IReadOnlyList<TriedEventDocument>? Events = null,
    JsonElement? State = null,
    string? Code = null,
    string? Detail = null)
{
    public const string Accepted = "accepted";
}

/// <summary>Mirrors wire data.</summary>
internal sealed record TriedEventDocument(string Type, int SchemaVersion, JsonElement Data);

/// <summary>A page of decisions made again; its numbers are its own. Mirrors wire data.</summary>
internal sealed record ReconsiderPageDocument
{
    public required string Category { get; init; }

    public string? Stream { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    /// <summary>The version of today's rules.</summary>
    public required string Policy { get; init; }

    public required long Streams { get; init; }

    public required long Commits { get; init; }

    public required long Refused { get; init; }

    public required long Same { get; init; }

    public required IReadOnlyDictionary<string, long> Verdicts { get; init; }

    public required IReadOnlyList<ReconsideredCommandDocument> Commands { get; init; }

    /// <summary>Absent in the sum of all pages, where each stands on a line of its own.</summary>
    public IReadOnlyList<ReconsideredDocument>? Different { get; init; }

    public required IReadOnlyList<UnreadableDocument> Unreadable { get; init; }

    public required bool IsComplete { get; init; }

    public string? Next { get; init; }
}

/// <summary>Mirrors wire data.</summary>
internal sealed record ReconsideredCommandDocument(string Command, string Policy, IReadOnlyDictionary<string, long> Verdicts);

/// <summary>One difference: what was recorded, as a commit or as a refusal, and what would be decided today. Mirrors wire data.</summary>
internal sealed record ReconsideredDocument(string Verdict, TrialDocument Today, CommitDocument? Recorded = null, RefusedDocument? Refused = null);

/// <summary>Mirrors wire data.</summary>
internal sealed record UnreadableDocument(string Stream, string Detail);

/// <summary>A page of refused commands. Mirrors wire data.</summary>
internal sealed record RefusedPageDocument(IReadOnlyList<RefusedDocument> Refused, string? Next = null);

/// <summary>A command that was refused. Mirrors wire data.</summary>
internal sealed record RefusedDocument
{
    public required string Stream { get; init; }

    public required long Version { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Command { get; init; }

    public JsonElement? CommandData { get; init; }

    public required string CommandId { get; init; }

    public required string Policy { get; init; }

    public required string Actor { get; init; }

    public string? ActorName { get; init; }

    public required string CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? TraceParent { get; init; }

    public required string Code { get; init; }

    public required string Detail { get; init; }
}

/// <summary>Every commit of a conversation with how deep it stands below its cause. Mirrors wire data.</summary>
internal sealed record ConversationDocument(string CorrelationId, IReadOnlyList<ConversationStepDocument> Steps, bool IsComplete);

/// <summary>Mirrors wire data.</summary>
internal sealed record ConversationStepDocument(int Depth, CommitDocument Commit);
