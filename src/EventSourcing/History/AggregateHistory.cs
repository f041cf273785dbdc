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
        TState state = aggregate.Initial;
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

    public async IAsyncEnumerable<Reconsidered> ReconsiderAsync(
        StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TState state = aggregate.Initial;
        await foreach (Commit commit in store.ReadAsync(stream, 1, cancellationToken))
        {
            TEvent[] recorded = [.. aggregate.Events.Decode(commit)];
            Trial today = commit.Metadata.CommandData.IsEmpty
                ? new Trial.Unknown(stream, commit.FirstVersion - 1, commit.Metadata.CommandType)
                : Try(stream, state, commit.FirstVersion - 1, commit.Metadata.CommandType, commit.Metadata.CommandData);
            yield return new Reconsidered(commit, Compare(recorded, today), today);
            // The next command met what was recorded, whatever today's rules would have made of this one.
            state = recorded.Aggregate(state, aggregate.Evolve);
        }
    }

    private Trial Try(StreamName stream, TState state, long version, string command, ReadOnlyMemory<byte> body)
    {
        if (!aggregate.Commands.Contains(command))
        {
            return new Trial.Unknown(stream, version, command);
        }
        if (!aggregate.Commands.TryRead(command, body.Span, out TCommand? read, out IReadOnlyList<ValidationError> errors))
        {
            return new Trial.Invalid(stream, version, errors);
        }
        return aggregate.Decide(read, state) switch
        {
            Decision<TEvent, TRejection>.Rejected rejected => new Trial.Rejected(stream, version, aggregate.Describe(rejected.Reason)),
            Decision<TEvent, TRejection>.Accepted accepted => new Trial.Accepted(
                stream, version, [.. accepted.Events.Select(aggregate.Events.Encode)], Json(accepted.Events.Aggregate(state, aggregate.Evolve))),
            _ => throw new UnreachableException(),
        };
    }

    private Verdict Compare(TEvent[] recorded, Trial today) => today switch
    {
        Trial.Accepted accepted => Same([.. recorded.Select(aggregate.Events.Encode)], accepted.Events) ? Verdict.Same : Verdict.OtherEvents,
        Trial.Rejected => Verdict.NowRejected,
        _ => Verdict.Undecidable,
    };

    // Both are in today's shapes: what was stored in an old one has been brought to it.
    private static bool Same(StoredEvent[] recorded, IReadOnlyList<StoredEvent> decided) =>
        recorded.Length == decided.Count
        && recorded.Zip(decided).All(p => p.First.Type == p.Second.Type && p.First.Data.Span.SequenceEqual(p.Second.Data.Span));

    private async Task<(TState State, long Version)> FoldAsync(StreamName stream, StreamPoint point, CancellationToken cancellationToken)
    {
        TState state = aggregate.Initial;
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
