using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>The fold of a stream up to a head, and where its newest usable snapshot is. The charge is what loading cost, in request units.</summary>
public sealed record LoadedState<TState>(StreamHead Head, TState State, long SnapshotVersion, double RequestCharge)
    where TState : class
{
    // What a state costs beside its members: the objects and tables around it. Members take about three times the bytes of their JSON.
    private const int EntryBytes = 1_000;
    private const int BytesPerJsonByte = 3;

    /// <summary>The JSON that the state was folded from: a bound that costs nothing to know, while measuring a state means to write it.</summary>
    internal long JsonBytes { get; init; }

    internal long SizeBytes => EntryBytes + BytesPerJsonByte * JsonBytes;

    /// <summary>As it would be after a commit that is not written yet: to decide on, not to append to.</summary>
    internal LoadedState<TState> Then(CommitDraft<TState> draft) => this with { Head = StreamHead.SeenByStore(draft.Commit), State = draft.Next };

    internal LoadedState<TState> Append(AppendResult.Appended appended, IReadOnlyList<CommitDraft<TState>> drafts, StoredSnapshot? snapshot) => new(
        appended.Head, drafts[^1].Next, appended.SnapshotVersion ?? SnapshotVersion, RequestCharge: 0)
    {
        JsonBytes = snapshot?.Data.Length ?? JsonBytes + BytesOf(appended.Commits),
    };

    /// <summary>What rivals committed in the meantime. A snapshot that became due on the way is theirs.</summary>
    internal LoadedState<TState> Advance<TCommand, TEvent, TRejection>(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate, StreamTail tail)
        where TCommand : class
        where TEvent : class
        where TRejection : struct, Enum => this with
        {
            Head = tail.Head,
            State = aggregate.Fold(State, tail.Commits),
            JsonBytes = JsonBytes + BytesOf(tail.Commits),
            SnapshotVersion = aggregate.Snapshots?.IsDue(Head.Version, tail.Head.Version) == true ? tail.Head.Version : SnapshotVersion,
        };

    internal static long BytesOf(IReadOnlyList<Commit> commits) => commits.Sum(c => c.Events.Sum(e => (long)e.Data.Length));
}

public static class LoadStateExtensions
{
    extension(IEventStore store)
    {
        /// <summary>Folds a stream from its newest usable snapshot. A stream that doesn't exist is the initial state at version 0.</summary>
        /// <exception cref="EventDecodeException">An event is unknown or does not bind.</exception>
        public async Task<LoadedState<TState>> LoadStateAsync<TCommand, TState, TEvent, TRejection>(
            Aggregate<TCommand, TState, TEvent, TRejection> aggregate, StreamName stream, CancellationToken cancellationToken)
            where TCommand : class
            where TState : class
            where TEvent : class
            where TRejection : struct, Enum
        {
            ArgumentNullException.ThrowIfNull(aggregate);
            StreamLoad load = await store.LoadAsync(stream, aggregate.Snapshots, cancellationToken);
            if (load.Snapshot is { } snapshot && Read(snapshot, aggregate) is { } state)
            {
                return new LoadedState<TState>(load.Head, aggregate.Fold(state, load.Commits), snapshot.Version, load.RequestCharge)
                {
                    JsonBytes = snapshot.Data.Length + LoadedState<TState>.BytesOf(load.Commits),
                };
            }
            double charge = load.RequestCharge;
            if (load.Snapshot is not null)
            {
                // A snapshot that does not bind claims a shape it doesn't have: fold from the start instead of failing.
                load = await store.LoadAsync(stream, null, cancellationToken);
                charge += load.RequestCharge;
            }
            return new LoadedState<TState>(load.Head, aggregate.Fold(aggregate.Initial(), load.Commits), SnapshotVersion: 0, charge)
            {
                JsonBytes = LoadedState<TState>.BytesOf(load.Commits),
            };
        }
    }

    private static TState? Read<TCommand, TState, TEvent, TRejection>(
        StoredSnapshot snapshot, Aggregate<TCommand, TState, TEvent, TRejection> aggregate)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum
    {
        try
        {
            return JsonSerializer.Deserialize(snapshot.Data.Span, aggregate.StateJson);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or FormatException or OverflowException)
        {
            return null; // A converter or a constructor may refuse it, too.
        }
    }
}
