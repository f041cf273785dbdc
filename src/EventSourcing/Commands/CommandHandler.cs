using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>
/// Runs commands against one aggregate: load, decide, append, and on a lost race decide again. An append on cached state is one
/// request; a stale cache is found out by the append itself, and an answer that needs no append is never given before the tail of
/// the stream was read, which can't be stale. A refusal is recorded, where there is a recorder, after the stream's turn has gone to the
/// next command.
/// </summary>
public sealed class CommandHandler<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, IEventStore store, TimeProvider time, CommandHandlerOptions options,
    RefusedCommandRecorder? refused = null)
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    private readonly StreamTurns turns = new(options.MaxQueuedPerStream);
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
        CommandRun<TCommand, TState> run;
        CommandOutcome outcome;
        using (StreamTurns.Turn? turn = await turns.EnterAsync(stream, cancellationToken))
        {
            if (turn is null)
            {
                return new CommandOutcome.Busy(stream, options.MaxQueuedPerStream);
            }
            run = new(take, await KnownAsync(stream, trace, cancellationToken), trace);
            outcome = await RunAsync(run, cancellationToken);
        }
        return outcome is CommandOutcome.Rejected rejected && refused is not null
            ? rejected with { RequestCharge = rejected.RequestCharge + await refused.RecordAsync(drafts.Refused(run, rejected)) }
            : outcome;
    }

    private async Task<CommandOutcome> RunAsync(CommandRun<TCommand, TState> run, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ;)
        {
            if (!await run.TakeAsync(cancellationToken))
            {
                return new CommandOutcome.Withdrawn(run.Stream, run.Charge);
            }
            run.Trace?.Take(aggregate.Commands.ShapeOf(run.Command).Name);
            if (!aggregate.Commands.TryStore(run.Command, out byte[]? data, out IReadOnlyList<ValidationError> errors))
            {
                return new CommandOutcome.Invalid(run.Stream, errors);
            }
            run.CommandData = data;
            (CommandOutcome? answer, IReadOnlyList<TEvent> events) = Guarded(run.Stream, () => Decide(run));
            answer ??= await AppendAsync(run, Guarded(run.Stream, () => drafts.Of(run, events)), cancellationToken);
            if (answer is CommandOutcome.Accepted { Commit: not null } || (answer is not null && run.IsConfirmed))
            {
                return answer;
            }
            // A race was lost; or the answer needs no append, and the state may be old, or this very command done before: look first.
            if (await ReadTailAsync(run, cancellationToken) is { } earlier)
            {
                return earlier;
            }
            if (answer is not null)
            {
                continue;
            }
            if (attempt++ == options.MaxAttempts)
            {
                return new CommandOutcome.Contended(run.Stream, options.MaxAttempts, run.Charge);
            }
            run.Trace?.Retry();
            await Task.Delay(Backoff(attempt), time, cancellationToken);
        }
    }

    private async Task<LoadedState<TState>> KnownAsync(StreamName stream, CommandTrace? trace, CancellationToken cancellationToken)
    {
        LoadedState<TState>? cached = cache.Find(stream);
        trace?.LookedUp(cached is not null);
        using Activity? span = cached is null ? trace?.Load() : null;
        LoadedState<TState> known = cached ?? await store.LoadStateAsync(aggregate, stream, cancellationToken);
        trace?.KnowsState();
        return known;
    }

    /// <summary>Either an answer that needs no append, or the events to append.</summary>
    private (CommandOutcome? Answer, IReadOnlyList<TEvent> Events) Decide(CommandRun<TCommand, TState> run)
    {
        using Activity? span = run.Trace?.Decide();
        long version = run.Known.Head.Version;
        if (run.Context.ExpectedVersion is { } expected && expected != version)
        {
            return (new CommandOutcome.WrongVersion(run.Stream, expected, version, run.Charge), []);
        }
        return aggregate.Decide(run.Command, run.Known.State) switch
        {
            Decision<TEvent, TRejection>.Rejected rejected =>
                (new CommandOutcome.Rejected(run.Stream, version, aggregate.Describe(rejected.Reason), run.Charge), []),
            Decision<TEvent, TRejection>.Accepted { Events.Count: 0 } =>
                (new CommandOutcome.Accepted(run.Stream, version, Commit: null, WasRepeated: false, run.Charge), []),
            Decision<TEvent, TRejection>.Accepted { Events.Count: > Limits.MaxEventsPerCommit } many =>
                (new CommandOutcome.TooLarge(
                    run.Stream, $"It made {many.Events.Count} events; {Limits.MaxEventsPerCommit} are the limit.", run.Charge), []),
            Decision<TEvent, TRejection>.Accepted accepted => (null, accepted.Events),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Brings the state up to date. Returns the earlier outcome when this command was committed before.</summary>
    private async Task<CommandOutcome?> ReadTailAsync(CommandRun<TCommand, TState> run, CancellationToken cancellationToken)
    {
        using Activity? span = run.Trace?.Load();
        StreamTail tail = await store.ReadTailAsync(run.Known.Head, run.Context.CommandId, cancellationToken);
        run.Trace?.KnowsState();
        run.Charge += tail.RequestCharge;
        run.Confirm(tail.Commits.Count > 0 ? run.Known.Advance(aggregate, tail) : run.Known);
        cache.Put(run.Stream, run.Known);
        if (tail.Duplicate is not { } first)
        {
            return null;
        }
        // Under an id that nobody has used before it can only be this command, whose answer was lost on its way here.
        string name = aggregate.Commands.ShapeOf(run.Command).Name;
        return first.Metadata.CommandType == name && aggregate.Commands.IsSame(name, first.Metadata.CommandData, run.CommandData)
            ? new CommandOutcome.Accepted(run.Stream, first.LastVersion, first, WasRepeated: run.Context.MayBeRepeated, run.Charge)
            : new CommandOutcome.CommandIdReused(run.Stream, run.Context.CommandId, first.Metadata.CommandType, run.Charge);
    }

    /// <summary>Null when another writer was faster, or when this command is already there.</summary>
    private async Task<CommandOutcome?> AppendAsync(
        CommandRun<TCommand, TState> run, CommitDraft<TState> draft, CancellationToken cancellationToken)
    {
        AppendResult result;
        using Activity? span = run.Trace?.Append();
        try
        {
            result = await store.AppendAsync(run.Known.Head, draft.Commit, draft.Snapshot, cancellationToken);
            run.Trace?.Appended(result);
        }
        catch (CommitTooLargeException e)
        {
            return new CommandOutcome.TooLarge(run.Stream, e.Message, run.Charge);
        }
        catch (UnstorableDataException e)
        {
            throw new DeciderException(run.Stream, e);
        }
        run.Charge += result.RequestCharge;
        if (result is not AppendResult.Appended appended)
        {
            return null;
        }
        cache.Put(run.Stream, run.Known.Append(appended, draft));
        return new CommandOutcome.Accepted(run.Stream, appended.Head.Version, appended.Commit, WasRepeated: false, run.Charge);
    }

    /// <summary>Runs code of the aggregate, which is pure: whatever it throws, the store is not to blame.</summary>
    private static T Guarded<T>(StreamName stream, Func<T> code)
    {
        try
        {
            return code();
        }
        catch (Exception e)
        {
            throw new DeciderException(stream, e);
        }
    }

    private TimeSpan Backoff(int attempt)
    {
        double longest = Math.Min(options.MaxBackoff.TotalMilliseconds, options.FirstBackoff.TotalMilliseconds * Math.Pow(2, attempt - 2));
        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest);
    }
}
