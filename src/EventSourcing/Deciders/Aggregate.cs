using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>
/// The one registration of an aggregate. Routes, the API description, storage and projections all come from it.
/// </summary>
public sealed class Aggregate<TCommand, TState, TEvent, TRejection>
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    /// <summary>The first part of its stream names and of its routes: lower-case letters and digits.</summary>
    public required string Category
    {
        get;
        init => field = StreamName.IsCategory(value)
            ? value
            : throw new ArgumentException($"'{value}' is not a category: lower-case letters and digits, a letter first.");
    }

    /// <summary>
    /// Makes the state of a stream without events. Called for each stream, so that a state that is changed in place is at least not shared
    /// between streams; <see cref="Evolve"/> must still not change what it is given.
    /// </summary>
    public required Func<TState> Initial { get; init; }

    /// <summary>Pure and total: the same command on the same state decides the same, and nothing is thrown.</summary>
    public required Func<TCommand, TState, Decision<TEvent, TRejection>> Decide { get; init; }

    /// <summary>Pure: no rule and no refusal, since what it folds has already happened.</summary>
    public required Func<TState, TEvent, TState> Evolve { get; init; }

    public required EventCodec<TEvent> Events { get; init; }

    public required CommandCatalog<TCommand> Commands { get; init; }

    /// <summary>The stable code and the sentence of each reason.</summary>
    public required Func<TRejection, Rejection> Describe { get; init; }

    /// <summary>How the state is written, for snapshots and for the state query.</summary>
    /// <exception cref="ArgumentException">The JSON options are not strict, or a member would be stored loosely.</exception>
    public required JsonTypeInfo<TState> StateJson
    {
        get;
        init
        {
            StrictJson.Check(value);
            field = value;
        }
    }

    /// <summary>When the state is kept beside the commits; null for never.</summary>
    public SnapshotSchema? Snapshots { get; init; }

    /// <summary>Raise it when the rules change; each commit records it.</summary>
    public string PolicyVersion { get; init; } = "1";

    /// <summary>The same aggregate under other rules, to try them on its past: streams, shapes and commands stay what they are.</summary>
    public Aggregate<TCommand, TState, TEvent, TRejection> WithRules(
        string policyVersion, Func<TCommand, TState, Decision<TEvent, TRejection>> decide) => new()
        {
            Category = Category,
            Initial = Initial,
            Decide = decide,
            Evolve = Evolve,
            Events = Events,
            Commands = Commands,
            Describe = Describe,
            StateJson = StateJson,
            Snapshots = Snapshots,
            PolicyVersion = policyVersion,
        };

    /// <exception cref="EventDecodeException">An event is unknown or does not bind.</exception>
    /// <exception cref="DeciderException"><see cref="Evolve"/> threw.</exception>
    public TState Fold(TState state, IEnumerable<Commit> commits)
    {
        foreach (Commit commit in commits)
        {
            foreach (TEvent @event in Events.Decode(commit))
            {
                try
                {
                    state = Evolve(state, @event);
                }
                catch (Exception e)
                {
                    throw new DeciderException(commit.Stream, e);
                }
            }
        }
        return state;
    }
}
