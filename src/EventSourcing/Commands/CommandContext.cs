namespace Serverless.EventSourcing;

/// <summary>Who sends a command and in which conversation.</summary>
public sealed record CommandContext
{
    /// <summary>The same id means the same command: it is committed at most once in its stream.</summary>
    public required string CommandId { get; init; }

    /// <summary>
    /// Whether <see cref="CommandId"/> may have been sent before. False for a fresh id, which saves the look-up of an earlier outcome.
    /// </summary>
    public bool MayBeRepeated { get; init; } = true;

    /// <summary>The version the client decided on (<c>If-Match</c>); null when any will do.</summary>
    public long? ExpectedVersion { get; init; }

    /// <inheritdoc cref="CommitMetadata.Actor"/>
    public required string Actor { get; init; }

    /// <inheritdoc cref="CommitMetadata.ActorName"/>
    public string? ActorName { get; init; }

    public string? CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public string? TraceParent { get; init; }
}
