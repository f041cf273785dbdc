using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

public sealed class ViewSpecTests
{
    private static readonly History<PurseEvent> Story = History.Of(PurseViews.Aggregate, "1")
        .Commit(new Added(5), new Labelled("x"))
        .At(ViewWorldTime.Noon)
        .Commit(new Taken(5));

    [Fact]
    public void What_holds_passes()
    {
        ViewSpec.For(PurseViews.Document(ViewKey<PurseEvent>.Stream))
            .GivenNothing()
            .When(Story.Envelopes)
            .ThenView(new EventLog(new Dictionary<string, IReadOnlyList<string>> { ["purse-1"] = ["purse-1/1", "purse-1/2", "purse-1/3"] }));
        ViewSpec.For(PurseViews.Entries(ViewKey<PurseEvent>.Stream))
            .GivenHeader(new EventCount(10, 100))
            .When(Story.Envelopes)
            .ThenHeader(new EventCount(13, 110))
            .ThenEntries(new EventLine("purse-1/1", 10), new EventLine("purse-1/3", 12));
        ViewSpec.For(PurseViews.Totals)
            .GivenView("5", new EventCount(1, 5))
            .And("7", new EventCount(1, 7))
            .When(Story.Envelopes)
            .ThenView("5", new EventCount(3, 15))
            .ThenDocuments("7", "5");
    }

    [Fact]
    public void Another_view_shows_both_sides()
    {
        SpecificationException error = Assert.Throws<SpecificationException>(() => ViewSpec.For(PurseViews.Document(ViewKey<PurseEvent>.Stream))
            .GivenNothing()
            .When(Story.Envelopes[0])
            .ThenView(EventLog.Empty));

        Assert.StartsWith("The view is another one (- expected, + actual)", error.Message, StringComparison.Ordinal);
        Assert.Contains("\n  + \"purse-1/1\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_entries_another_header_a_missing_document_and_one_too_many_fail()
    {
        var entries = ViewSpec.For(PurseViews.Entries(ViewKey<PurseEvent>.Stream)).GivenNothing().When(Story.Envelopes);
        Assert.Throws<SpecificationException>(() => entries.ThenEntries(new EventLine("purse-1/1", 0)));
        Assert.Throws<SpecificationException>(() => entries.ThenHeader(new EventCount(3, 11)));

        var totals = ViewSpec.For(PurseViews.Totals).GivenNothing().When(Story.Envelopes);
        Assert.Throws<SpecificationException>(() => totals.ThenView("7", new EventCount(0, 0)));
        Assert.Throws<SpecificationException>(() => totals.ThenView("5", new EventCount(2, 11)));
        Assert.Throws<SpecificationException>(() => totals.ThenDocuments());
    }

    [Fact]
    public void A_history_counts_versions_and_keeps_time()
    {
        Assert.Equal([1L, 2L, 3L], Story.Envelopes.Select(e => e.Version));
        Assert.Equal([1L, 3L], Story.Commits.Select(c => c.FirstVersion));
        Assert.Equal(3, Story.Version);
        Assert.Equal(ViewWorldTime.Noon, Story.Commits[1].Metadata.Timestamp);
        Assert.Equal(["command-1", "command-2"], Story.Commits.Select(c => c.Metadata.CommandId));
    }

    [Fact]
    public void A_history_takes_actor_and_correlation_from_a_template()
    {
        CommitMetadata template = Story.Commits[0].Metadata with { Actor = "alice", CorrelationId = "conversation" };

        Commit commit = Story.With(template).Commit(new Added(1)).Commits[^1];

        Assert.Equal(("alice", "conversation", "command-3"), (commit.Metadata.Actor, commit.Metadata.CorrelationId, commit.Metadata.CommandId));
    }

    [Fact]
    public async Task A_history_can_be_stored_once()
    {
        InMemoryEventStore store = new();

        await Story.StoreAsync(store, TestContext.Current.CancellationToken);

        Assert.Equal(3, (await store.ReadHeadAsync(Story.Stream, TestContext.Current.CancellationToken)).Version);
        await Assert.ThrowsAsync<SpecificationException>(() => Story.StoreAsync(store, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_history_refuses_what_no_store_would_take() =>
        Assert.Throws<ArgumentException>(() => Story.Commit());
}
