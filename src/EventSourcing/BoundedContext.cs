using System.Collections.Frozen;

namespace Serverless.EventSourcing;

/// <summary>What one bounded context consists of: the place where an aggregate or a projection adds its one line.</summary>
public sealed class BoundedContext
{
    private readonly List<Func<IEventStore, TimeProvider, CommandHandlerOptions, RefusedCommandRecorder?, IAggregateEndpoint>> aggregates = [];
    private readonly List<AggregateShape> shapes = [];
    private readonly List<IProjection> projections = [];
    private readonly List<IProcessManager> processes = [];

    /// <summary>What each aggregate stores; <see cref="Bind"/> gives those that act.</summary>
    public IReadOnlyList<AggregateShape> Aggregates => shapes;

    public IReadOnlyList<IProjection> Projections => projections;

    public IReadOnlyList<IProcessManager> Processes => processes;

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
    /// <exception cref="ArgumentException">The same version of it is there, or a process has this name.</exception>
    public BoundedContext Add(IProjection projection)
    {
        ArgumentNullException.ThrowIfNull(projection);
        if (processes.Exists(p => p.Name == projection.Name) || projections.Exists(p => p.FullName == projection.FullName))
        {
            throw Taken(projection.Name);
        }
        projections.Add(projection);
        return this;
    }

    /// <exception cref="ArgumentException">Another projection or process has this name.</exception>
    public BoundedContext Add(IProcessManager process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (processes.Exists(p => p.Name == process.Name) || projections.Exists(p => p.Name == process.Name))
        {
            throw Taken(process.Name);
        }
        processes.Add(process);
        return this;
    }

    /// <summary>
    /// The aggregates by category, bound to a store. Each call makes handlers with caches of their own: make them once. Without
    /// <paramref name="refused"/> refused commands leave no trace.
    /// </summary>
    public FrozenDictionary<string, IAggregateEndpoint> Bind(
        IEventStore store, TimeProvider time, CommandHandlerOptions options, RefusedCommandRecorder? refused = null) =>
        aggregates.Select(bind => bind(store, time, options, refused)).ToFrozenDictionary(e => e.Category, StringComparer.Ordinal);

    // Both share leases and parked streams, which go by name and version.
    private static ArgumentException Taken(string name) => new($"Two consumers are called '{name}'.", nameof(name));
}
