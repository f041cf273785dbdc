using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>
/// Commands of one stream that share a turn: decided one after the other, each on the state that those before it would make, and written
/// in one transaction, a commit each. Nobody is answered before the transaction has its outcome. When it failed, the tail of the stream
/// shows which command was done before, and the others are decided again. A command alone is a group of one.
/// </summary>
internal sealed class CommandGroup<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, IEventStore store, TimeProvider time, CommandHandlerOptions options,
    CommitDrafts<TCommand, TState, TEvent, TRejection> drafts, IReadOnlyList<CommandRun<TCommand, TState>> runs, LoadedState<TState> loaded)
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    // What a commit has beside its events and its command, about: ids, names, seals.
    private const int CommitBytes = 1_200;
    private const int EventBytes = 150;

    private readonly List<CommandRun<TCommand, TState>> open = [.. runs];
    private readonly List<CommandRun<TCommand, TState>> writing = [];
    private readonly List<CommitDraft<TState>> written = [];
    private readonly Dictionary<string, Commit> done = new(StringComparer.Ordinal);
    private int mostCommits = Limits.MaxCommitsPerAppend;

    /// <summary>The newest state that was seen or made.</summary>
    public LoadedState<TState> Known { get; private set; } = loaded;

    /// <summary>Ends every command of the group.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        open.ForEach(run => run.Trace?.KnowsState());
        for (int attempt = 1; ;)
        {
            await TakeAsync(cancellationToken);
            DecideAll();
            AppendResult? result = writing.Count == 0 ? null : await AppendAsync(cancellationToken);
            if (writing.Count == 0 || result is AppendResult.Appended)
            {
                EndFaults();
                await EndAnswersAsync(isCurrent: result is not null, cancellationToken);
            }
            else if (result is AppendResult.Conflict)
            {
                await ReadTailAsync([.. open], cancellationToken);
                if (open.Count > 0 && attempt++ == options.MaxAttempts)
                {
                    EndAll(open, run => new CommandOutcome.Contended(run.Stream, options.MaxAttempts, run.Charge));
                }
            }
            if (open.Count == 0)
            {
                return;
            }
            if (result is AppendResult.Conflict)
            {
                open.ForEach(run => run.Trace?.Retry());
                await Task.Delay(Backoff(attempt), time, cancellationToken);
            }
        }
    }

    /// <summary>Asks for each command whose state is new. One that is gone, or does not bind, is over.</summary>
    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        foreach (CommandRun<TCommand, TState> run in open.Where(r => !r.IsTaken).ToArray())
        {
            try
            {
                if (!await run.TakeAsync(cancellationToken))
                {
                    End(run, new CommandOutcome.Withdrawn(run.Stream, run.Charge));
                    continue;
                }
                run.Trace?.Take(aggregate.Commands.ShapeOf(run.Command).Name);
                if (!aggregate.Commands.TryStore(run.Command, out byte[]? data, out IReadOnlyList<ValidationError> errors))
                {
                    End(run, new CommandOutcome.Invalid(run.Stream, errors));
                    continue;
                }
                run.CommandData = data;
            }
            catch (Exception e)
            {
                Fail(run, e); // It can't be asked for; the others can.
            }
        }
    }

    /// <summary>Decides in order. What has events is to be written; everything else has an answer as long as the state holds.</summary>
    private void DecideAll()
    {
        writing.Clear();
        written.Clear();
        open.ForEach(run => run.Answer = null);
        LoadedState<TState> state = Known;
        HashSet<string>? ids = open.Count == 1 ? null : new(StringComparer.Ordinal);
        long bytes = 0;
        foreach (CommandRun<TCommand, TState> run in open.ToArray())
        {
            if (done.TryGetValue(run.Context.CommandId, out Commit? first))
            {
                End(run, Earlier(run, first));
                continue;
            }
            if (ids?.Add(run.Context.CommandId) == false)
            {
                break; // The same command once more: when the first has its outcome.
            }
            run.Known = state;
            (run.Answer, CommitDraft<TState>? draft) = Decide(run);
            if (draft is null)
            {
                continue;
            }
            bytes += CommitBytes + run.CommandData.Length + draft.Commit.Events.Sum(e => (long)EventBytes + e.Data.Length);
            if (writing.Count > 0 && (writing.Count == mostCommits || bytes > Limits.MaxCommitBytes))
            {
                break; // The others in the next transaction.
            }
            writing.Add(run);
            written.Add(draft);
            state = state.Then(draft);
        }
    }

    /// <summary>Either an answer that needs no append, or what to append.</summary>
    private (CommandRun<TCommand, TState>.Tentative? Answer, CommitDraft<TState>? Draft) Decide(CommandRun<TCommand, TState> run)
    {
        using Activity? span = run.Trace?.Decide();
        long version = run.Known.Head.Version;
        if (run.Context.ExpectedVersion is { } expected && expected != version)
        {
            return (new(new CommandOutcome.WrongVersion(run.Stream, expected, version, run.Charge), null), null);
        }
        try
        {
            CommandOutcome outcome;
            switch (aggregate.Decide(run.Command, run.Known.State))
            {
                case Decision<TEvent, TRejection>.Rejected rejected:
                    outcome = new CommandOutcome.Rejected(run.Stream, version, aggregate.Describe(rejected.Reason), run.Charge);
                    break;
                case Decision<TEvent, TRejection>.Accepted { Events.Count: 0 }:
                    outcome = new CommandOutcome.Accepted(run.Stream, version, Commit: null, WasRepeated: false, run.Charge);
                    break;
                case Decision<TEvent, TRejection>.Accepted { Events.Count: > Limits.MaxEventsPerCommit } many:
                    outcome = new CommandOutcome.TooLarge(
                        run.Stream, $"It made {many.Events.Count} events; {Limits.MaxEventsPerCommit} are the limit.", run.Charge);
                    break;
                case Decision<TEvent, TRejection>.Accepted accepted:
                    return (null, drafts.Of(run, accepted.Events));
                default:
                    throw new UnreachableException();
            }
            return (new(outcome, null), null);
        }
        catch (Exception e)
        {
            return (new(null, new DeciderException(run.Stream, e)), null); // The code is pure: whatever it throws, the store is not to blame.
        }
    }

    /// <summary>Null when it was too much for one transaction, or can't be stored: less of it next time, down to the one command whose fault it is.</summary>
    private async Task<AppendResult?> AppendAsync(CancellationToken cancellationToken)
    {
        AppendResult result;
        CommandRun<TCommand, TState> first = writing[0];
        using Activity? span = first.Trace?.Append();
        StoredSnapshot? snapshot = drafts.SnapshotOf(Known, written[^1]);
        try
        {
            result = await store.AppendManyAsync(Known.Head, [.. written.Select(d => d.Commit)], snapshot, cancellationToken);
        }
        catch (Exception e) when (e is CommitTooLargeException or UnstorableDataException)
        {
            if (writing.Count > 1)
            {
                mostCommits = writing.Count / 2;
                return null;
            }
            // What was decided after it was decided on a state that there won't be.
            open.ForEach(run => run.Answer = null);
            writing.Clear();
            first.Answer = e is CommitTooLargeException
                ? new(new CommandOutcome.TooLarge(first.Stream, e.Message, first.Charge), null)
                : new(null, new DeciderException(first.Stream, e));
            return null;
        }
        foreach (CommandRun<TCommand, TState> run in writing)
        {
            run.Trace?.Appended(result);
            run.Charge += result.RequestCharge / writing.Count;
        }
        if (result is AppendResult.Appended appended)
        {
            Known = Known.Append(appended, written, snapshot);
            for (int i = 0; i < writing.Count; i++)
            {
                Commit commit = appended.Commits[i];
                done.Add(commit.Metadata.CommandId, commit);
                End(writing[i], new CommandOutcome.Accepted(commit.Stream, commit.LastVersion, commit, WasRepeated: false, writing[i].Charge));
            }
        }
        return result;
    }

    private void EndFaults()
    {
        foreach (CommandRun<TCommand, TState> run in open.Where(r => r.Answer is { Fault: not null }).ToArray())
        {
            Fail(run, run.Answer!.Value.Fault!);
        }
    }

    /// <summary>
    /// Ends those that need no append. An answer is never given before the tail of the stream was read, which can't be stale: the state may be
    /// old, or this very command done before. Where a transaction was written, the state was current, and only the latter has to be looked for.
    /// </summary>
    private async Task EndAnswersAsync(bool isCurrent, CancellationToken cancellationToken)
    {
        CommandRun<TCommand, TState>[] answered = [.. open.Where(r => r.Answer is not null)];
        CommandRun<TCommand, TState>[] doubted = [.. answered.Where(r => !r.IsConfirmed)];
        long version = Known.Head.Version;
        if (doubted.Length > 0)
        {
            await ReadTailAsync(doubted, cancellationToken);
        }
        if (isCurrent || Known.Head.Version == version)
        {
            EndAll(answered.Where(open.Contains), run => run.Answer!.Value.Outcome! with { RequestCharge = run.Charge });
        }
    }

    /// <summary>Brings the state up to date, and ends those of the given commands that were committed before.</summary>
    private async Task ReadTailAsync(CommandRun<TCommand, TState>[] asked, CancellationToken cancellationToken)
    {
        using Activity? span = asked[0].Trace?.Load();
        StreamTail tail = await store.ReadTailAsync(Known.Head, [.. asked.Select(r => r.Context.CommandId).Distinct()], cancellationToken);
        foreach (CommandRun<TCommand, TState> run in asked)
        {
            run.Trace?.KnowsState();
            run.Charge += tail.RequestCharge / asked.Length;
            run.IsConfirmed = true;
        }
        foreach (Commit first in tail.Duplicates)
        {
            EndAll(asked.Where(r => r.Context.CommandId == first.Metadata.CommandId), run => Earlier(run, first));
        }
        if (tail.Commits.Count > 0)
        {
            Known = Known.Advance(aggregate, tail);
            open.ForEach(run => run.PutBack());
        }
    }

    private CommandOutcome Earlier(CommandRun<TCommand, TState> run, Commit first)
    {
        // Under an id that nobody has used before it can only be this command, whose answer was lost on its way here.
        string name = aggregate.Commands.ShapeOf(run.Command).Name;
        return first.Metadata.CommandType == name && aggregate.Commands.IsSame(name, first.Metadata.CommandData, run.CommandData)
            ? new CommandOutcome.Accepted(run.Stream, first.LastVersion, first, WasRepeated: run.Context.MayBeRepeated, run.Charge)
            : new CommandOutcome.CommandIdReused(run.Stream, run.Context.CommandId, first.Metadata.CommandType, run.Charge);
    }

    private void EndAll(IEnumerable<CommandRun<TCommand, TState>> ended, Func<CommandRun<TCommand, TState>, CommandOutcome> outcomeOf)
    {
        foreach (CommandRun<TCommand, TState> run in ended.ToArray())
        {
            End(run, outcomeOf(run));
        }
    }

    private void End(CommandRun<TCommand, TState> run, CommandOutcome outcome)
    {
        run.End(outcome);
        open.Remove(run);
    }

    private void Fail(CommandRun<TCommand, TState> run, Exception error)
    {
        run.Fail(error);
        open.Remove(run);
    }

    private TimeSpan Backoff(int attempt)
    {
        double longest = Math.Min(options.MaxBackoff.TotalMilliseconds, options.FirstBackoff.TotalMilliseconds * Math.Pow(2, attempt - 2));
        return TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest);
    }
}
