using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>
/// Commits beside the way that commands and consumers take: as they are stored, for verifying and for copies, and by the conversation
/// they belong to. Elements live until the next one is asked for.
/// </summary>
public interface ICommitLog
{
    /// <summary>The stored items of one stream, in the order of versions; none when it does not exist.</summary>
    IAsyncEnumerable<JsonElement> ReadItemsAsync(StreamName stream, CancellationToken cancellationToken);

    /// <summary>
    /// The stored items with an id, in whatever stream or in none. It asks every partition of the store: for documents that are no commits.
    /// </summary>
    IAsyncEnumerable<JsonElement> ReadItemsByIdAsync(string id, CancellationToken cancellationToken);

    /// <summary>
    /// The stored items of all streams. Those of one stream come in their order; between streams there is none. What is written
    /// meanwhile may or may not be among them.
    /// </summary>
    IAsyncEnumerable<JsonElement> ReadAllItemsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// One page of the stored items of a stream, in the order of versions, or of all streams, where a stream's items stand in the order in
    /// which they were last written. Whoever has a continuation can go on later, and elsewhere.
    /// </summary>
    /// <param name="stream">Null for all.</param>
    /// <param name="continuation">From the page before; null to begin.</param>
    /// <param name="pageSize">About so many items; a page can be empty and yet not be the last.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this.</exception>
    Task<CommitLogPage> ReadPageAsync(StreamName? stream, string? continuation, int pageSize, CancellationToken cancellationToken);

    /// <summary>Where the commit before a version ends, as it is stored; null when there is none that can be read.</summary>
    Task<CommitLink?> FindLinkBeforeAsync(StreamName stream, long version, CancellationToken cancellationToken);

    /// <summary>About how many commits there are, for a progress bar; null when the store can't tell without counting.</summary>
    Task<long?> EstimateCountAsync(CancellationToken cancellationToken);

    /// <summary>The streams of a category after one of them, by name in the order of its bytes. It asks every partition of the store.</summary>
    IAsyncEnumerable<StreamName> ReadStreamsAsync(string category, StreamName? after, CancellationToken cancellationToken);

    /// <summary>
    /// The commits that were written last. What can't be read as a commit is <see cref="Delivery.Unreadable"/>. It asks every partition of
    /// the store for no more than one page.
    /// </summary>
    /// <exception cref="InvalidContinuationException">The continuation token was not made for this query.</exception>
    Task<NewestPage<Delivery>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken);

    /// <summary>The commits of one command id, at most one per stream, by name of the stream. It may ask every partition of the store.</summary>
    Task<IReadOnlyList<Commit>> ReadByCommandAsync(string commandId, int limit, CancellationToken cancellationToken);

    /// <summary>The commits of one conversation in all streams, by time. It may ask every partition of the store.</summary>
    Task<IReadOnlyList<Commit>> ReadConversationAsync(string correlationId, int limit, CancellationToken cancellationToken);
}

/// <summary>A page of stored items, which live as long as it does. A continuation of null means that it is the last, as far as is written now.</summary>
public sealed record CommitLogPage(IReadOnlyList<JsonElement> Items, string? Continuation)
{
    /// <summary>In a page of all streams: those whose snapshot is stored here. It is no commit, so it is not among the items.</summary>
    public IReadOnlyList<StreamName> Snapshots { get; init; } = [];
}

/// <summary>What the next commit of a stream has to fit to.</summary>
/// <param name="LastVersion">Of the commit.</param>
/// <param name="Hash">Its seal, as it says; null when it has none.</param>
public sealed record CommitLink(long LastVersion, string? Hash)
{
    /// <summary>The start of every stream.</summary>
    public static CommitLink Start { get; } = new(0, Hash: null);

    public static CommitLink Of(Commit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        return new CommitLink(commit.LastVersion, commit.Hash);
    }
}
