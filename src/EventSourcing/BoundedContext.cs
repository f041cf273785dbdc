using System.Collections.Frozen;

namespace Serverless.EventSourcing;

/// <summary>What one bounded context consists of: the place where an aggregate or a projection adds its one line.</summary>
public sealed class BoundedContext
{
    private readonly List<Func<IEventStore, TimeProvider, CommandHandlerOptions, RefusedCommandRecorder?, IAggregateEndpoint>> aggregates = [];
    private readonly List<AggregateShape> shapes = [];
    private readonly List<IProjection> projections = [];
    private readonly List<IProcessManager> processes = [];
    private readonly HashSet<string> retiredProcesses = new(StringComparer.Ordinal);

    /// <summary>What each aggregate stores; <see cref="Bind"/> gives those that act.</summary>
    public IReadOnlyList<AggregateShape> Aggregates => shapes;

    public IReadOnlyList<IProjection> Projections => projections;

    public IReadOnlyList<IProcessManager> Processes => processes;

    /// <summary>Processes that ran once and are gone for good.</summary>
    public IReadOnlySet<string> RetiredProcesses => retiredProcesses;

    public BoundedContext Add<TCommand, TState, TEvent, TRejection>(Aggregate<TCommand, TState, TEvent, TRejection> aggregate)
        where TCommand : class
        where TState : class
        where TEvent : class
        where TRejection : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        shapes.Add(AggregateShape.Of(aggregate));
        aggregates.Add((store, time, options, refused) =>
            new AggregateEndpoint<TCommand, TState, TEvent, TRejection>(aggregate, store, time, options, refused));
        return this;
    }

    /// <summary>Several versions of one projection can stand side by side: one serves while the others are built.</summary>
    /// <exception cref="ArgumentException">Its name can't be stored, the same version of it is there, or a process has this name.</exception>
    public BoundedContext Add(IProjection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        CheckName(projection.Name, "consumer");
        ThrowIf(IsProcess(projection.Name) || projections.Exists(p => p.FullName == projection.FullName), projection.Name);
        projections.Add(projection);
        return this;
    }

    /// <exception cref="ArgumentException">A name of it can't be stored, or another projection or process has it.</exception>
    public BoundedContext Add(IProcessManager process)
    {
        ArgumentNullException.ThrowIfNull(process);
        foreach (string name in process.FormerNames.Prepend(process.Name))
        {
            CheckName(name, "process");
            ThrowIf(IsProcess(name) || projections.Exists(p => p.Name == name) || process.FormerNames.Count(n => n == name) > 1, name);
        }
        foreach (string step in process.Steps)
        {
            CheckName(step, "step");
        }
        processes.Add(process);
        return this;
    }

    /// <summary>Says that a process is gone for good, so that its stored fences are not taken for those of a process that was renamed.</summary>
    /// <exception cref="ArgumentException">A process has this name.</exception>
    public BoundedContext RetireProcess(string name)
    {
        CheckName(name, "process");
        ThrowIf(IsProcess(name), name);
        retiredProcesses.Add(name);
        return this;
    }

    /// <summary>
    /// The aggregates by category, bound to a store. Each call makes handlers with caches of their own: make them once. Without
    /// <paramref name="refused"/> refused commands leave no trace.
    /// </summary>
    public FrozenDictionary<string, IAggregateEndpoint> Bind(
        IEventStore store, TimeProvider time, CommandHandlerOptions options, RefusedCommandRecorder? refused = null) =>
        aggregates.Select(bind => bind(store, time, options, refused)).ToFrozenDictionary(e => e.Category, StringComparer.Ordinal);

    private bool IsProcess(string name) => processes.Exists(p => p.Name == name || p.FormerNames.Contains(name)) || retiredProcesses.Contains(name);

    // Consumers share leases and parked streams, which go by name and version.
    private static void ThrowIf(bool isTaken, string name)
    {
        if (isTaken)
        {
            throw new ArgumentException($"Two consumers are called '{name}'.", nameof(name));
        }
    }

    private static void CheckName(string name, string what)
    {
        if (name is not { Length: > 0 and <= Limits.MaxConsumerNameLength } || name[0] is < 'a' or > 'z'
            || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException(
                $"The name of a {what} is a lower-case letter, then lower-case letters, digits and hyphens, at most {Limits.MaxConsumerNameLength}; '{name}' is not.",
                nameof(name));
        }
    }
}
