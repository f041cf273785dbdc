using static Serverless.EventSourcing.Cosmos.Tests.CosmosRequestKind;

namespace Serverless.EventSourcing.Cosmos.Tests;

/// <summary>What a command costs in requests: the numbers that the design promises.</summary>
public sealed class CommandRequestTests(ThreePartitions account) : IClassFixture<ThreePartitions>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_warm_command_is_one_create()
    {
        var handler = Counter.Handler(account.Events);
        StreamName stream = await WarmAsync(handler);

        Assert.Equal([Create], await RequestsOfAsync(async () => await AcceptedAsync(handler, stream, 1, Counter.FreshId())));
        Assert.Equal([Create], await RequestsOfAsync(async () => await AcceptedAsync(handler, stream, 1, Counter.ClientsId())));
    }

    [Fact]
    public async Task A_cold_command_is_one_query_without_a_plan_and_one_create()
    {
        StreamName stream = await WarmAsync(Counter.Handler(account.Events));
        var cold = Counter.Handler(account.Events);

        Assert.Equal([Query, Create], await RequestsOfAsync(async () => await AcceptedAsync(cold, stream, 1, Counter.FreshId())));
    }

    [Fact]
    public async Task A_cold_command_of_a_new_stream_is_one_query_and_one_create()
    {
        var handler = Counter.Handler(account.Events);
        await WarmAsync(handler);

        Assert.Equal([Query, Create], await RequestsOfAsync(async () => await AcceptedAsync(handler, Counter.NewStream(), 1, Counter.FreshId())));
    }

    [Fact]
    public async Task A_conflict_with_another_instance_is_one_create_one_query_and_one_create()
    {
        var stale = Counter.Handler(account.Events);
        StreamName stream = await WarmAsync(stale);
        await AcceptedAsync(Counter.Handler(account.Events), stream, 1, Counter.FreshId());

        Assert.Equal([Create, Query, Create], await RequestsOfAsync(async () => await AcceptedAsync(stale, stream, 1, Counter.FreshId())));
    }

    [Fact]
    public async Task A_repeated_command_on_a_warm_instance_is_one_create_and_one_query()
    {
        var handler = Counter.Handler(account.Events);
        StreamName stream = await WarmAsync(handler);
        CommandContext context = Counter.ClientsId();
        CommandOutcome.Accepted first = await AcceptedAsync(handler, stream, 5, context);
        await AcceptedAsync(handler, stream, 1, Counter.FreshId());

        CommandOutcome.Accepted? second = null;
        Assert.Equal([Create, Query], await RequestsOfAsync(async () => second = await AcceptedAsync(handler, stream, 5, context)));
        Assert.True(second!.WasRepeated);
        Assert.Equal(first.Version, second.Version);
    }

    [Fact]
    public async Task A_repeated_command_on_a_cold_instance_is_one_query_one_create_and_one_query()
    {
        StreamName stream = await WarmAsync(Counter.Handler(account.Events));
        CommandContext context = Counter.ClientsId();
        await AcceptedAsync(Counter.Handler(account.Events), stream, 5, context);
        var cold = Counter.Handler(account.Events);

        Assert.Equal([Query, Create, Query], await RequestsOfAsync(async () => await AcceptedAsync(cold, stream, 5, context)));
    }

    [Fact]
    public async Task A_rejection_or_an_empty_decision_on_a_warm_instance_is_one_query()
    {
        var handler = Counter.Handler(account.Events);
        StreamName stream = await WarmAsync(handler);

        Assert.Equal([Query], await RequestsOfAsync(async () =>
            Assert.IsType<CommandOutcome.Rejected>(await handler.ExecuteAsync(stream, new Count(-1), Counter.ClientsId(), Token))));
        Assert.Equal([Query], await RequestsOfAsync(async () => await AcceptedAsync(handler, stream, 0, Counter.FreshId())));
    }

    [Fact]
    public async Task A_rejection_that_is_recorded_is_one_query_and_one_create_also_when_it_is_on_record()
    {
        using RefusedCommandRecorder recorder = new(
            new CosmosRefusedCommandStore(account.Container(ContainerNames.Refused)), new RefusedCommandOptions { Patience = TimeSpan.FromMinutes(1) },
            TimeProvider.System, (_, fault) => Assert.Fail(fault.ToString()));
        var handler = Counter.Handler(account.Events, recorder);
        StreamName stream = await WarmAsync(handler);
        await RejectedAsync(handler, stream, Counter.FreshId()); // From here on the client knows the container.
        CommandContext context = Counter.ClientsId();

        Assert.Equal([Query, Create], await RequestsOfAsync(async () => await RejectedAsync(handler, stream, context)));
        Assert.Equal([Query, Create], await RequestsOfAsync(async () => await RejectedAsync(handler, stream, context)));
    }

    [Fact]
    public async Task A_warm_command_is_one_create_also_where_refusals_are_recorded()
    {
        using RefusedCommandRecorder recorder = new(
            new CosmosRefusedCommandStore(account.Container(ContainerNames.Refused)), new RefusedCommandOptions(), TimeProvider.System,
            (_, fault) => Assert.Fail(fault.ToString()));
        var handler = Counter.Handler(account.Events, recorder);
        StreamName stream = await WarmAsync(handler);

        Assert.Equal([Create], await RequestsOfAsync(async () => await AcceptedAsync(handler, stream, 1, Counter.FreshId())));
    }

    [Fact]
    public async Task Sixteen_instances_on_one_stream_all_get_through_and_count_right()
    {
        StreamName stream = Counter.NewStream();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            var handler = new CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection>(
                Counter.Aggregate, account.Events, TimeProvider.System, new CommandHandlerOptions { MaxAttempts = 1_000, FirstBackoff = TimeSpan.FromMilliseconds(1) });
            for (int i = 0; i < 3; i++)
            {
                await AcceptedAsync(handler, stream, 1, Counter.FreshId());
            }
        })));

        LoadedState<CounterState> state = await account.Events.LoadStateAsync(Counter.Aggregate, stream, Token);
        Assert.Equal((48, 48), (state.Head.Version, state.State.Sum));
        Assert.Equal(40, state.SnapshotVersion);
    }

    private async Task<CosmosRequestKind[]> RequestsOfAsync(Func<Task> action)
    {
        account.SkipUnlessRequestsAreSeen();
        return await account.Requests.OfAsync(action);
    }

    /// <summary>One command, after which the client knows the container and the handler knows the stream.</summary>
    private static async Task<StreamName> WarmAsync(CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> handler)
    {
        StreamName stream = Counter.NewStream();
        await AcceptedAsync(handler, stream, 1, Counter.FreshId());
        return stream;
    }

    private static async Task<CommandOutcome.Rejected> RejectedAsync(
        CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> handler, StreamName stream, CommandContext context) =>
        Assert.IsType<CommandOutcome.Rejected>(await handler.ExecuteAsync(stream, new Count(-1), context, Token));

    private static async Task<CommandOutcome.Accepted> AcceptedAsync(
        CommandHandler<CounterCommand, CounterState, CounterEvent, CounterRejection> handler, StreamName stream, long by, CommandContext context) =>
        Assert.IsType<CommandOutcome.Accepted>(await handler.ExecuteAsync(stream, new Count(by), context, Token));
}
