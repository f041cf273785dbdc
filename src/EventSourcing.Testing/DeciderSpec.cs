using System.Text;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// Given-when-then for a decider: <c>spec.Given(events).When(command).Then(events)</c>. Events are compared in their stored form, so
/// lists inside them count by their elements, and every event is shown to survive its codec.
/// </summary>
public sealed class DeciderSpec<TCommand, TState, TEvent, TRejection>(Aggregate<TCommand, TState, TEvent, TRejection> aggregate)
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    /// <summary>What has happened so far, oldest first.</summary>
    public DeciderGiven<TCommand, TState, TEvent, TRejection> Given(params IReadOnlyList<TEvent> events) =>
        new(aggregate, Stored.Fold(aggregate, aggregate.Initial(), events));

    public DeciderGiven<TCommand, TState, TEvent, TRejection> GivenNothing() => Given();
}

public static class DeciderSpec
{
    public static DeciderSpec<TCommand, TState, TEvent, TRejection> For<TCommand, TState, TEvent, TRejection>(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum => new(aggregate);
}

public sealed class DeciderGiven<TCommand, TState, TEvent, TRejection>
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    private readonly Aggregate<TCommand, TState, TEvent, TRejection> aggregate;
    private readonly TState state;

    internal DeciderGiven(Aggregate<TCommand, TState, TEvent, TRejection> aggregate, TState state)
    {
        this.aggregate = aggregate;
        this.state = state;
    }

    /// <summary>Decides twice: a decider that answers the same question in two ways, or changes its state or command, is not pure.</summary>
    public DeciderThen<TCommand, TState, TEvent, TRejection> When(TCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        JsonTypeInfo commandJson = aggregate.Commands.ShapeOf(command).Json;
        Decision<TEvent, TRejection> decision = Unchanged.By("Decide changed its state", state, aggregate.StateJson, () =>
            Unchanged.By("Decide changed its command", command, commandJson, () => aggregate.Decide(command, state)));
        string[] first = Stored.Lines(aggregate, decision);
        string[] second = Stored.Lines(aggregate, aggregate.Decide(command, state));
        return first.SequenceEqual(second, StringComparer.Ordinal)
            ? new DeciderThen<TCommand, TState, TEvent, TRejection>(aggregate, state, decision)
            : throw SpecificationException.Difference("The decider is not pure: asked twice, it decided", first, second);
    }

    /// <summary>The state that the given events fold to.</summary>
    public void ThenState(TState expected) => Stored.CompareState(aggregate, expected, state);
}

public sealed class DeciderThen<TCommand, TState, TEvent, TRejection>
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    private readonly Aggregate<TCommand, TState, TEvent, TRejection> aggregate;
    private readonly TState before;
    private readonly Decision<TEvent, TRejection> decision;

    internal DeciderThen(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate, TState before, Decision<TEvent, TRejection> decision)
    {
        this.aggregate = aggregate;
        this.before = before;
        this.decision = decision;
    }

    /// <summary>Exactly these events, in this order. The state can be asserted after them.</summary>
    public DeciderAccepted<TCommand, TState, TEvent, TRejection> Then(params IReadOnlyList<TEvent> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        Compare(new Decision<TEvent, TRejection>.Accepted(expected));
        return new DeciderAccepted<TCommand, TState, TEvent, TRejection>(aggregate, Stored.Fold(aggregate, before, expected));
    }

    /// <summary>Accepted, and nothing was to be done: what a retry finds.</summary>
    public void ThenNothing() => Then();

    public void ThenRejected(TRejection reason) => Compare(new Decision<TEvent, TRejection>.Rejected(reason));

    private void Compare(Decision<TEvent, TRejection> expected)
    {
        string[] expectedLines = Stored.Lines(aggregate, expected);
        string[] actualLines = Stored.Lines(aggregate, decision);
        if (!expectedLines.SequenceEqual(actualLines, StringComparer.Ordinal))
        {
            throw SpecificationException.Difference("The decision is another one", expectedLines, actualLines);
        }
    }
}

public sealed class DeciderAccepted<TCommand, TState, TEvent, TRejection>
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    private readonly Aggregate<TCommand, TState, TEvent, TRejection> aggregate;
    private readonly TState after;

    internal DeciderAccepted(Aggregate<TCommand, TState, TEvent, TRejection> aggregate, TState after)
    {
        this.aggregate = aggregate;
        this.after = after;
    }

    /// <summary>The state after the events.</summary>
    public void AndState(TState expected) => Stored.CompareState(aggregate, expected, after);
}

/// <summary>Events and states as they would be stored: what is compared and shown.</summary>
file static class Stored
{
    private static readonly StreamName Nowhere = StreamName.Create("specification", "1");

    public static TState Fold<TCommand, TState, TEvent, TRejection>(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate, TState state, IReadOnlyList<TEvent> events)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum
    {
        foreach (TEvent @event in events)
        {
            StoredEvent stored = aggregate.Events.Encode(@event);
            TEvent read = aggregate.Events.Decode(CommitOf(stored)).Single();
            string[] expected = [Line(stored)];
            string[] actual = [Line(aggregate.Events.Encode(read))];
            if (expected[0] != actual[0])
            {
                throw SpecificationException.Difference("An event does not survive its codec", expected, actual);
            }
            TState before = state;
            state = Unchanged.By("Evolve changed its state", before, aggregate.StateJson, () =>
                Unchanged.By("Evolve changed its event", read, aggregate.Events.ShapeOf(read).Json, () => aggregate.Evolve(before, read)));
        }
        return state;
    }

    public static string[] Lines<TCommand, TState, TEvent, TRejection>(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate, Decision<TEvent, TRejection> decision)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum => decision switch
        {
            Decision<TEvent, TRejection>.Rejected rejected => [$"rejected: {rejected.Reason}"],
            Decision<TEvent, TRejection>.Accepted { Events.Count: 0 } => ["accepted: nothing to do"],
            Decision<TEvent, TRejection>.Accepted accepted => [.. accepted.Events.Select(e => Line(aggregate.Events.Encode(e)))],
            _ => ["no decision"],
        };

    public static void CompareState<TCommand, TState, TEvent, TRejection>(
        Aggregate<TCommand, TState, TEvent, TRejection> aggregate, TState expected, TState actual)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum => Json.Compare("The state is another one", expected, actual, aggregate.StateJson);

    private static string Line(StoredEvent stored) =>
        $"{stored.Type} v{stored.SchemaVersion} {Encoding.UTF8.GetString(stored.Data.Span)}";

    private static Commit CommitOf(StoredEvent stored) => new()
    {
        Stream = Nowhere,
        FirstVersion = 1,
        Events = [stored],
        Metadata = new CommitMetadata
        {
            CommandId = "1",
            CommandType = "specification",
            PolicyVersion = "1",
            Actor = "specification",
            CorrelationId = "1",
            Timestamp = default,
        },
    };
}
