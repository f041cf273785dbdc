namespace Serverless.EventSourcing;

/// <summary>
/// One event with where it stands and what led to it. <see cref="Version"/> is the version of the <em>stored</em> event: an
/// upcaster that makes several events of one gives all of them the same version, and <see cref="Part"/> tells them apart.
/// </summary>
public sealed record EventEnvelope<TEvent>(
    TEvent Event,
    StreamName Stream,
    long Version,
    int Part,
    string Type,
    int SchemaVersion,
    CommitMetadata Metadata)
{
    /// <summary>Unique in the whole store and the same on every replay.</summary>
    public string EventId => Part == 0 ? $"{Stream}/{Version}" : $"{Stream}/{Version}.{Part}";

    public DateTimeOffset Timestamp => Metadata.Timestamp;

    public string CorrelationId => Metadata.CorrelationId;

    /// <summary>The command that decided this event.</summary>
    public string CausationId => Metadata.CommandId;
}
