namespace Serverless.EventSourcing;

/// <summary>
/// The feed of commits as the store has it, for readers that keep their own position. Commits of one stream come in their order. What is
/// read here was not rewritten by any host.
/// </summary>
public interface ICommitFeed
{
    /// <summary>
    /// The ranges that there are now, each with the position that <paramref name="positions"/> have for it, by range, from before they were
    /// split or merged. A position of null is the beginning.
    /// </summary>
    Task<IReadOnlyList<CommitFeedRange>> ReadRangesAsync(IReadOnlyDictionary<string, string?> positions, CancellationToken cancellationToken);

    /// <summary>The next items of a range, at most about <paramref name="maxItems"/>; none at its end. One request.</summary>
    Task<CommitFeedPage> ReadAsync(CommitFeedRange range, int maxItems, CancellationToken cancellationToken);
}

/// <summary>A part of the feed, and how far a reader has come in it. Both are opaque.</summary>
public sealed record CommitFeedRange(string Range, string? Position);

/// <summary>A page of a range; the end is only as far as was written when it was read. The charge is in request units.</summary>
public sealed record CommitFeedPage(IReadOnlyList<CommitFeedItem> Items, bool IsEnd, double RequestCharge);

/// <summary>
/// An item of the feed: when it was written, by the clock of the store, and where a reader stands behind it. What is no commit and is not
/// meant to be one, such as a snapshot, has no delivery.
/// </summary>
public sealed record CommitFeedItem(Delivery? Delivery, DateTimeOffset At, string Position);
