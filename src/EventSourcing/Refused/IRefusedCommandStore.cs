namespace Serverless.EventSourcing;

/// <summary>
/// Commands that a policy refused, for a time. They are no part of any stream, and nothing is decided by them: they are kept to be looked
/// at, and to be decided again by other rules. Guarantees: a command id that is refused on one version of its stream is one record, the
/// first; what was recorded is read by every later read until its time is over, in the order of the versions.
/// </summary>
public interface IRefusedCommandStore
{
    /// <summary>One create. The record is gone after <paramref name="keep"/>.</summary>
    Task<RefusedWrite> TryRecordAsync(RefusedCommand command, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>The refused commands of one stream after <paramref name="afterId"/>, in the order of <see cref="RefusedCommand.Id"/>.</summary>
    /// <exception cref="FormatException">A record is none, or of a format that is not known here.</exception>
    IAsyncEnumerable<RefusedCommand> ReadAsync(StreamName stream, string? afterId, CancellationToken cancellationToken);

    /// <summary>The commands that were refused last, in all streams. It asks every partition of the store for no more than one page.</summary>
    /// <exception cref="FormatException">A record is none, or of a format that is not known here.</exception>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this query.</exception>
    Task<NewestPage<RefusedCommand>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// The streams of a category, by name and each once, that had a command refused before they had an event: those that may have no
    /// commit at all. It asks every partition of the store.
    /// </summary>
    IAsyncEnumerable<StreamName> ReadRefusedBeginningsAsync(string category, StreamName? after, CancellationToken cancellationToken);
}

/// <summary>False when there is a record of this command on this version. The charge is in request units.</summary>
public sealed record RefusedWrite(bool IsRecorded, double RequestCharge);

/// <summary>A command that a policy refused. Mirrors stored data.</summary>
public sealed record RefusedCommand
{
    public required StreamName Stream { get; init; }

    /// <summary>The version of the stream that it was decided on; 0 when there was nothing yet.</summary>
    public required long Version { get; init; }

    /// <summary>Who asked, for what, and when it was refused; as a commit would have it.</summary>
    public required CommitMetadata Metadata { get; init; }

    public required Rejection Reason { get; init; }

    /// <summary>
    /// The version in ten digits and the command id in a form that is fit for ids of items, so that records sort by the version and a
    /// command that is delivered again is found to be the same.
    /// </summary>
    public string Id => $"{Commit.IdOf(Version)}-{InboxCommand.IdOf(Metadata.CommandId)}";
}
