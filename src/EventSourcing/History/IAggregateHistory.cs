namespace Serverless.EventSourcing;

/// <summary>How the streams of one aggregate came to be, and what would come of other decisions. Nothing here writes.</summary>
public interface IAggregateHistory
{
    /// <summary>
    /// The state as it was. Its version is where the fold ended: less than the point's when the stream is shorter, 0 when there was
    /// nothing yet.
    /// </summary>
    /// <exception cref="EventDecodeException">An event before the point can't be read.</exception>
    Task<StateDocument> ReadStateAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken);

    /// <summary>Every event from a version on, with the state before and after it.</summary>
    /// <exception cref="EventDecodeException">An event can't be read.</exception>
    IAsyncEnumerable<ExplainedEvent> ExplainAsync(StreamName stream, long fromVersion, CancellationToken cancellationToken);

    /// <summary>What a command would do at a point, internal commands too: events or a reason.</summary>
    /// <exception cref="EventDecodeException">An event before the point can't be read.</exception>
    Task<Trial> TryAsync(
        StreamName stream, StreamPoint point, string command, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>
    /// What was decided in a stream, in order: its commits, and the refused commands that are given, each with the state it was decided on.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="refused">Its refused commands, in the order of <see cref="RefusedCommand.Id"/>; empty to leave them out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="EventDecodeException">An event can't be read.</exception>
    /// <exception cref="DeciderException">An event can't be folded.</exception>
    IAsyncEnumerable<PastDecision> ReadDecisionsAsync(
        StreamName stream, IAsyncEnumerable<RefusedCommand> refused, CancellationToken cancellationToken);

    /// <summary>
    /// Compares the stream's snapshot with the fold of its commits. Null when they agree, or when there is no snapshot that today's
    /// class would read. When the commits can't be folded, that is the fault.
    /// </summary>
    Task<BrokenLink?> CheckSnapshotAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>The version of today's rules.</summary>
    string PolicyVersion { get; }
}

/// <summary>One event with what it did to the state, all as UTF-8 JSON.</summary>
/// <param name="Version">Of the stored event.</param>
/// <param name="Commit">The commit that holds it, with the command behind it.</param>
/// <param name="Stored">As it is stored, in the shape it had then.</param>
/// <param name="Before">The state before it.</param>
/// <param name="After">The state after it.</param>
/// <param name="Changes">What is different in <paramref name="After"/>.</param>
public sealed record ExplainedEvent(
    long Version, Commit Commit, StoredEvent Stored, ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After, IReadOnlyList<JsonChange> Changes);

/// <summary>What a command would do. <paramref name="Version"/> is that of the state it was decided on.</summary>
public abstract record Trial(StreamName Stream, long Version)
{
    /// <summary>It would write these events; none when there is nothing to do. <paramref name="State"/> is the state after them.</summary>
    public sealed record Accepted(StreamName Stream, long Version, IReadOnlyList<StoredEvent> Events, ReadOnlyMemory<byte> State)
        : Trial(Stream, Version);

    public sealed record Rejected(StreamName Stream, long Version, Rejection Reason) : Trial(Stream, Version);

    /// <summary>The body does not make a valid command.</summary>
    public sealed record Invalid(StreamName Stream, long Version, IReadOnlyList<ValidationError> Errors) : Trial(Stream, Version);

    /// <summary>There is no such command, or no longer.</summary>
    public sealed record Unknown(StreamName Stream, long Version, string Command) : Trial(Stream, Version);

    /// <summary>It can't be decided, or not be written: the rules throw, make more than fits into a commit, or there is no state to decide on.</summary>
    public sealed record Failed(StreamName Stream, long Version, string Detail) : Trial(Stream, Version);
}
