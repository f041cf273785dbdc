namespace Serverless.EventSourcing;

/// <summary>
/// A command that a process manager sends because of an event. Its id is derived from that event and <paramref name="Name"/>, so
/// however often the event is delivered the command is committed once.
/// </summary>
/// <param name="Name">What this step is called in its process; unique among the steps of one event.</param>
/// <param name="Target">The stream that gets the command.</param>
/// <param name="Command">A registered command of the target's aggregate.</param>
public sealed record ProcessStep(string Name, StreamName Target, object Command);

/// <summary>
/// Reacts to events of some streams with commands to others: the only way in which one aggregate moves another. The reaction is pure;
/// all state of the process is in the streams. It has a fence per stream, so a replay of the feed sends nothing that was done.
/// <para>
/// A target that may refuse a step must do so with an event. A refusal that is only an answer is forgotten, and the same command sent
/// again after a crash could then be accepted, with the process already on its way back; as a commit it stands for ever under the
/// command's id. A step that is answered with a rejection is therefore a fault of the process and parks its stream.
/// </para>
/// <para>Its name and the names of its steps are stored: fences and command ids contain them.</para>
/// </summary>
public sealed class ProcessManager<TEvent> : IProcessManager
    where TEvent : class
{
    private readonly EventSources<TEvent> sources = new([]);

    public required string Name { get; init; }

    public IReadOnlyList<string> FormerNames { get; init; } = [];

    public required int Version { get; init; }

    public required StartPoint Start { get; init; }

    public required IReadOnlyList<string> Steps { get; init; }

    public required IReadOnlyList<EventSource<TEvent>> Sources
    {
        get;
        init
        {
            field = value;
            sources = new EventSources<TEvent>(value);
        }
    }

    /// <summary>Pure. The commands that an event leads to, in the order in which they are to be sent.</summary>
    public required Func<EventEnvelope<TEvent>, IEnumerable<ProcessStep>> React { get; init; }

    public IReadOnlySet<string> Categories => sources.Categories;

    public IEnumerable<(ProcessStep Step, CommandCause Cause)> StepsOf(Commit commit, StreamCommits given)
    {
        foreach (EventEnvelope<TEvent> envelope in sources.Envelopes(commit, given))
        {
            CommandCause cause = new(envelope.EventId, envelope.Version, envelope.CorrelationId, envelope.Metadata.TraceParent);
            foreach (ProcessStep step in UserCode.Run(envelope, CheckedSteps))
            {
                yield return (step, cause);
            }
        }
    }

    private List<ProcessStep> CheckedSteps(EventEnvelope<TEvent> envelope)
    {
        List<ProcessStep> steps = [.. React(envelope)];
        foreach (ProcessStep step in steps)
        {
            if (!Steps.Contains(step.Name))
            {
                throw new InvalidOperationException(
                    $"'{Name}' sends the step '{step.Name}', which is not among its Steps: {string.Join(", ", Steps)}. Add it there.");
            }
            if (steps.Exists(other => !ReferenceEquals(other, step) && other.Name == step.Name && other.Target == step.Target))
            {
                throw new InvalidOperationException(
                    $"'{Name}' sends two steps '{step.Name}' to {step.Target} because of one event, and the second would count as a repetition. Give each a name.");
            }
        }
        return steps;
    }
}

/// <summary>A process manager without its event type.</summary>
public interface IProcessManager
{
    /// <summary>Stored: fences and command ids contain it.</summary>
    string Name { get; }

    /// <summary>Names under which it ran before, the last one first. It goes on under the one that is stored.</summary>
    IReadOnlyList<string> FormerNames { get; }

    int Version { get; }

    /// <summary>The events that it reacts to when it first runs.</summary>
    StartPoint Start { get; }

    /// <summary>The names of all steps that it sends. Stored: command ids contain them.</summary>
    IReadOnlyList<string> Steps { get; }

    IReadOnlySet<string> Categories { get; }

    /// <exception cref="PoisonException">The commit can't be read, or the reaction throws.</exception>
    IEnumerable<(ProcessStep Step, CommandCause Cause)> StepsOf(Commit commit, StreamCommits given);
}

/// <summary>The event that leads to a command.</summary>
public sealed record CommandCause(string EventId, long Version, string CorrelationId, string? TraceParent);
