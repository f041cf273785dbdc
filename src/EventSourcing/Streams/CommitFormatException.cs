namespace Serverless.EventSourcing;

/// <summary>A document that should be a commit is not one that can be read. It names where the document stands and what is wrong.</summary>
public sealed class CommitFormatException(string? id, string? stream, string reason)
    : Exception($"The document '{id ?? "without id"}' of stream '{stream ?? "unknown"}' is not a commit: {reason}.")
{
    public string? Id { get; } = id;

    public string? Stream { get; } = stream;

    public string Reason { get; } = reason;
}
