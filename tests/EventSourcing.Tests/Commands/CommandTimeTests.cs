using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>Two hosts whose clocks differ by an hour take turns at one stream.</summary>
public sealed class CommandTimeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly InMemoryEventStore store = new();
    private readonly FakeTimeProvider slowClock = new(Noon);

    [Theory]
    [InlineData(0)] // Cold: each command loads the stream.
    [InlineData(100_000)] // With a cache, and so by the tail after a lost race.
    public async Task A_commit_is_never_stamped_before_the_one_it_follows(int cachedStateBytes)
    {
        CommandHandlerOptions options = new() { CachedStateBytes = cachedStateBytes, FirstBackoff = TimeSpan.Zero };
        PurseInstance ahead = new(store, options, new FakeTimeProvider(Noon.AddHours(1)));
        PurseInstance behind = new(store, options, slowClock);

        List<Commit> commits = [];
        foreach (PurseInstance host in (PurseInstance[])[behind, ahead, behind, behind, ahead, behind])
        {
            commits.Add(await host.CommitAsync(new Add(1)));
        }
        slowClock.Advance(TimeSpan.FromHours(2));
        commits.Add(await behind.CommitAsync(new Add(1)));

        DateTimeOffset later = Noon.AddHours(1);
        Assert.Equal([Noon, later, later, later, later, later, Noon.AddHours(2)], commits.Select(c => c.Metadata.Timestamp));
    }

    [Fact]
    public async Task The_state_at_an_instant_has_every_commit_up_to_it_and_none_behind()
    {
        PurseInstance ahead = new(store, time: new FakeTimeProvider(Noon.AddHours(1)));
        await ahead.CommitAsync(new Add(1));
        PurseInstance behind = new(store, time: slowClock);
        await behind.CommitAsync(new Add(10));

        IAggregateHistory history = new AggregateEndpoint<PurseCommand, PurseState, PurseEvent, PurseRejection>(
            Purse.Definition, store, slowClock, new CommandHandlerOptions()).History;

        Assert.Equal((0L, 2L), (await VersionAtAsync(history, Noon.AddMinutes(30)), await VersionAtAsync(history, Noon.AddHours(1))));
    }

    private static async Task<long> VersionAtAsync(IAggregateHistory history, DateTimeOffset instant) =>
        (await history.ReadStateAsync(Purse.Stream("1"), StreamPoint.At(instant), TestContext.Current.CancellationToken)).Version;
}
