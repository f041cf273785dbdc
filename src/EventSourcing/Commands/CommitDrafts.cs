namespace Serverless.EventSourcing;

/// <summary>What a command is about to write, and the state after it.</summary>
internal sealed record CommitDraft<TState>(Commit Commit, TState Next)
    where TState : class;

/// <summary>Makes commits of what was decided.</summary>
internal sealed class CommitDrafts<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, TimeProvider time)
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    public CommitDraft<TState> Of(CommandRun<TCommand, TState> run, IReadOnlyList<TEvent> events)
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
        return new CommitDraft<TState>(commit, next);
    }

    public RefusedCommand Refused(CommandRun<TCommand, TState> run, CommandOutcome.Rejected rejected) =>
        new() { Stream = run.Stream, Version = rejected.Version, Metadata = MetadataOf(run), Reason = rejected.Reason };

    /// <summary>The snapshot after the last of several drafts. Null when none is due, and when the state can't be kept: the events go first.</summary>
    public StoredSnapshot? SnapshotOf(LoadedState<TState> known, CommitDraft<TState> last)
    {
        if (aggregate.Snapshots is not { } policy || !policy.IsDue(known.SnapshotVersion, last.Commit.LastVersion))
        {
            return null;
        }
        try
        {
            byte[] data = StorableJson.Serialize(last.Next, aggregate.StateJson);
            return data.Length > Limits.MaxSnapshotBytes ? null : new StoredSnapshot(last.Commit.LastVersion, policy.SchemaVersion, data);
        }
        catch (UnstorableDataException)
        {
            return null; // Too deep, or not a number. The state query says so, which is where somebody looks.
        }
    }

    private CommitMetadata MetadataOf(CommandRun<TCommand, TState> run) => new()
    {
        CommandId = run.Context.CommandId,
        CommandType = aggregate.Commands.ShapeOf(run.Command).Name,
        CommandData = run.CommandData,
        PolicyVersion = aggregate.PolicyVersion,
        Actor = run.Context.Actor,
        ActorName = run.Context.ActorName,
        CorrelationId = run.Context.CorrelationId ?? run.Context.CommandId,
        CausationId = run.Context.CausationId,
        // The command's own span, when there is one, is the place that a view of this commit is linked to.
        TraceParent = run.Trace?.TraceParent ?? run.Context.TraceParent,
        Timestamp = Later(time.GetUtcNow(), run.Known.Head.Timestamp),
    };

    /// <summary>Another host's clock may be ahead of ours; the time of a stream stands still until ours has caught up.</summary>
    private static DateTimeOffset Later(DateTimeOffset now, DateTimeOffset last) => now > last ? now : last;
}
