using Serverless.CosmosEmulator.Faults;
using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>
/// Two instances with a session each, and replicas that lag behind what the other one has written: an answer that needs no commit is
/// never given on the old state.
/// </summary>
public sealed class NegativeAnswerTests(OnePartition account) : IClassFixture<OnePartition>
{
    private static readonly FaultRule MissesTheNewest = new() { Effect = FaultEffect.ReplicaLag(1) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_is_not_rejected_on_an_old_state(bool isWarm)
    {
        (StreamName stream, var mine, var other) = await TwoAsync(isWarm);
        using ActiveFault lag = account.Meet(MissesTheNewest);
        await AcceptedAsync(other, stream, new Count(10));

        // There are 15. Without the newest commit there would be 5.
        Assert.Equal(3, (await AcceptedAsync(mine, stream, new CountDown(14))).Version);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_command_that_has_something_to_do_is_done(bool isWarm)
    {
        (StreamName stream, var mine, var other) = await TwoAsync(isWarm);
        using ActiveFault lag = account.Meet(MissesTheNewest);
        await AcceptedAsync(other, stream, new CountDown(4));

        // There is 1. Without the newest commit there would be 5, and nothing to do.
        Assert.NotNull((await AcceptedAsync(mine, stream, new CountUpTo(5))).Commit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_If_Match_that_is_right_is_not_refused(bool isWarm)
    {
        (StreamName stream, var mine, var other) = await TwoAsync(isWarm);
        using ActiveFault lag = account.Meet(MissesTheNewest);
        await AcceptedAsync(other, stream, new Count(10));

        CommandOutcome outcome = await mine.ExecuteAsync(stream, new Count(1), Counter.FreshId() with { ExpectedVersion = 2 }, Token);

        Assert.Equal(3, Assert.IsType<CommandOutcome.Accepted>(outcome).Version);
    }

    [Fact]
    public async Task A_head_is_the_newest()
    {
        (StreamName stream, _, var other) = await TwoAsync(isWarm: false);
        using ActiveFault lag = account.Meet(MissesTheNewest);
        await AcceptedAsync(other, stream, new Count(10));

        Assert.Equal(2, (await NewStore().ReadHeadAsync(stream, Token)).Version);
    }

    [Fact]
    public async Task A_stale_load_costs_a_command_that_commits_one_conflict()
    {
        (StreamName stream, var cold, var other) = await TwoAsync(isWarm: false);
        using ActiveFault lag = account.Meet(MissesTheNewest);
        await AcceptedAsync(other, stream, new Count(10));

        account.SkipUnlessRequestsAreSeen();
        Assert.Equal([Query, Create, Query, Create], await account.Requests.OfAsync(async () => await AcceptedAsync(cold, stream, new Count(1))));
    }

    [Fact]
    public async Task What_answers_cost_in_requests_and_in_request_units()
    {
        account.SkipUnlessRequestsAreSeen();
        Assert.SkipUnless(account.IsEmulator, "Charges are the emulator's.");
        (StreamName stream, var warm, _) = await TwoAsync(isWarm: true);

        Assert.Equal(("Create", 5.8), await CostAsync(warm, stream, new Count(1)));
        Assert.Equal(("Query", 5.3), await CostAsync(warm, stream, new Count(-1)));
        (string coldAccepted, double chargeOfAccepted) = await CostAsync(await NewHandlerAsync(), stream, new Count(1));
        (string coldRejected, double chargeOfRejected) = await CostAsync(await NewHandlerAsync(), stream, new Count(-1));
        Assert.Equal(("Query, Create", "Query, Query"), (coldAccepted, coldRejected));
        Assert.InRange(chargeOfAccepted - 5.8, 2, 4); // A load at the charge of one replica.
        Assert.InRange(chargeOfRejected - 5.3, 2, 4);
    }

    private async Task<(string Requests, double Charge)> CostAsync(
        CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> handler, StreamName stream, CounterCommand command)
    {
        CommandOutcome? outcome = null;
        CosmosRequestKind[] requests = await account.Requests.OfAsync(
            async () => outcome = await handler.ExecuteAsync(stream, command, Counter.FreshId(), Token));
        return (string.Join(", ", requests), Math.Round(outcome!.RequestCharge, 1));
    }

    /// <summary>A stream with 5 in one commit, an instance that may know it, and another one that does.</summary>
    private async Task<(StreamName Stream, CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> Mine,
        CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> Other)> TwoAsync(bool isWarm)
    {
        StreamName stream = Counter.NewStream();
        var mine = await NewHandlerAsync();
        var other = await NewHandlerAsync();
        await AcceptedAsync(isWarm ? mine : other, stream, new Count(5));
        return (stream, mine, other);
    }

    private async Task<CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection>> NewHandlerAsync()
    {
        CosmosEventStore events = NewStore();
        await events.ReadHeadAsync(Counter.NewStream(), Token); // From here on the client knows the container.
        return Counter.Handler(events);
    }

    private CosmosEventStore NewStore() => new(account.NewClient().GetContainer(account.Settings.Database, ContainerNames.Events));

    private static async Task<CommandOutcome.Accepted> AcceptedAsync(
        CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> handler, StreamName stream, CounterCommand command) =>
        Assert.IsType<CommandOutcome.Accepted>(await handler.ExecuteAsync(stream, command, Counter.FreshId(), Token));
}
