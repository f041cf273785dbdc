namespace Serverless.EventSourcing;

/// <summary>How far the feeds of consumers have come, as the platform knows it, whatever the consumers say of themselves.</summary>
public interface IConsumerFeeds
{
    /// <summary>Where each feed range stands, in order of its name; none when the consumer never started. One query.</summary>
    Task<IReadOnlyList<FeedPosition>> ReadPositionsAsync(string consumer, CancellationToken cancellationToken);

    /// <summary>The same with what is still to come: one query, and one look at the feed per range.</summary>
    Task<IReadOnlyList<FeedLag>> ReadLagAsync(string consumer, CancellationToken cancellationToken);

    /// <summary>The same for a reader of <see cref="ICommitFeed"/>, which keeps its own positions: one look at the feed per range.</summary>
    Task<IReadOnlyList<FeedLag>> ReadLagAsync(IReadOnlyList<CommitFeedRange> ranges, CancellationToken cancellationToken);
}

/// <summary>One lease: a part of the feed that is processed in order, by one instance at a time.</summary>
/// <param name="Range">The name of the lease; it changes when the part is split.</param>
/// <param name="Position">Opaque; null before the first acknowledgement.</param>
/// <param name="Owner">The instance that has it; null when nobody does.</param>
/// <param name="OwnerSeenAt">When the owner last said that it lives. It does so while it waits or is stuck, too.</param>
public sealed record FeedPosition(string Range, string? Position, string? Owner, DateTimeOffset? OwnerSeenAt);

/// <summary>What one range has still to do: how many commits, and the oldest of them; none and null when it is up to date.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Commits">That are still to come.</param>
/// <param name="Oldest">The first of them.</param>
/// <param name="Done">Commits before that place, by the change counter of the database, which may count a little more.</param>
public sealed record FeedLag(FeedPosition Position, long Commits, PendingCommit? Oldest, long Done = 0);

/// <summary>A commit that was not acknowledged. Stream and version as stored, even if it can't be read.</summary>
public sealed record PendingCommit(string Stream, long FirstVersion, DateTimeOffset At)
{
    /// <summary>The place of a commit, as faults of batches are kept by.</summary>
    public static string PlaceOf(string stream, long firstVersion) => $"{stream}/{firstVersion}";
}
