using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>What an aggregate stores and reads, without its types and without a store: for checks and descriptions.</summary>
public sealed class AggregateShape
{
    private AggregateShape() { } // Made from a registration only.

    public required string Category { get; init; }

    /// <summary>Every event in its current shape.</summary>
    public required IReadOnlyList<EventShape> Events { get; init; }

    /// <summary>Every version of every event that can be read.</summary>
    public required IReadOnlyList<EventVersion> EventVersions { get; init; }

    public required IReadOnlyCollection<CommandShape> Commands { get; init; }

    public required JsonTypeInfo StateJson { get; init; }

    /// <summary>The version of the state in snapshots; null when the state is never stored.</summary>
    public required SnapshotSchema? Snapshots { get; init; }

    /// <summary>Every reason for which a command can be refused, in the order of precedence.</summary>
    public required Func<IReadOnlyList<Rejection>> Rejections { get; init; }

    /// <summary>
    /// The events of a commit as they would be written today; <see cref="EventDecodeException"/> when one is unknown or does not bind.
    /// </summary>
    public required Func<Commit, IReadOnlyList<StoredEvent>> InTodaysShape { get; init; }

    public static AggregateShape Of<TCommand, TState, TEvent, TRejection>(Aggregate<TCommand, TState, TEvent, TRejection> aggregate)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        return new AggregateShape
        {
            Category = aggregate.Category,
            Events = aggregate.Events.Shapes,
            EventVersions = aggregate.Events.Versions,
            Commands = aggregate.Commands,
            StateJson = aggregate.StateJson,
            Snapshots = aggregate.Snapshots,
            Rejections = () => [.. Enum.GetValues<TRejection>().Select(aggregate.Describe)],
            InTodaysShape = commit => [.. aggregate.Events.Decode(commit).Select(aggregate.Events.Encode)],
        };
    }
}
