namespace Serverless.EventSourcing.Tests;

/// <summary>Feeds that stand where the test says.</summary>
internal sealed class FakeFeeds : IConsumerFeeds
{
    public List<FeedLag> Lags { get; } = [];

    public Exception? Fault { get; set; }

    /// <summary>Each costs requests.</summary>
    public int LooksAtLag { get; private set; }

    /// <summary>Lets a range stand at a position, with so many commits after it.</summary>
    public void Set(string range, string? position, long commits = 0, PendingCommit? oldest = null, string? owner = "host-1", DateTimeOffset? seenAt = null)
    {
        Lags.RemoveAll(l => l.Position.Range == range);
        Lags.Add(new FeedLag(new FeedPosition(range, position, owner, seenAt), commits, oldest));
    }

    public Task<IReadOnlyList<FeedPosition>> ReadPositionsAsync(string consumer, CancellationToken cancellationToken) =>
        Fault is null ? Task.FromResult<IReadOnlyList<FeedPosition>>([.. Lags.Select(l => l.Position)]) : throw Fault;

    public Task<IReadOnlyList<FeedLag>> ReadLagAsync(IReadOnlyList<CommitFeedRange> ranges, CancellationToken cancellationToken) =>
        ReadLagAsync(Auditor.Name, cancellationToken);

    public Task<IReadOnlyList<FeedLag>> ReadLagAsync(string consumer, CancellationToken cancellationToken)
    {
        LooksAtLag++;
        return Fault is null ? Task.FromResult<IReadOnlyList<FeedLag>>([.. Lags]) : throw Fault;
    }
}
