using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class VersionRetirementTests
{
    private static readonly StoredEvent Added = new("purse.added", 1, """{"amount":1}"""u8.ToArray());

    private readonly ViewWorld world = new([.. Enumerable.Repeat<IReadOnlyList<IReadOnlyList<StoredEvent>>>([[Added], [Added]], 250)]);
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryParkedStore parked = new();
    private readonly ConsumerOptions options = new();
    private readonly EntriesView<EventCount, EventLine, PurseEvent> old = PurseViews.Entries(ViewKey<PurseEvent>.Stream);
    private readonly VersionedProjections versions;
    private readonly VersionRetirement retirement;

    public VersionRetirementTests()
    {
        EntriesView<EventCount, EventLine, PurseEvent> next = new()
        {
            Name = old.Name,
            Version = 2,
            Sources = old.Sources,
            Key = old.Key,
            Initial = old.Initial,
            Apply = old.Apply,
            HeaderJson = old.HeaderJson,
            EntryJson = old.EntryJson,
        };
        versions = new VersionedProjections(new BoundedContext().Add(old).Add(next), new InMemoryVersionStore(), time, options);
        retirement = new VersionRetirement(versions, world.Views, parked, time, options);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Documents_and_what_is_parked_are_deleted_and_it_says_when_that_is_all()
    {
        world.Heal(old);
        Assert.NotNull(await parked.TryWriteAsync(
            new ParkedStream
            {
                Consumer = old.Name + "@1",
                Stream = "purse-1",
                FromVersion = 1,
                ThroughVersion = 1,
                Status = ParkedStatus.Parked,
                Error = "x",
                Attempts = 5,
                FirstFailedAt = time.GetUtcNow(),
                LastFailedAt = time.GetUtcNow(),
            },
            Token));
        await versions.ChangeAsync(old.Name, (r, now) => r.Serve(2, now), Token);
        time.Advance(options.VersionsMaxAge * 3);

        RetirementResult first = await RunAsync();
        time.Advance(options.VersionsMaxAge * 3); // Until then another instance may write what it has in hand.
        RetirementResult second = await RunAsync();

        Assert.Equal((250 + 500, false), (first.Deleted, first.IsComplete));
        Assert.Equal((0, true), (second.Deleted, second.IsComplete));
        Assert.Equal(0, await parked.CountAsync(old.Name + "@1", ParkedStatus.Parked, Token));
        foreach (ViewKind kind in Enum.GetValues<ViewKind>())
        {
            Assert.Empty((await world.Views.ListAsync(new ViewQuery(old.Name, 1, kind, Key: null, NewestFirst: false, 10, Continuation: null), Token)).Items);
        }
    }

    [Fact]
    public async Task What_serves_or_did_until_just_now_is_left_alone()
    {
        world.Heal(old);
        await Assert.ThrowsAsync<VersionChangeException>(RunAsync);
        await versions.ChangeAsync(old.Name, (r, now) => r.Serve(2, now), Token);
        await Assert.ThrowsAsync<VersionChangeException>(RunAsync);

        world.CheckEntries(old);
        Assert.Equal(VersionStatus.Standby, (await versions.ReadAsync(old.Name, Token)).Find(1)!.Status);
    }

    private Task<RetirementResult> RunAsync() => retirement.RunAsync(old.Name, 1, TimeSpan.FromMinutes(1), Token);
}
