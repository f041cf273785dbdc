namespace Serverless.EventSourcing.Tests;

/// <summary>One command of a client: to which stream, through which instance, under which id.</summary>
internal sealed record Send(string Id, PurseCommand Command, int Stream = 0, int Instance = 0, long? IfMatch = null)
{
    /// <summary>The client says that this id was never sent before.</summary>
    public bool IsFresh { get; init; }
}

/// <summary>Clients that each send one command after the other, to instances that share nothing but the store.</summary>
internal sealed record Scenario(IReadOnlyList<IReadOnlyList<Send>> Clients)
{
    public CommandHandlerOptions Options { get; init; } = new();

    public int? SnapshotEvery { get; init; }

    /// <summary>What goes wrong with the calls to the store, in the order in which they happen; none after the last.</summary>
    public IReadOnlyList<StoreFault> Faults { get; init; } = [];

    public override string ToString() => string.Join(
        '\n',
        [
            .. Clients.Select((sends, n) => $"client {n}: {string.Join("; ", sends)}"),
            $"{Options}, snapshots {SnapshotEvery}, faults [{string.Join(", ", Faults)}]",
        ]);
}

/// <summary>One attempt of a client, with what was true when it was made and what came of it.</summary>
internal sealed record Attempt(Send Send, StreamName Stream, long VersionBefore, Commit? CommitBefore, CommandOutcome? Outcome, StoreFaultException? Fault)
{
    public override string ToString() => $"{Send} at {VersionBefore}: {Fault?.Message ?? Outcome?.ToString()}";
}

/// <summary>Runs a scenario in one order, and checks everything that was promised.</summary>
internal static class ScenarioRun
{
    /// <summary>Attempts with one command before a client gives up on a store that fails.</summary>
    private const int MaxAttempts = 5;

    public static void Check(Scenario scenario, Func<int, int> order)
    {
        Interleaving steps = new(order);
        InMemoryEventStore store = new();
        List<Attempt> attempts = [];
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection> purse =
            Purse.With(scenario.SnapshotEvery is { } every ? new SnapshotSchema(1, every) : null);
        int calls = 0;
        SteppedStore stepped = new(store, steps, () => calls < scenario.Faults.Count ? scenario.Faults[calls++] : StoreFault.None);
        SteppedTime time = new(steps);
        int instances = 1 + scenario.Clients.SelectMany(c => c).Select(s => s.Instance).DefaultIfEmpty().Max();
        var handlers = Enumerable.Range(0, instances)
            .Select(_ => new CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection>(purse, stepped, time, scenario.Options))
            .ToArray();
        try
        {
            steps.Run(scenario.Clients.Select<IReadOnlyList<Send>, Func<Task>>(sends => () => ClientAsync(sends)));
            Promises.Check(store, purse, attempts, scenario.Options);
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            throw new InvalidOperationException(
                $"{e.Message}\n{scenario}\nSteps:\n  {string.Join("\n  ", steps.Trace)}\nAttempts:\n  {string.Join("\n  ", attempts)}", e);
        }

        async Task ClientAsync(IReadOnlyList<Send> sends)
        {
            foreach (Send send in sends)
            {
                await steps.StepAsync($"send {send}");
                for (int attempt = 1; attempt <= MaxAttempts && await AttemptAsync(send, attempt > 1) is { Fault: not null }; attempt++)
                {
                    // The answer is unknown: ask again with the same id, as a client should.
                }
            }
        }

        async Task<Attempt> AttemptAsync(Send send, bool isRetry)
        {
            StreamName stream = Purse.Stream($"{send.Stream}");
            StreamTail before = await store.ReadTailAsync(StreamHead.StartOf(stream), send.Id, CancellationToken.None);
            CommandContext context = new()
            {
                CommandId = send.Id,
                Actor = "test",
                ExpectedVersion = send.IfMatch,
                MayBeRepeated = isRetry || !send.IsFresh,
            };
            Attempt attempt = new(send, stream, before.Head.Version, before.Duplicate, Outcome: null, Fault: null);
            try
            {
                attempt = attempt with { Outcome = await handlers[send.Instance].ExecuteAsync(stream, send.Command, context, CancellationToken.None) };
            }
            catch (StoreFaultException e)
            {
                attempt = attempt with { Fault = e };
            }
            attempts.Add(attempt);
            return attempt;
        }
    }
}
