using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.EventSourcing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests.Transfers;

/// <summary>A bank in memory whose change feed is delivered by hand: in any order, any number of times, with hosts that die.</summary>
internal sealed class TransferWorld
{
    private readonly List<Commit> written = [];
    private readonly IReadOnlyDictionary<string, IAggregateEndpoint> aggregates;
    private readonly ConsumerRunner runner;
    private readonly IConsumer process;
    private int commands;

    public TransferWorld()
    {
        RecordingStore store = new(new InMemoryEventStore(), written);
        BoundedContext context = BankingContext.Create();
        aggregates = context.Bind(store, TimeProvider.System, new CommandHandlerOptions());
        Projector projector = new(store, new InMemoryViewStore(), new NetworkFaults(), TimeProvider.System, new ProjectorOptions());
        runner = new ConsumerRunner(projector, Parked, TimeProvider.System, new ConsumerOptions { MaxAttempts = 1 }, new ConsumerMonitor(TimeProvider.System));
        InMemoryFenceStore fences = new();
        process = new ProcessConsumer(TransferProcess.Process, aggregates, fences, new ProcessStarts(context, fences, TimeProvider.System));
    }

    public InMemoryParkedStore Parked { get; } = new();

    public IReadOnlyList<Commit> Written => written;

    public Task<CommandOutcome> AccountAsync(string id, AccountCommand command) =>
        SendAsync("account", id, AccountAggregate.Definition.Commands.ShapeOf(command), command);

    public Task<CommandOutcome> TransferAsync(string id, string from, string to, long cents)
    {
        RequestTransfer command = new(AccountId.Parse(from), AccountId.Parse(to), Euros(cents));
        return SendAsync("transfer", id, TransferAggregate.Definition.Commands.ShapeOf(command), command);
    }

    public async Task OpenAsync(string id, long cents = 0)
    {
        await AccountAsync(id, new OpenAccount(Alice, Euro));
        if (cents > 0)
        {
            await AccountAsync(id, new DepositMoney(Euros(cents)));
        }
    }

    /// <summary>Delivers what was written, in rounds, until a round leads to nothing new.</summary>
    public async Task SettleAsync()
    {
        for (int delivered = 0; delivered < written.Count;)
        {
            Commit[] batch = [.. written.Skip(delivered)];
            delivered = written.Count;
            await DeliverAsync(batch);
        }
    }

    public Task DeliverAsync(params IReadOnlyList<Commit> commits) =>
        runner.HandleAsync(process, [.. commits.Select(Delivery.Of)], TestContext.Current.CancellationToken);

    public async Task<AccountState> AccountAsync(string id) =>
        JsonSerializer.Deserialize(await StateAsync("account", id), AccountAggregate.Definition.StateJson)!;

    public async Task<TransferState> TransferAsync(string id) =>
        JsonSerializer.Deserialize(await StateAsync("transfer", id), TransferAggregate.Definition.StateJson)!;

    /// <summary>What all accounts hold and what has left one and not reached another, in cents.</summary>
    public long Money()
    {
        Dictionary<string, long> underWay = [];
        long held = 0;
        foreach (AccountEvent @event in written
            .Where(c => c.Stream.Category == "account")
            .SelectMany(c => AccountAggregate.Definition.Events.Decode(c)))
        {
            switch (@event)
            {
                case MoneyDeposited e: held += e.Amount.MinorUnits; break;
                case MoneyWithdrawn e: held -= e.Amount.MinorUnits; break;
                case OutgoingTransferDebited e: held -= e.Amount.MinorUnits; underWay.Add(e.Transfer.Value, e.Amount.MinorUnits); break;
                case OutgoingTransferRefunded e: held += e.Amount.MinorUnits; Assert.True(underWay.Remove(e.Transfer.Value)); break;
                case IncomingTransferCredited e: held += e.Amount.MinorUnits; Assert.True(underWay.Remove(e.Transfer.Value)); break;
                default: break;
            }
        }
        return held + underWay.Values.Sum();
    }

    private async Task<CommandOutcome> SendAsync(string category, string id, CommandShape shape, object command) =>
        await aggregates[category].ExecuteAsync(
            StreamName.Create(category, id),
            shape.Name,
            JsonSerializer.SerializeToUtf8Bytes(command, shape.Json),
            new CommandContext { CommandId = $"c{++commands}", Actor = "test" },
            TestContext.Current.CancellationToken);

    private async Task<byte[]> StateAsync(string category, string id)
    {
        StateDocument? state = await aggregates[category].ReadStateAsync(StreamName.Create(category, id), TestContext.Current.CancellationToken);
        return state!.State.ToArray();
    }

    /// <summary>Remembers every commit in the order of writing, as a change feed would deliver it.</summary>
    private sealed class RecordingStore(IEventStore inner, List<Commit> written) : IEventStore
    {
        public Task<StreamHead> ReadHeadAsync(StreamName stream, CancellationToken cancellationToken) =>
            inner.ReadHeadAsync(stream, cancellationToken);

        public Task<StreamLoad> LoadAsync(StreamName stream, SnapshotSchema? snapshotSchema, CancellationToken cancellationToken) =>
            inner.LoadAsync(stream, snapshotSchema, cancellationToken);

        public Task<StreamTail> ReadTailAsync(StreamHead head, IReadOnlyCollection<string> commandIds, CancellationToken cancellationToken) =>
            inner.ReadTailAsync(head, commandIds, cancellationToken);

        public async IAsyncEnumerable<Commit> ReadAsync(
            StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (Commit commit in inner.ReadAsync(stream, fromVersion, cancellationToken))
            {
                yield return commit;
            }
        }

        public async Task<AppendResult> AppendManyAsync(
        StreamHead head, IReadOnlyList<Commit> commits, StoredSnapshot? snapshot, CancellationToken cancellationToken)
        {
            AppendResult result = await inner.AppendManyAsync(head, commits, snapshot, cancellationToken);
            if (result is AppendResult.Appended)
            {
                lock (written)
                {
                    written.AddRange(commits);
                }
            }
            return result;
        }
    }
}
