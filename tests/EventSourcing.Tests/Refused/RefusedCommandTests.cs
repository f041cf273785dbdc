using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Serverless.EventSourcing.Tests;

/// <summary>What is left of a command that a policy refused, and that the record never stands in its way.</summary>
public sealed class RefusedCommandTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private static readonly StreamName Stream = Purse.Stream("1");

    private readonly FakeTimeProvider time = new(Nine);
    private readonly InMemoryEventStore events = new();
    private readonly HookedStore store;
    private readonly List<(RefusedCommand Command, Exception Error)> lost = [];
    private readonly List<IDisposable> owned = [];

    public RefusedCommandTests() => store = new HookedStore(new InMemoryRefusedCommandStore(time));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => owned.ForEach(o => o.Dispose());

    [Fact]
    public async Task A_refused_command_is_recorded_with_all_that_a_commit_would_have()
    {
        IAggregateEndpoint purse = Bind();
        await AcceptedAsync(purse, "add", """{"amount":5}""");
        CommandContext context = new() { CommandId = "pay-1", Actor = "ada", CorrelationId = "shopping", CausationId = "cause", TraceParent = "00-1-2-01" };

        CommandOutcome outcome = await purse.ExecuteAsync(Stream, "take", """{"amount":6}"""u8.ToArray(), context, Token);

        Assert.Equal(1, Assert.IsType<CommandOutcome.Rejected>(outcome).Version);
        RefusedCommand record = Assert.Single(await RecordsAsync());
        Assert.Equal((Stream, 1, Purse.NotEnough, "0000000001-pay-1"), (record.Stream, record.Version, record.Reason, record.Id));
        Assert.Equal("""{"amount":6}""", Encoding.UTF8.GetString(record.Metadata.CommandData.Span));
        Assert.Equal(
            new CommitMetadata
            {
                CommandId = "pay-1",
                CommandType = "take",
                PolicyVersion = "1",
                Actor = "ada",
                CorrelationId = "shopping",
                CausationId = "cause",
                TraceParent = "00-1-2-01",
                Timestamp = Nine,
            },
            record.Metadata with { CommandData = default });
    }

    [Fact]
    public async Task What_is_no_decision_of_a_policy_is_not_recorded()
    {
        IAggregateEndpoint purse = Bind();

        Assert.IsType<CommandOutcome.Invalid>(await SendAsync(purse, "add", """{"amount":0}"""));
        Assert.IsType<CommandOutcome.WrongVersion>(await SendAsync(purse, "take", """{"amount":1}""", expected: 9));
        Assert.IsType<CommandOutcome.TooLarge>(await SendAsync(purse, "add-one-by-one", """{"count":1001}"""));
        await AcceptedAsync(purse, "add", """{"amount":5}""");
        await AcceptedAsync(purse, "fill-up-to", """{"total":1}""");

        Assert.Empty(await RecordsAsync());
    }

    [Fact]
    public async Task Sent_again_it_is_one_record_until_the_stream_has_changed()
    {
        IAggregateEndpoint purse = Bind();
        await SendAsync(purse, "take", """{"amount":6}""", id: "pay-1");
        await SendAsync(purse, "take", """{"amount":6}""", id: "pay-1");
        await SendAsync(Bind(), "take", """{"amount":6}""", id: "pay-1"); // Another instance.
        await AcceptedAsync(purse, "add", """{"amount":5}""");
        await SendAsync(purse, "take", """{"amount":6}""", id: "pay-1");

        Assert.Equal(["0000000000-pay-1", "0000000001-pay-1"], (await RecordsAsync()).Select(r => r.Id));
    }

    [Fact]
    public async Task A_command_that_is_refused_and_then_accepted_leaves_a_record_and_a_commit()
    {
        IAggregateEndpoint purse = Bind();
        await SendAsync(purse, "take", """{"amount":5}""", id: "pay-1");
        await AcceptedAsync(purse, "add", """{"amount":5}""");

        Assert.IsType<CommandOutcome.Accepted>(await SendAsync(purse, "take", """{"amount":5}""", id: "pay-1"));
        Assert.Single(await RecordsAsync());
    }

    [Fact]
    public async Task The_rejection_says_what_its_record_has_cost()
    {
        store.Charge = 7.5;

        Assert.Equal(7.5, (await SendAsync(Bind(), "take", """{"amount":1}""")).RequestCharge);
        Assert.Equal(0, (await SendAsync(Bind(new RefusedCommandOptions { Record = false }), "take", """{"amount":1}""")).RequestCharge);
    }

    [Fact]
    public async Task Switched_off_nothing_is_recorded()
    {
        Assert.IsType<CommandOutcome.Rejected>(await SendAsync(Bind(new RefusedCommandOptions { Record = false }), "take", """{"amount":1}"""));

        Assert.Equal(0, store.Writes);
    }

    [Fact]
    public async Task A_store_that_fails_costs_the_record_and_not_the_answer()
    {
        store.Before = _ => throw new InvalidOperationException("The store is away.");

        CommandOutcome outcome = await SendAsync(Bind(), "take", """{"amount":1}""", id: "pay-1");

        Assert.Equal(Purse.NotEnough, Assert.IsType<CommandOutcome.Rejected>(outcome).Reason);
        (RefusedCommand command, Exception error) = Assert.Single(lost);
        Assert.Equal(("pay-1", "The store is away."), (command.Metadata.CommandId, error.Message));
    }

    [Fact]
    public async Task A_store_that_hangs_is_not_waited_for_longer_than_the_patience()
    {
        TaskCompletionSource never = new();
        store.Before = _ => never.Task; // It does not even look at its token.
        Task<CommandOutcome> pending = SendAsync(Bind(new RefusedCommandOptions { Patience = TimeSpan.FromSeconds(2) }), "take", """{"amount":1}""");
        await store.Reached.Task.WaitAsync(Token);

        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(pending.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.IsType<CommandOutcome.Rejected>(await pending.WaitAsync(Token));
        Assert.IsAssignableFrom<OperationCanceledException>(Assert.Single(lost).Error);
    }

    [Fact]
    public async Task While_it_is_recorded_the_next_command_of_the_stream_is_executed()
    {
        TaskCompletionSource gate = new();
        store.Before = _ => gate.Task;
        IAggregateEndpoint purse = Bind();
        Task<CommandOutcome> refused = SendAsync(purse, "take", """{"amount":1}""");
        await store.Reached.Task.WaitAsync(Token);

        await AcceptedAsync(purse, "add", """{"amount":5}""");

        Assert.False(refused.IsCompleted);
        gate.SetResult();
        Assert.Equal(0, Assert.IsType<CommandOutcome.Rejected>(await refused).Version);
        Assert.Single(await RecordsAsync());
    }

    [Fact]
    public async Task Who_has_gone_away_is_recorded_all_the_same()
    {
        using CancellationTokenSource client = new();
        TaskCompletionSource gate = new();
        store.Before = _ => gate.Task;
        Task<CommandOutcome> pending = Bind().ExecuteAsync(
            Stream, "take", """{"amount":1}"""u8.ToArray(), new CommandContext { CommandId = "1", Actor = "test" }, client.Token);
        await store.Reached.Task.WaitAsync(Token);

        await client.CancelAsync();
        gate.SetResult();

        Assert.IsType<CommandOutcome.Rejected>(await pending);
        Assert.Single(await RecordsAsync());
    }

    [Fact]
    public async Task Records_and_losses_are_counted()
    {
        RefusedCommandRecorder recorder = Recorder(new RefusedCommandOptions());
        Dictionary<string, long> counted = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (ReferenceEquals(instrument.Meter, recorder.Meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value);
        listener.Start();
        IAggregateEndpoint purse = Bind(recorder);

        await SendAsync(purse, "take", """{"amount":1}""", id: "1");
        await SendAsync(purse, "take", """{"amount":1}""", id: "1");
        await SendAsync(purse, "take", """{"amount":1}""", id: "2");
        store.Before = _ => throw new InvalidOperationException();
        await SendAsync(purse, "take", """{"amount":1}""", id: "3");

        Assert.Equal(new() { ["serverless.refused_commands.recorded"] = 2, ["serverless.refused_commands.lost"] = 1 }, counted);
    }

    [Fact]
    public async Task A_command_that_came_through_the_inbox_is_recorded_too()
    {
        IAggregateEndpoint purse = Bind();
        StoredCommand stored = new("take", """{"amount":1}"""u8.ToArray(), new CommandContext { CommandId = "later", Actor = "ada" });

        await purse.ExecuteAsync(Stream, _ => Task.FromResult<StoredCommand?>(stored), Token);
        await purse.ExecuteAsync(Stream, _ => Task.FromResult<StoredCommand?>(null), Token); // Another host was faster.

        Assert.Equal("later", Assert.Single(await RecordsAsync()).Metadata.CommandId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_time_that_is_none_is_refused(int seconds)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RefusedCommandOptions { Keep = TimeSpan.FromSeconds(seconds) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RefusedCommandOptions { Patience = TimeSpan.FromSeconds(seconds) });
    }

    private IAggregateEndpoint Bind(RefusedCommandOptions? options = null) => Bind(Recorder(options ?? new RefusedCommandOptions()));

    private IAggregateEndpoint Bind(RefusedCommandRecorder recorder) =>
        new BoundedContext().Add(Purse.Definition).Bind(events, time, new CommandHandlerOptions(), recorder)["purse"];

    private RefusedCommandRecorder Recorder(RefusedCommandOptions options)
    {
        RefusedCommandRecorder recorder = new(store, options, time, (command, error) => lost.Add((command, error)));
        owned.Add(recorder);
        return recorder;
    }

    private static Task<CommandOutcome> SendAsync(IAggregateEndpoint purse, string command, string body, string? id = null, long? expected = null) =>
        purse.ExecuteAsync(
            Stream, command, Encoding.UTF8.GetBytes(body),
            new CommandContext { CommandId = id ?? Guid.NewGuid().ToString("N"), Actor = "test", ExpectedVersion = expected }, Token);

    private static async Task AcceptedAsync(IAggregateEndpoint purse, string command, string body) =>
        Assert.IsType<CommandOutcome.Accepted>(await SendAsync(purse, command, body));

    private async Task<List<RefusedCommand>> RecordsAsync() => await store.ReadAsync(Stream, null, Token).ToListAsync(Token);

    /// <summary>Does what its hook says before it writes.</summary>
    private sealed class HookedStore(IRefusedCommandStore inner) : IRefusedCommandStore
    {
        public Func<RefusedCommand, Task> Before { get; set; } = _ => Task.CompletedTask;

        public TaskCompletionSource Reached { get; } = new();

        public double Charge { get; set; }

        public int Writes { get; private set; }

        public async Task<RefusedWrite> TryRecordAsync(RefusedCommand command, TimeSpan keep, CancellationToken cancellationToken)
        {
            Writes++;
            Reached.TrySetResult();
            await Before(command);
            return await inner.TryRecordAsync(command, keep, CancellationToken.None) with { RequestCharge = Charge };
        }

        public IAsyncEnumerable<RefusedCommand> ReadAsync(StreamName stream, string? afterId, CancellationToken cancellationToken) =>
            inner.ReadAsync(stream, afterId, cancellationToken);

        public Task<NewestPage<RefusedCommand>> ReadNewestAsync(NewestQuery query, CancellationToken cancellationToken) =>
            inner.ReadNewestAsync(query, cancellationToken);

        public IAsyncEnumerable<StreamName> ReadRefusedBeginningsAsync(string category, StreamName? after, CancellationToken cancellationToken) =>
            inner.ReadRefusedBeginningsAsync(category, after, cancellationToken);
    }
}
