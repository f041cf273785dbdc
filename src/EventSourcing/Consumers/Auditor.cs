namespace Serverless.EventSourcing;

/// <summary>What an audit found: events that a consumer had missed and now has.</summary>
public sealed record AuditResult(string Consumer, int CheckedCommits, int HealedEvents, double RequestCharge);

/// <summary>
/// Finds what any consumer missed from whatever cause, and heals it: after a grace time each commit is given to every consumer once
/// more. A consumer that has it reads its fence and does nothing; one that doesn't catches up, gaps included.
/// </summary>
public sealed class Auditor(ConsumerRunner runner, TimeProvider time, TimeSpan grace)
{
    /// <summary>Waits until the newest of the commits is older than the grace time, then checks every consumer.</summary>
    public async Task<IReadOnlyList<AuditResult>> AuditAsync(
        IReadOnlyCollection<IConsumer> consumers, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        ArgumentNullException.ThrowIfNull(deliveries);
        DateTimeOffset newest = deliveries.Max(d => d.Commit?.Metadata.Timestamp) ?? DateTimeOffset.MinValue;
        TimeSpan wait = newest + grace - time.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            // A clock that runs ahead on another machine must not hold the audit for longer than the grace time.
            await Task.Delay(wait < grace ? wait : grace, time, cancellationToken);
        }
        List<AuditResult> results = [];
        foreach (IConsumer consumer in consumers)
        {
            ProjectionResult result = await runner.HandleAsync(consumer, deliveries, believes: false, cancellationToken);
            int given = deliveries.Count(d => d.Commit is { } commit && consumer.Categories.Contains(commit.Stream.Category));
            results.Add(new AuditResult(consumer.FullName, given, result.Events, result.RequestCharge));
        }
        return results;
    }
}
