using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using PurseAggregate = Serverless.EventSourcing.Aggregate<Serverless.EventSourcing.Tests.PurseCommand, Serverless.EventSourcing.Tests.PurseState, Serverless.EventSourcing.Tests.PurseEvent, Serverless.EventSourcing.Tests.PurseRejection>;

namespace Serverless.EventSourcing.Tests;

/// <summary>Stores that outlive a process, and hosts over them: each runner stands for a host that has just started.</summary>
internal sealed class InboxWorld
{
    public static readonly InboxOptions Options = new() { FirstBackoff = TimeSpan.Zero, MaxCommandsPerSlice = 3, MaxPagesPerSlice = 2 };

    /// <summary>Without waits, whose random length would make runs differ.</summary>
    public static readonly CommandHandlerOptions Handling = new() { FirstBackoff = TimeSpan.Zero };

    public InboxWorld() => Inbox = new InMemoryInboxStore(Time);

    public InMemoryEventStore Store { get; } = new();

    public InMemoryInboxStore Inbox { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public InboxRunner Host(
        IEventStore? store = null, IInboxStore? inbox = null, TimeProvider? time = null, InboxOptions? options = null,
        PurseAggregate? purse = null, CommandHandlerOptions? handling = null)
    {
        BoundedContext context = new BoundedContext().Add(purse ?? Purse.Definition);
        FrozenDictionary<string, IAggregateEndpoint> aggregates = context.Bind(store ?? Store, time ?? Time, handling ?? Handling);
        InboxOptions limits = options ?? Options;
        InboxExecutor executor = new(aggregates, inbox ?? Inbox, new NetworkFaults(), time ?? Time, limits, ReasonOf);
        return new InboxRunner(executor, inbox ?? Inbox, time ?? Time, limits);
    }

    /// <summary>Takes a command for later.</summary>
    public async Task<InboxCommand> AddAsync(string id, PurseCommand command, string purse = "a", long? expectedVersion = null)
    {
        CommandShape shape = Purse.Definition.Commands.ShapeOf(command);
        InboxCommand item = new()
        {
            Stream = Purse.Stream(purse),
            CommandId = id,
            CommandType = shape.Name,
            CommandData = JsonSerializer.SerializeToUtf8Bytes(command, shape.Json),
            ExpectedVersion = expectedVersion,
            Actor = "sender",
            CorrelationId = $"correlation-{id}",
            ReceivedAt = Time.GetUtcNow(),
        };
        Assert.True((await Inbox.TryAddAsync(item, CancellationToken.None)).IsAdded);
        return item;
    }

    /// <summary>Everything that a feed which begins anew would deliver now.</summary>
    public IReadOnlyList<InboxChange> Changes() => Inbox.ReadFeed("0", int.MaxValue).Changes;

    /// <summary>Where a feed stands after these changes.</summary>
    public static string After(IReadOnlyList<InboxChange> changes) =>
        changes.Count == 0 ? "0" : (long.Parse(changes[^1].Position, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>Delivers the feed to a host, batch by batch, until nothing new comes.</summary>
    public async Task RunAsync(InboxRunner? host = null, int batchSize = int.MaxValue, string from = "0")
    {
        host ??= Host();
        int batches = 0;
        for (InboxPage page = Inbox.ReadFeed(from, batchSize); !page.IsEnd; page = Inbox.ReadFeed(page.Position, batchSize))
        {
            Assert.True(++batches < 1_000, "The inbox does not come to rest.");
            await host.HandleAsync(page.Changes, CancellationToken.None);
        }
    }

    public async Task<InboxCommand> FindAsync(string id, string purse = "a")
    {
        InboxCommand? item = await Inbox.ReadAsync(Purse.Stream(purse), InboxCommand.IdOf(id), CancellationToken.None);
        Assert.NotNull(item);
        return item;
    }

    /// <summary>Id and status of commands, as <c>c1 accepted</c>.</summary>
    public async Task<string[]> StatusesAsync(params IEnumerable<string> ids)
    {
        List<string> statuses = [];
        foreach (string id in ids)
        {
            statuses.Add($"{id} {(await FindAsync(id)).Status}");
        }
        return [.. statuses];
    }

    /// <summary>The ids of the commands that a stream has, in their order.</summary>
    public async Task<string[]> CommitsAsync(string purse = "a") =>
        [.. (await Store.LoadAsync(Purse.Stream(purse), null, CancellationToken.None)).Commits.Select(c => c.Metadata.CommandId)];

    private static Rejection ReasonOf(CommandOutcome outcome) =>
        outcome is CommandOutcome.Rejected rejected ? rejected.Reason : new Rejection(outcome.GetType().Name, "other");
}

/// <summary>An inbox whose every call is one step: it waits to be chosen, takes effect at once, and fails when told to.</summary>
internal sealed class SteppedInboxStore(IInboxStore inner, Interleaving steps, Func<StoreFault> nextFault) : IInboxStore
{
    public Task<InboxAdd> TryAddAsync(InboxCommand command, CancellationToken cancellationToken) =>
        CallAsync($"add {command.Id}", () => inner.TryAddAsync(command, cancellationToken));

    public Task<InboxCommand?> ReadAsync(StreamName stream, string id, CancellationToken cancellationToken) =>
        CallAsync($"take {id}", () => inner.ReadAsync(stream, id, cancellationToken));

    public Task<bool> TrySettleAsync(InboxCommand command, InboxOutcome outcome, TimeSpan keep, CancellationToken cancellationToken) =>
        CallAsync($"settle {command.Id} {outcome.Status}", () => inner.TrySettleAsync(command, outcome, keep, cancellationToken));

    public Task<NewestPage<InboxCommand>> ReadNewestAsync(InboxStatus status, NewestQuery query, CancellationToken cancellationToken) =>
        inner.ReadNewestAsync(status, query, cancellationToken);

    public Task<InboxPage> ReadChangesAsync(StreamName stream, string position, int maxChanges, CancellationToken cancellationToken) =>
        CallAsync($"changes after {position}", () => inner.ReadChangesAsync(stream, position, maxChanges, cancellationToken));

    public Task<InboxBacklog?> ReadBacklogAsync(StreamName stream, CancellationToken cancellationToken) =>
        CallAsync("read backlog", () => inner.ReadBacklogAsync(stream, cancellationToken));

    public Task<bool> TryWriteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken) =>
        CallAsync($"write backlog {backlog.Position} over {backlog.ETag}", () => inner.TryWriteBacklogAsync(backlog, cancellationToken));

    public Task<bool> TryDeleteBacklogAsync(InboxBacklog backlog, CancellationToken cancellationToken) =>
        CallAsync($"delete backlog {backlog.ETag}", () => inner.TryDeleteBacklogAsync(backlog, cancellationToken));

    private async Task<T> CallAsync<T>(string name, Func<Task<T>> call)
    {
        await steps.StepAsync(name);
        StoreFault fault = nextFault();
        if (fault == StoreFault.BeforeEffect)
        {
            throw new StoreFaultException(fault, name);
        }
        T result = await call();
        return fault == StoreFault.AfterEffect ? throw new StoreFaultException(fault, name) : result;
    }
}
