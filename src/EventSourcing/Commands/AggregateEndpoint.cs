using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>An aggregate without its types, as routes, the inbox and tools use it.</summary>
public interface IAggregateEndpoint
{
    string Category { get; }

    IReadOnlyCollection<CommandShape> Commands { get; }

    IReadOnlyList<EventShape> Events { get; }

    JsonTypeInfo StateJson { get; }

    /// <summary>Whether clients may send a command of this name; internal ones they may not.</summary>
    bool HasCommand(string name);

    /// <summary>Reads, validates and executes. The outcomes are those of the command handler, and <see cref="CommandOutcome.Invalid"/>.</summary>
    Task<CommandOutcome> ExecuteAsync(
        StreamName stream, string command, ReadOnlyMemory<byte> body, CommandContext context, CancellationToken cancellationToken);

    /// <summary>The state of a stream as UTF-8 JSON; null when the stream does not exist.</summary>
    Task<StateDocument?> ReadStateAsync(StreamName stream, CancellationToken cancellationToken);
}

/// <summary>A folded state as UTF-8 JSON with its version. The charge is in request units.</summary>
public sealed record StateDocument(StreamName Stream, long Version, ReadOnlyMemory<byte> State, double RequestCharge);

/// <summary>Binds an aggregate to a store.</summary>
public sealed class AggregateEndpoint<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, IEventStore store, TimeProvider time, CommandHandlerOptions options)
    : IAggregateEndpoint
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    /// <summary>For callers in this process that have a typed command.</summary>
    public CommandHandler<TCommand, TState, TEvent, TRejection> Handler { get; } = new(aggregate, store, time, options);

    public string Category => aggregate.Category;

    public IReadOnlyCollection<CommandShape> Commands => aggregate.Commands;

    public IReadOnlyList<EventShape> Events => aggregate.Events.Shapes;

    public JsonTypeInfo StateJson => aggregate.StateJson;

    public bool HasCommand(string name) => aggregate.Commands.IsPublic(name);

    public async Task<CommandOutcome> ExecuteAsync(
        StreamName stream, string command, ReadOnlyMemory<byte> body, CommandContext context, CancellationToken cancellationToken) =>
        aggregate.Commands.TryRead(command, body.Span, out TCommand? read, out IReadOnlyList<ValidationError> errors)
            ? await Handler.ExecuteAsync(stream, read, context, cancellationToken)
            : new CommandOutcome.Invalid(stream, errors);

    public async Task<StateDocument?> ReadStateAsync(StreamName stream, CancellationToken cancellationToken)
    {
        LoadedState<TState> loaded = await store.LoadStateAsync(aggregate, stream, cancellationToken);
        return loaded.Head.Version == 0
            ? null
            : new StateDocument(
                stream, loaded.Head.Version, JsonSerializer.SerializeToUtf8Bytes(loaded.State, aggregate.StateJson), loaded.RequestCharge);
    }
}
