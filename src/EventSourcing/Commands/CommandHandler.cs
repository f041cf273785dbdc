using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using BitFaster.Caching.Lru;

namespace Serverless.EventSourcing;

/// <summary>
/// Runs commands against one aggregate: load, decide, append, and on a lost race decide again. An append on cached state is one
/// request; a stale cache is found out by the append itself, and an answer that needs no append is never given before the tail of
/// the stream was read. A refusal is recorded, where there is a recorder, after the stream's turn has gone to the next command.
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

    // BitFaster needs room for at least three entries.
    private readonly ConcurrentLru<StreamName, LoadedState<TState>>? cache =
        options.CachedStreams == 0 ? null : new ConcurrentLru<StreamName, LoadedState<TState>>(Math.Max(3, options.CachedStreams));

    /// <summary>
    /// Executes a command. Safe to repeat with the same command id: it is committed once, and a repetition gets the first outcome.
    /// Faults of the store are thrown as they are; the command may then be sent again.
    /// </summary>
    /// <exception cref="DeciderException">The code of the aggregate threw. Nothing was written.</exception>
    public Task<CommandOutcome> ExecuteAsync(
        StreamName stream, TCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(context);
        ThrowIfForeign(stream);
        return TracedAsync(stream, new CommandRequest<TCommand>(command, context), take: null, cancellationToken);
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
        ThrowIfForeign(stream);
        return TracedAsync(stream, request: null, take, cancellationToken);
    }

    // Without a listener there is no state machine of this method, either.
    private Task<CommandOutcome> TracedAsync(
        StreamName stream,
        CommandRequest<TCommand>? request,
        Func<CancellationToken, Task<CommandRequest<TCommand>?>>? take,
        CancellationToken cancellationToken)
    {
        return CommandTrace.IsListenedTo ? RunAsync() : InTurnAsync(stream, request, take, trace: null, cancellationToken);

        async Task<CommandOutcome> RunAsync()
        {
            using CommandTrace trace = new(stream, time);
            try
            {
                CommandOutcome outcome = await InTurnAsync(stream, request, take, trace, cancellationToken);
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
        StreamName stream,
        CommandRequest<TCommand>? request,
        Func<CancellationToken, Task<CommandRequest<TCommand>?>>? take,
        CommandTrace? trace,
        CancellationToken cancellationToken)
    {
        Run run;
        CommandOutcome outcome;
        using (StreamTurns.Turn? turn = await turns.EnterAsync(stream, cancellationToken))
        {
            if (turn is null)
            {
                return new CommandOutcome.Busy(stream, options.MaxQueuedPerStream);
            }
            run = await StartAsync(stream, request, take, trace, cancellationToken);
            outcome = await RunAsync(run, cancellationToken);
        }
        return outcome is CommandOutcome.Rejected rejected && refused is not null
            ? rejected with { RequestCharge = rejected.RequestCharge + await refused.RecordAsync(RefusedOf(run, rejected)) }
            : outcome;
    }

    private void ThrowIfForeign(StreamName stream)
    {
        if (stream.Category != aggregate.Category)
        {
            throw new ArgumentException($"{stream} is not a stream of '{aggregate.Category}'.", nameof(stream));
        }
    }

    private async Task<CommandOutcome> RunAsync(Run run, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ;)
        {
            if (!await run.TakeAsync(cancellationToken))
            {
                return new CommandOutcome.Withdrawn(run.Stream, run.Charge);
            }
            run.Trace?.Take(aggregate.Commands.ShapeOf(run.Command).Name);
            (CommandOutcome? answer, IReadOnlyList<TEvent> events) = Guarded(run, Decide);
            if (answer is null)
            {
                (Commit commit, TState next) = Guarded(run, r => CommitOf(r, events));
                answer = await AppendAsync(run, commit, next, cancellationToken);
            }
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

    /// <summary>Either an answer that needs no append, or the events to append.</summary>
    private (CommandOutcome? Answer, IReadOnlyList<TEvent> Events) Decide(Run run)
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

    private async Task<Run> StartAsync(
        StreamName stream,
        CommandRequest<TCommand>? request,
        Func<CancellationToken, Task<CommandRequest<TCommand>?>>? take,
        CommandTrace? trace,
        CancellationToken cancellationToken)
    {
        LoadedState<TState>? known = null;
        bool isCached = cache is not null && cache.TryGet(stream, out known);
        trace?.LookedUp(isCached);
        if (known is not null)
        {
            trace?.KnowsState();
            return new Run(request, take, known) { Trace = trace };
        }
        using Activity? span = trace?.Load();
        known = await store.LoadStateAsync(aggregate, stream, cancellationToken);
        trace?.KnowsState();
        return new Run(request, take, known)
        {
            Trace = trace,
            Charge = known.RequestCharge,
            // Freshly read: only an earlier outcome of a repeated command may still be unknown.
            IsConfirmed = request is { Context.MayBeRepeated: false },
        };
    }

    /// <summary>Brings the state up to date. Returns the earlier outcome when this command was committed before.</summary>
    private async Task<CommandOutcome?> ReadTailAsync(Run run, CancellationToken cancellationToken)
    {
        using Activity? span = run.Trace?.Load();
        StreamTail tail = await store.ReadTailAsync(run.Known.Head, run.Context.CommandId, cancellationToken);
        run.Trace?.KnowsState();
        run.Charge += tail.RequestCharge;
        run.IsConfirmed = true;
        if (tail.Commits.Count > 0)
        {
            run.Known = run.Known.Advance(aggregate, tail);
        }
        cache?.AddOrUpdate(run.Stream, run.Known);
        return tail.Duplicate is { } first ? OutcomeOf(run, first) : null;
    }

    private CommandOutcome OutcomeOf(Run run, Commit first)
    {
        CommandShape shape = aggregate.Commands.ShapeOf(run.Command);
        bool isSame = first.Metadata.CommandType == shape.Name
            && JsonNode.DeepEquals(
                JsonNode.Parse(first.Metadata.CommandData.Span), JsonSerializer.SerializeToNode(run.Command, shape.Json));
        return isSame
            ? new CommandOutcome.Accepted(run.Stream, first.LastVersion, first, WasRepeated: true, run.Charge)
            : new CommandOutcome.CommandIdReused(run.Stream, run.Context.CommandId, first.Metadata.CommandType, run.Charge);
    }

    private (Commit Commit, TState Next) CommitOf(Run run, IReadOnlyList<TEvent> events)
    {
        TState next = run.Known.State;
        StoredEvent[] stored = new StoredEvent[events.Count];
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] = aggregate.Events.Encode(events[i]);
            next = aggregate.Evolve(next, events[i]);
        }
        Commit commit = new()
        {
            Stream = run.Stream,
            FirstVersion = run.Known.Head.Version + 1,
            Events = stored,
            Metadata = MetadataOf(run),
        };
        return (commit, next);
    }

    /// <summary>Runs code of the aggregate, which is pure: whatever it throws, the store is not to blame.</summary>
    private static T Guarded<T>(Run run, Func<Run, T> code)
    {
        try
        {
            return code(run);
        }
        catch (Exception e)
        {
            throw new DeciderException(run.Stream, e);
        }
    }

    /// <summary>Null when another writer was faster, or when this command is already there.</summary>
    private async Task<CommandOutcome?> AppendAsync(Run run, Commit commit, TState next, CancellationToken cancellationToken)
    {
        AppendResult result;
        using Activity? span = run.Trace?.Append();
        try
        {
            result = await store.AppendAsync(run.Known.Head, commit, SnapshotFor(run.Known, commit.LastVersion, next), cancellationToken);
            run.Trace?.Appended(result);
        }
        catch (CommitTooLargeException e)
        {
            return new CommandOutcome.TooLarge(run.Stream, e.Message, run.Charge);
        }
        run.Charge += result.RequestCharge;
        if (result is not AppendResult.Appended appended)
        {
            return null;
        }
        cache?.AddOrUpdate(
            run.Stream,
            new LoadedState<TState>(appended.Head, next, appended.SnapshotVersion ?? run.Known.SnapshotVersion, RequestCharge: 0));
        return new CommandOutcome.Accepted(run.Stream, appended.Head.Version, appended.Commit, WasRepeated: false, run.Charge);
    }

    private StoredSnapshot? SnapshotFor(LoadedState<TState> known, long version, TState state)
    {
        if (aggregate.Snapshots is not { } policy || !policy.IsDue(known.SnapshotVersion, version))
        {
            return null;
        }
        byte[] data = JsonSerializer.SerializeToUtf8Bytes(state, aggregate.StateJson);
        return data.Length > Limits.MaxSnapshotBytes ? null : new StoredSnapshot(version, policy.SchemaVersion, data);
    }

    private RefusedCommand RefusedOf(Run run, CommandOutcome.Rejected rejected) =>
        new() { Stream = run.Stream, Version = rejected.Version, Metadata = MetadataOf(run), Reason = rejected.Reason };

    private CommitMetadata MetadataOf(Run run)
    {
        CommandShape shape = aggregate.Commands.ShapeOf(run.Command);
        return new CommitMetadata
        {
            CommandId = run.Context.CommandId,
            CommandType = shape.Name,
            CommandData = JsonSerializer.SerializeToUtf8Bytes(run.Command, shape.Json),
            PolicyVersion = aggregate.PolicyVersion,
            Actor = run.Context.Actor,
            CorrelationId = run.Context.CorrelationId ?? run.Context.CommandId,
            CausationId = run.Context.CausationId,
            // The command's own span, when there is one, is the place that a view of this commit is linked to.
            TraceParent = run.Trace?.TraceParent ?? run.Context.TraceParent,
            Timestamp = Later(time.GetUtcNow(), run.Known.Head.Timestamp),
        };
    }

    /// <summary>Another host's clock may be ahead of ours; the time of a stream stands still until ours has caught up.</summary>
    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset last) => now > last ? now : last;

    private TimeSpan Backoff(int attempt)
    {
        double longest = Math.Min(options.MaxBackoff.TotalMilliseconds, options.FirstBackoff.TotalMilliseconds * Math.Pow(2, attempt - 2));
        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest);
    }

    /// <summary>One command on its way. Confirmed: nothing newer and no earlier outcome was there when last looked.</summary>
    private sealed class Run(
        CommandRequest<TCommand>? request, Func<CancellationToken, Task<CommandRequest<TCommand>?>>? take, LoadedState<TState> known)
    {
        private bool isTaken = take is null;

        public StreamName Stream => Known.Head.Stream;

        public TCommand Command => Request.Command;

        public CommandContext Context => Request.Context;

        public LoadedState<TState> Known
        {
            get;
            set
            {
                field = value;
                isTaken = take is null;
            }
        } = known;

        public CommandTrace? Trace { get; init; }

        public double Charge { get; set; }

        public bool IsConfirmed { get; set; }

        private CommandRequest<TCommand> Request => request ?? throw new UnreachableException("Decided before it was taken.");

        /// <summary>Gets the command, unless that was done since the state is known. False when there is nothing to do any more.</summary>
        public async ValueTask<bool> TakeAsync(CancellationToken cancellationToken)
        {
            if (!isTaken && take is not null)
            {
                request = await take(cancellationToken);
                isTaken = request is not null;
            }
            return isTaken;
        }
    }
}

/// <summary>A command with who sends it and in which conversation.</summary>
public sealed record CommandRequest<TCommand>(TCommand Command, CommandContext Context)
    where TCommand : class;
