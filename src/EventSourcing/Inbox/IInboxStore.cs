namespace Serverless.EventSourcing;

/// <summary>
/// Commands that wait for their execution, by stream. Guarantees of every implementation, held by the contract suite in
/// EventSourcing.Testing:
/// <list type="bullet">
/// <item>A command id is added to a stream at most once while its item exists.</item>
/// <item>Of the changes of one stream each command's latest is read once, in the order in which they were made. A command that waits
/// is never changed, so commands that wait are read in the order in which they were added.</item>
/// <item>A store that others can write to tells which commands did not come from here: <see cref="InboxCommand.IsForged"/>.</item>
/// <item>An outcome and a backlog are written only over what the writer has read.</item>
/// </list>
/// </summary>
public interface IInboxStore
{
    /// <summary>One create. False when the stream has a command of this id.</summary>
    Task<InboxAdd> TryAddAsync(InboxCommand command, CancellationToken cancellationToken);

    /// <summary>One command by <see cref="InboxCommand.Id"/>; null when there is none, or none any more.</summary>
    Task<InboxCommand?> ReadAsync(StreamName stream, string id, CancellationToken cancellationToken);

    /// <summary>
    /// Records what came of a command, for <paramref name="keep"/>. False when it was changed since it was read, or is gone.
    /// </summary>
    Task<bool> TrySettleAsync(InboxCommand command, InboxOutcome outcome, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>
    /// The commands of one status in all streams, the last changed first. It asks every partition of the store for no more than one page.
    /// </summary>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this query.</exception>
    Task<NewestPage<InboxCommand>> ReadNewestAsync(InboxStatus status, NewestQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// The changes of one stream from a position on, at most about <paramref name="maxChanges"/> of them, oldest first.
    /// </summary>
    Task<InboxPage> ReadChangesAsync(StreamName stream, string position, int maxChanges, CancellationToken cancellationToken);

    /// <summary>Null when the stream has none.</summary>
    Task<InboxBacklog?> ReadBacklogAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>False when another writer was faster. The write is a change of the stream, so feeds deliver it.</summary>
    Task<bool> TryWriteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken);

    /// <summary>False when another writer was faster.</summary>
    Task<bool> TryDeleteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken);
}

/// <summary>The charge is in request units.</summary>
public sealed record InboxAdd(bool IsAdded, double RequestCharge);

/// <summary>
/// One change of an inbox. It says where to look and not what the command is: feeds may alter texts on their way, so a command is
/// executed as the store has it. A reading that begins at <paramref name="Position"/> includes this change;
/// <paramref name="ChangedAt"/> is by the clock of the store.
/// </summary>
public sealed record InboxChange(StreamName Stream, string Id, InboxChangeKind Kind, string Position, DateTimeOffset ChangedAt);

public enum InboxChangeKind
{
    /// <summary>A command that waits.</summary>
    Pending,

    /// <summary>A command with its outcome.</summary>
    Settled,

    /// <summary>The stream's backlog was written.</summary>
    Backlog,
}

/// <summary>A page of changes and where the next one begins; at the end there were no more when it was read.</summary>
public sealed record InboxPage(IReadOnlyList<InboxChange> Changes, string Position, bool IsEnd);

/// <summary>
/// Says that a stream has more commands waiting than were executed at once, and from where on. While it exists, the stream's commands
/// are executed from there, in the order of their changes, and in no other way.
/// </summary>
public sealed record InboxBacklog
{
    public required StreamName Stream { get; init; }

    /// <summary>Everything before it is settled.</summary>
    public required string Position { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    public string? ETag { get; init; }
}
