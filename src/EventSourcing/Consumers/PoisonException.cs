namespace Serverless.EventSourcing;

/// <summary>
/// A commit that could not be processed: it can't be read, the user's function throws on it, or what came of it can't be stored. If that
/// repeats, its stream is parked. Faults of the store are never wrapped in this.
/// </summary>
public sealed class PoisonException(StreamName stream, long version, string? correlationId, Exception cause)
    : Exception($"{stream} version {version}: {cause.Message}", cause)
{
    public StreamName Stream { get; } = stream;

    /// <summary>The version that could not be processed.</summary>
    public long Version { get; } = version;

    public string? CorrelationId { get; } = correlationId;

    internal static PoisonException At(Commit commit, Exception cause) =>
        new(commit.Stream, commit.FirstVersion, commit.Metadata.CorrelationId, cause);

    internal static PoisonException At<TEvent>(EventEnvelope<TEvent> envelope, Exception cause) =>
        new(envelope.Stream, envelope.Version, envelope.CorrelationId, cause);
}
