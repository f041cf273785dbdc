using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>A function that changes the view that it was given harms no other key, and a specification finds it.</summary>
public sealed class InitialViewTests
{
    private static readonly DocumentView<EventLog, PurseEvent> Changing = new()
    {
        Name = "log",
        Version = 1,
        Sources = [EventSource<PurseEvent>.Of(PurseViews.Aggregate)],
        Key = ViewKey<PurseEvent>.Stream,
        Initial = () => new EventLog(new Dictionary<string, IReadOnlyList<string>>()),
        Apply = (log, envelope) =>
        {
            ((IDictionary<string, IReadOnlyList<string>>)log.Events)[envelope.Stream.Value] = [envelope.EventId];
            return log;
        },
        Json = PurseViewsJson.Default.EventLog,
    };

    [Fact]
    public async Task No_key_gets_what_was_done_to_the_view_of_another()
    {
        ConsumerWorld world = new();

        await world.HandleAsync(Changing, await world.AddAsync("alice", 1), await world.AddAsync("bob", 1));

        ViewRead read = await world.Views.ReadAsync(new ViewPartition("log", 1, "bob"), [ViewDocument.SingleId], TestContext.Current.CancellationToken);
        Assert.DoesNotContain("alice", System.Text.Encoding.UTF8.GetString(Assert.Single(read.Documents).Data.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_specification_fails_when_the_view_that_was_given_is_changed()
    {
        EventEnvelope<PurseEvent> envelope = History.Of(PurseViews.Aggregate, "1").Commit(new Added(5)).Envelopes[0];

        SpecificationException error = Assert.Throws<SpecificationException>(() => ViewSpec.For(Changing).GivenNothing().When(envelope));

        Assert.Contains("Apply changed the EventLog that it was given; it has to return a new one", error.Message, StringComparison.Ordinal);
    }
}
