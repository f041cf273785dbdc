using System.Text;

namespace Serverless.EventSourcing.Tests;

public sealed class AggregateEndpointTests
{
    private readonly IAggregateEndpoint purses;

    public AggregateEndpointTests() => purses = new BoundedContext()
        .Add(Purse.With(new SnapshotSchema(1, EveryEvents: 2)))
        .Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions())["purse"];

    [Fact]
    public async Task A_body_is_executed_and_the_state_can_be_read()
    {
        for (int i = 1; i <= 5; i++)
        {
            Assert.IsType<CommandOutcome.Accepted>(await ExecuteAsync("add", """{"amount":2}""", $"{i}"));
        }

        StateDocument state = Assert.IsType<StateDocument>(
            await purses.ReadStateAsync(Purse.Stream("1"), TestContext.Current.CancellationToken));

        Assert.Equal(5, state.Version);
        Assert.Equal("""{"total":10,"label":""}""", Encoding.UTF8.GetString(state.State.Span));
    }

    [Fact]
    public async Task A_stream_that_does_not_exist_has_no_state() =>
        Assert.Null(await purses.ReadStateAsync(Purse.Stream("1"), TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_bad_body_is_answered_without_trying()
    {
        CommandOutcome.Invalid invalid = Assert.IsType<CommandOutcome.Invalid>(await ExecuteAsync("add", """{"amount":0}""", "1"));

        Assert.Equal([new ValidationError("$.amount", "An amount is at least 1.")], invalid.Errors);
        Assert.Null(invalid.StreamVersion);
    }

    [Fact]
    public async Task A_body_that_is_written_differently_is_still_the_same_command()
    {
        await ExecuteAsync("add", """{"amount":2}""", "same");

        Assert.True(Assert.IsType<CommandOutcome.Accepted>(await ExecuteAsync("add", """ { "amount" : 2 } """, "same")).WasRepeated);
    }

    [Fact]
    public void It_shows_what_routes_and_the_description_need()
    {
        Assert.Equal("purse", purses.Category);
        Assert.True(purses.HasCommand("add"));
        Assert.False(purses.HasCommand("remove"));
        Assert.Equal(["purse.added", "purse.taken", "purse.labelled"], purses.Events.Select(e => e.Name));
        Assert.Equal(typeof(PurseState), purses.StateJson.Type);
        Assert.Equal(5, purses.Commands.Count);
    }

    [Fact]
    public void A_category_or_a_projection_is_registered_once()
    {
        BoundedContext twice = new BoundedContext().Add(Purse.Definition).Add(Purse.Definition);

        Assert.ThrowsAny<ArgumentException>(() => twice.Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Purse")]
    [InlineData("two-words")]
    public void A_category_is_fit_for_a_stream_name(string category) => Assert.Throws<ArgumentException>(() =>
        new Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection>
        {
            Category = category,
            Initial = () => new PurseState(0, ""),
            Decide = Purse.Decide,
            Evolve = Purse.Evolve,
            Events = Purse.Codec,
            Commands = [],
            Describe = _ => Purse.NotEnough,
            StateJson = PurseJson.Default.PurseState,
        });

    private Task<CommandOutcome> ExecuteAsync(string command, string body, string id) => purses.ExecuteAsync(
        Purse.Stream("1"),
        command,
        Encoding.UTF8.GetBytes(body),
        new CommandContext { CommandId = id, Actor = "test" },
        TestContext.Current.CancellationToken);
}
