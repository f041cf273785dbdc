using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>
/// Runs commands against one aggregate: load, decide, append, and on a lost race decide again. An append on cached state is one
/// request; a stale cache is found out by the append itself. Commands that wait for the same stream are written together. A refusal is
/// recorded, where there is a recorder, after the stream's turn has gone to the next commands.
/// </summary>
public sealed class CommandHandler<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, IEventStore store, TimeProvider time, CommandHandlerOptions options,
    RefusedCommandRecorder? refused = null)
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    private readonly StreamTurns<CommandRun<TCommand, TState>> turns = new(options.MaxQueuedPerStream, options.MaxCommandsPerTurn);
    private readonly CommitDrafts<TCommand, TState, TEvent, TRejection> drafts = new(aggregate, time);
    private readonly SizedCache<StreamName, LoadedState<TState>> cache = new(options.CachedStateBytes, static s => s.SizeBytes);

    /// <summary>
    /// Executes a command. Safe to repeat with the same command id: it is committed once, and a repetition gets the first outcome.
    /// Faults of the store are thrown as they are; the command may then be sent again.
    /// </summary>
    /// <exception cref="DeciderException">The code of the aggregate threw. Nothing was written.</exception>
    public Task<CommandOutcome> ExecuteAsync(
        StreamName stream, TCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        Task<CommandRequest<TCommand>?> taken = Task.FromResult<CommandRequest<TCommand>?>(new(command, context));
        return ExecuteAsync(stream, _ => taken, cancellationToken);
    }

    /// <summary>
    /// Executes a command that another host may be executing as well. It is asked for when the state to decide on is known, and again
    /// for each newer state, so that nobody decides a command after he could have seen that it is decided; null ends it.
    /// </summary>
    public Task<CommandOutcome> ExecuteAsync(
        StreamName stream, Func<CancellationToken, Task<CommandRequest<TCommand>?>> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(take);
        if (stream.Category != aggregate.Category)
        {
            throw new ArgumentException($"{stream} is not a stream of '{aggregate.Category}'.", nameof(stream));
        }
        // Without a listener there is no state machine of this method, either.
        return CommandTrace.IsListenedTo ? TracedAsync() : InTurnAsync(stream, take, trace: null, cancellationToken);

        async Task<CommandOutcome> TracedAsync()
        {
            using CommandTrace trace = new(stream, time);
            try
            {
                CommandOutcome outcome = await InTurnAsync(stream, take, trace, cancellationToken);
                trace.End(outcome);
                return outcome;
            }
            catch (Exception e)
            {
                trace.Fail(e);
                throw;
            }
        }
    }

    private async Task<CommandOutcome> InTurnAsync(
        StreamName stream, Func<CancellationToken, Task<CommandRequest<TCommand>?>> take, CommandTrace? trace, CancellationToken cancellationToken)
    {
        CommandRun<TCommand, TState> run = new(stream, take, trace);
        StreamTurns<CommandRun<TCommand, TState>>.Turn turn = await turns.EnterAsync(stream, run, cancellationToken);
        if (turn.Kind == TurnKind.Busy)
        {
            return new CommandOutcome.Busy(stream, options.MaxQueuedPerStream);
        }
        if (turn.Kind == TurnKind.Leads)
        {
            try
            {
                // Whoever stops waiting must not take others with it.
                await LeadAsync(stream, turn.Group, turn.Group.Count == 1 ? cancellationToken : CancellationToken.None);
            }
            finally
            {
                turns.Leave(stream, turn);
            }
        }
        CommandOutcome outcome = run.Result();
        return outcome is CommandOutcome.Rejected rejected && refused is not null
            ? rejected with { RequestCharge = rejected.RequestCharge + await refused.RecordAsync(drafts.Refused(run, rejected)) }
            : outcome;
    }

    /// <summary>Ends every command of a group, with its outcome or with the fault of the store.</summary>
    private async Task LeadAsync(StreamName stream, IReadOnlyList<CommandRun<TCommand, TState>> runs, CancellationToken cancellationToken)
    {
        try
        {
            LoadedState<TState> known = await KnownAsync(stream, runs[0].Trace, cancellationToken);
            runs[0].Charge = known.RequestCharge;
            CommandGroup<TCommand, TState, TEvent, TRejection> group = new(aggregate, store, time, options, drafts, runs, known);
            await group.RunAsync(cancellationToken);
            cache.Put(stream, group.Known.RequestCharge == 0 ? group.Known : group.Known with { RequestCharge = 0 });
        }
        catch (Exception e)
        {
            foreach (CommandRun<TCommand, TState> run in runs.Where(r => !r.HasEnded))
            {
                run.Fail(e);
            }
        }
    }

    private async Task<LoadedState<TState>> KnownAsync(StreamName stream, CommandTrace? trace, CancellationToken cancellationToken)
    {
        LoadedState<TState>? cached = cache.Find(stream);
        trace?.LookedUp(cached is not null);
        using Activity? span = cached is null ? trace?.Load() : null;
        LoadedState<TState> known = cached ?? await store.LoadStateAsync(aggregate, stream, cancellationToken);
        return known;
    }
}
