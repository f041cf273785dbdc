namespace Serverless.EventSourcing;

/// <summary>
/// A commit that this code can't process however often it tries: it can't be read, or the user's function throws on it. Faults of
/// the store are never wrapped in this.
/// </summary>
public sealed class PoisonException(StreamName stream, long version, string? correlationId, Exception cause)
    : Exception($"{stream} version {version}: {cause.Message}", cause)
{
    public StreamName Stream { get; } = stream;

    /// <summary>The version that could not be processed.</summary>
    public long Version { get; } = version;

    public string? CorrelationId { get; } = correlationId;

    internal static PoisonException At<TEvent>(EventEnvelope<TEvent> envelope, Exception cause) =>
        new(envelope.Stream, envelope.Version, envelope.CorrelationId, cause);
}
