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

/// <summary>How the recorded decisions of a stream compare with today's rules. Mirrors wire data.</summary>
internal sealed record ReconsiderDocument(string Stream, int Commits, int Same, IReadOnlyList<ReconsideredDocument> Different, bool IsComplete);

/// <summary>Mirrors wire data.</summary>
internal sealed record ReconsideredDocument(string Verdict, CommitDocument Recorded, TrialDocument Today);

/// <summary>Every commit of a conversation with how deep it stands below its cause. Mirrors wire data.</summary>
internal sealed record ConversationDocument(string CorrelationId, IReadOnlyList<ConversationStepDocument> Steps, bool IsComplete);

/// <summary>Mirrors wire data.</summary>
internal sealed record ConversationStepDocument(int Depth, CommitDocument Commit);
