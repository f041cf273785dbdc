using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>Folds the streams of one aggregate again, event by event, from their beginning: a snapshot would hide how it came to be.</summary>
internal sealed class AggregateHistory<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, IEventStore store) : IAggregateHistory
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    public async Task<StateDocument> ReadStateAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken)
    {
        (TState state, long version) = await FoldAsync(stream, point, cancellationToken);
        return new StateDocument(stream, version, Json(state), RequestCharge: 0);
    }

    public async IAsyncEnumerable<ExplainedEvent> ExplainAsync(
        StreamName stream, long fromVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TState state = aggregate.Initial();
        await foreach (Commit commit in store.ReadAsync(stream, 1, cancellationToken))
        {
            // An upcaster may make several events of a stored one, or none; to who asks what happened they are the one that was stored.
            ILookup<long, EventEnvelope<TEvent>> events = aggregate.Events.Envelopes(commit).ToLookup(e => e.Version);
            for (int i = 0; i < commit.Events.Count; i++)
            {
                long version = commit.FirstVersion + i;
                TState before = state;
                state = events[version].Aggregate(state, (s, e) => aggregate.Evolve(s, e.Event));
                if (version >= fromVersion)
                {
                    byte[] older = Json(before);
                    byte[] newer = Json(state);
                    yield return new ExplainedEvent(version, commit, commit.Events[i], older, newer, JsonChange.Between(older, newer));
                }
            }
        }
    }

    public async Task<Trial> TryAsync(
        StreamName stream, StreamPoint point, string command, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        (TState state, long version) = await FoldAsync(stream, point, cancellationToken);
        return Try(stream, state, version, command, body);
    }

    public async Task<BrokenLink?> CheckSnapshotAsync(StreamName stream, CancellationToken cancellationToken)
    {
        try
        {
            return (await store.LoadAsync(stream, aggregate.Snapshots, cancellationToken)).Snapshot is { } snapshot
                ? await CompareAsync(stream, snapshot, cancellationToken)
                : null;
        }
        catch (Exception e) when (e is CommitFormatException or StreamGapException or EventDecodeException or DeciderException)
        {
            return new BrokenLink(stream.Value, SnapshotJson.Id, $"It can't be compared with the fold: {e.Message}");
        }
    }

    private async Task<BrokenLink?> CompareAsync(StreamName stream, StoredSnapshot snapshot, CancellationToken cancellationToken)
    {
        (TState state, _) = await FoldAsync(stream, StreamPoint.At(snapshot.Version), cancellationToken);
        using JsonDocument folded = JsonDocument.Parse(Json(state));
        using JsonDocument stored = JsonDocument.Parse(snapshot.Data);
        return JsonElement.DeepEquals(folded.RootElement, stored.RootElement)
            ? null
            : new BrokenLink(
                stream.Value, SnapshotJson.Id,
                $"It is not the state after {snapshot.Version} events. Raise the schema version of the snapshots if the fold has changed; otherwise delete the item.");
    }

    public string PolicyVersion => aggregate.PolicyVersion;

    public async IAsyncEnumerable<PastDecision> ReadDecisionsAsync(
        StreamName stream, IAsyncEnumerable<RefusedCommand> refused, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refused);
        TState state = aggregate.Initial();
        long version = 0;
        await using IAsyncEnumerator<RefusedCommand> refusals = refused.GetAsyncEnumerator(cancellationToken);
        bool isRefusal = await refusals.MoveNextAsync();
        await foreach (Commit commit in store.ReadAsync(stream, 1, cancellationToken))
        {
            for (; isRefusal && refusals.Current.Version < commit.FirstVersion; isRefusal = await refusals.MoveNextAsync())
            {
                yield return Past(refusals.Current, state, version);
            }
            TEvent[] recorded = [.. aggregate.Events.Decode(commit)];
            yield return Past(commit, recorded, state);
            // The next command met what was recorded, whatever today's rules would have made of this one.
            state = Evolve(stream, state, recorded);
            version = commit.LastVersion;
        }
        for (; isRefusal; isRefusal = await refusals.MoveNextAsync())
        {
            yield return Past(refusals.Current, state, version);
        }
    }

    private PastDecision Past(Commit commit, TEvent[] recorded, TState state) => new(commit, () =>
    {
        Trial today = Again(commit.Stream, state, commit.FirstVersion - 1, commit.Metadata);
        return (Compare(recorded, today), today);
    });

    private PastDecision Past(RefusedCommand refused, TState state, long version) => new(refused, () =>
    {
        // A record of another life of the stream: it was restored to an earlier point, or seeded from elsewhere.
        Trial today = refused.Version == version
            ? Again(refused.Stream, state, version, refused.Metadata)
            : new Trial.Failed(refused.Stream, refused.Version, $"{refused.Stream} has no commit that ends at version {refused.Version}.");
        return (Compare(refused.Reason, today), today);
    });

    private Trial Again(StreamName stream, TState state, long version, CommitMetadata recorded) => recorded.CommandData.IsEmpty
        ? new Trial.Unknown(stream, version, recorded.CommandType)
        : Try(stream, state, version, recorded.CommandType, recorded.CommandData);

    private Trial Try(StreamName stream, TState state, long version, string command, ReadOnlyMemory<byte> body)
    {
        if (!aggregate.Commands.Contains(command))
        {
            return new Trial.Unknown(stream, version, command);
        }
        try
        {
            return aggregate.Commands.TryRead(command, body.Span, out TCommand? read, out IReadOnlyList<ValidationError> errors)
                ? Decide(stream, state, version, read)
                : new Trial.Invalid(stream, version, errors);
        }
#pragma warning disable CA1031 // Code of the aggregate, rules that are tried out among it: that it throws is what is asked for here.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Trial.Failed(stream, version, $"The code of '{stream.Category}' failed: {e.GetType().Name}: {e.Message}");
        }
    }

    private Trial Decide(StreamName stream, TState state, long version, TCommand command)
    {
        switch (aggregate.Decide(command, state))
        {
            case Decision<TEvent, TRejection>.Rejected rejected:
                return new Trial.Rejected(stream, version, aggregate.Describe(rejected.Reason));
            case Decision<TEvent, TRejection>.Accepted { Events.Count: > Limits.MaxEventsPerCommit } many:
                return new Trial.Failed(stream, version, $"It made {many.Events.Count} events; {Limits.MaxEventsPerCommit} are the limit.");
            case Decision<TEvent, TRejection>.Accepted accepted:
                StoredEvent[] events = [.. accepted.Events.Select(aggregate.Events.Encode)];
                if (events.Sum(e => (long)e.Data.Length) is > Limits.MaxCommitBytes and var bytes)
                {
                    return new Trial.Failed(stream, version, $"Its events have {bytes} bytes; a commit has {Limits.MaxCommitBytes} at most.");
                }
                return new Trial.Accepted(stream, version, events, Json(accepted.Events.Aggregate(state, aggregate.Evolve)));
            default:
                throw new UnreachableException();
        }
    }

    private Verdict Compare(TEvent[] recorded, Trial today) => today switch
    {
        Trial.Accepted accepted => Same([.. recorded.Select(aggregate.Events.Encode)], accepted.Events) ? Verdict.Same : Verdict.OtherEvents,
        Trial.Rejected => Verdict.NowRejected,
        _ => Verdict.Undecidable,
    };

    private static Verdict Compare(Rejection recorded, Trial today) => today switch
    {
        Trial.Accepted => Verdict.NowAccepted,
        Trial.Rejected rejected => rejected.Reason.Code == recorded.Code ? Verdict.Same : Verdict.OtherReason,
        _ => Verdict.Undecidable,
    };

    // Both are in today's shapes: what was stored in an old one has been brought to it.
    private static bool Same(StoredEvent[] recorded, IReadOnlyList<StoredEvent> decided) =>
        recorded.Length == decided.Count
        && recorded.Zip(decided).All(p => p.First.Type == p.Second.Type && p.First.Data.Span.SequenceEqual(p.Second.Data.Span));

    /// <exception cref="DeciderException">Evolve threw.</exception>
    private TState Evolve(StreamName stream, TState state, TEvent[] events)
    {
        try
        {
            return events.Aggregate(state, aggregate.Evolve);
        }
        catch (Exception e)
        {
            throw new DeciderException(stream, e);
        }
    }

    private async Task<(TState State, long Version)> FoldAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken)
    {
        TState state = aggregate.Initial();
        long version = 0;
        await foreach (Commit commit in store.ReadAsync(stream, 1, cancellationToken))
        {
            if (!point.Includes(commit) || !point.Includes(commit.FirstVersion))
            {
                break;
            }
            foreach (EventEnvelope<TEvent> envelope in aggregate.Events.Envelopes(commit).TakeWhile(e => point.Includes(e.Version)))
            {
                state = aggregate.Evolve(state, envelope.Event);
            }
            version = Math.Min(commit.LastVersion, point.Version ?? long.MaxValue);
        }
        return (state, version);
    }

    private byte[] Json(TState state) => JsonSerializer.SerializeToUtf8Bytes(state, aggregate.StateJson);
}
