using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Serverless.EventSourcing.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>The helpers that others test with: they must fail when they should, and say why.</summary>
public sealed class DeciderSpecTests
{
    private static DeciderSpec<PurseCommand, PurseState, PurseEvent, PurseRejection> Spec { get; } = DeciderSpec.For(Purse.Definition);

    [Fact]
    public void What_holds_passes()
    {
        Spec.Given(new Added(5)).When(new Take(3)).Then(new Taken(3)).AndState(new PurseState(2, ""));
        Spec.Given(new Added(5)).When(new Take(6)).ThenRejected(PurseRejection.NotEnough);
        Spec.Given(new Added(5)).When(new FillUpTo(5)).ThenNothing();
        Spec.GivenNothing().When(new AddOneByOne(2)).Then(new Added(1), new Added(1));
        Spec.Given(new Added(5), new Labelled("x")).ThenState(new PurseState(5, "x"));
    }

    [Fact]
    public void Other_events_show_both_sides_element_by_element() =>
        AssertFails(
            """
            The decision is another one (- expected, + actual)
                purse.added v1 {"amount":1}
              - purse.added v1 {"amount":2}
                purse.added v1 {"amount":1}
              + purse.added v1 {"amount":1}
            """,
            () => Spec.GivenNothing().When(new AddOneByOne(3)).Then(new Added(1), new Added(2), new Added(1)));

    [Fact]
    public void A_rejection_instead_of_events() =>
        AssertFails(
            """
            The decision is another one (- expected, + actual)
              - purse.taken v1 {"amount":1}
              + rejected: NotEnough
            """,
            () => Spec.GivenNothing().When(new Take(1)).Then(new Taken(1)));

    [Fact]
    public void Events_instead_of_a_rejection() =>
        AssertFails(
            """
            The decision is another one (- expected, + actual)
              - rejected: NotEnough
              + purse.taken v1 {"amount":0}
            """,
            () => Spec.GivenNothing().When(new Take(0)).ThenRejected(PurseRejection.NotEnough));

    [Fact]
    public void Events_instead_of_nothing() =>
        AssertFails(
            """
            The decision is another one (- expected, + actual)
              - accepted: nothing to do
              + purse.added v1 {"amount":1}
            """,
            () => Spec.GivenNothing().When(new Add(1)).ThenNothing());

    [Fact]
    public void Another_state_shows_the_member() =>
        AssertFails(
            """
            The state is another one (- expected, + actual)
                {
              - "total": 2,
              + "total": 1,
                "label": ""
                }
            """,
            () => Spec.GivenNothing().When(new Add(1)).Then(new Added(1)).AndState(new PurseState(2, "")));

    [Fact]
    public void Events_are_asserted_before_the_state() => // The state of a wrong decision is not even looked at.
        Assert.StartsWith(
            "The decision",
            Assert.Throws<SpecificationException>(
                () => Spec.GivenNothing().When(new Add(1)).Then(new Added(2)).AndState(new PurseState(99, ""))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_decider_that_is_not_pure_is_found_out()
    {
        int calls = 0;
        var moody = DeciderSpec.For(Purse.With(snapshots: null, decide: (_, _) => Decision<PurseEvent, PurseRejection>.Accept(new Added(++calls))));

        AssertFails(
            """
            The decider is not pure: asked twice, it decided (- expected, + actual)
              - purse.added v1 {"amount":1}
              + purse.added v1 {"amount":2}
            """,
            () => moody.GivenNothing().When(new Add(1)));
    }

    [Fact]
    public void An_evolve_that_changes_the_state_it_was_given_is_found_out() =>
        Assert.StartsWith(
            "Evolve changed its state, which others may hold.",
            Assert.Throws<SpecificationException>(() => DeciderSpec.For(Shelf.Changing(evolve: true)).Given(new BookPut("a"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_decider_that_changes_the_state_it_was_given_is_found_out() =>
        Assert.StartsWith(
            "Decide changed its state, which others may hold.",
            Assert.Throws<SpecificationException>(() => DeciderSpec.For(Shelf.Changing(evolve: false)).GivenNothing().When(new PutBook("a"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Every_stream_begins_with_a_state_of_its_own()
    {
        Aggregate<PutBook, ShelfState, BookPut, PurseRejection> shelf = Shelf.Changing(evolve: true);
        Commit[] commits = [.. History.Of(shelf, "1").Commit(new BookPut("a")).Commits];

        Assert.Equal(["a"], shelf.Fold(shelf.Initial(), commits).Titles);
        Assert.Equal(["a"], shelf.Fold(shelf.Initial(), commits).Titles);
    }

    [Fact]
    public void An_event_that_its_codec_can_t_read_back_is_found_out() =>
        Assert.Throws<EventDecodeException>(() => DeciderSpec.For(Forgetful).Given(new Labelled("x")));

    private static readonly Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> Forgetful = new()
    {
        Category = "purse",
        Initial = () => new PurseState(0, ""),
        Decide = Purse.Decide,
        Evolve = Purse.Evolve,
        Events = new EventCodecBuilder<PurseEvent>()
            .Add("purse.added", 1, PurseJson.Default.Added)
            .Add("purse.taken", 1, PurseJson.Default.Taken)
            .Add("purse.labelled", 1, ForgetfulJson.Labelled)
            .Build(),
        Commands = Purse.Definition.Commands,
        Describe = _ => Purse.NotEnough,
        StateJson = PurseJson.Default.PurseState,
    };

    private static void AssertFails(string message, Action specification) =>
        Assert.Equal(message, Assert.Throws<SpecificationException>(specification).Message);
}

/// <summary>Writes a label without its text.</summary>
internal static class ForgetfulJson
{
    public static JsonTypeInfo<Labelled> Labelled
    {
        get
        {
            JsonSerializerOptions options = new(PurseJson.Default.Options)
            {
                TypeInfoResolver = JsonTypeInfoResolver.WithAddedModifier(
                    PurseJson.Default, type => type.Properties.ToList().ForEach(p => p.ShouldSerialize = (_, _) => false)),
            };
            return (JsonTypeInfo<Labelled>)options.GetTypeInfo(typeof(Labelled));
        }
    }
}
