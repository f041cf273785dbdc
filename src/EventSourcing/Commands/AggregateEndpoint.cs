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

    /// <summary>What was, and what might be; writes nothing.</summary>
    IAggregateHistory History { get; }

    /// <summary>Whether clients may send a command of this name; internal ones they may not.</summary>
    bool HasCommand(string name);

    /// <summary>Reads, validates and executes. The outcomes are those of the command handler, and <see cref="CommandOutcome.Invalid"/>.</summary>
    Task<CommandOutcome> ExecuteAsync(
        StreamName stream, string command, ReadOnlyMemory<byte> body, CommandContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Executes a command that another host may be executing as well; see the command handler's method of the same kind. A command that
    /// does not bind, or is not known any more, is <see cref="CommandOutcome.Invalid"/>.
    /// </summary>
    Task<CommandOutcome> ExecuteAsync(
        StreamName stream, Func<CancellationToken, Task<StoredCommand?>> take, CancellationToken cancellationToken);

    /// <summary>Reads and validates a body without executing it. What comes out is the command as it would be stored.</summary>
    bool TryRead(
        string command, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> stored, out IReadOnlyList<ValidationError> errors);

    /// <summary>Whether the data of two commands of this name is the same to today's class.</summary>
    bool IsSame(string command, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second);

    /// <summary>The state of a stream as UTF-8 JSON; null when the stream does not exist.</summary>
    Task<StateDocument?> ReadStateAsync(StreamName stream, CancellationToken cancellationToken);
}

/// <summary>A command by the name of its registration, with its JSON.</summary>
public sealed record StoredCommand(string Name, ReadOnlyMemory<byte> Body, CommandContext Context);

/// <summary>A folded state as UTF-8 JSON with its version. The charge is in request units.</summary>
public sealed record StateDocument(StreamName Stream, long Version, ReadOnlyMemory<byte> State, double RequestCharge);

/// <summary>Binds an aggregate to a store.</summary>
public sealed class AggregateEndpoint<TCommand, TState, TEvent, TRejection>(
    Aggregate<TCommand, TState, TEvent, TRejection> aggregate, IEventStore store, TimeProvider time, CommandHandlerOptions options,
    RefusedCommandRecorder? refused = null)
    : IAggregateEndpoint
    where TCommand : class
    where TState : class
    where TEvent : class
    where TRejection : struct, Enum
{
    /// <summary>For callers in this process that have a typed command.</summary>
    public CommandHandler<TCommand, TState, TEvent, TRejection> Handler { get; } = new(aggregate, store, time, options, refused);

    public string Category => aggregate.Category;

    public IReadOnlyCollection<CommandShape> Commands => aggregate.Commands;

    public IReadOnlyList<EventShape> Events => aggregate.Events.Shapes;

    public JsonTypeInfo StateJson => aggregate.StateJson;

    public IAggregateHistory History { get; } = new AggregateHistory<TCommand, TState, TEvent, TRejection>(aggregate, store);

    public bool HasCommand(string name) => aggregate.Commands.IsPublic(name);

    public async Task<CommandOutcome> ExecuteAsync(
        StreamName stream, string command, ReadOnlyMemory<byte> body, CommandContext context, CancellationToken cancellationToken) =>
        aggregate.Commands.TryRead(command, body.Span, out TCommand? read, out IReadOnlyList<ValidationError> errors)
            ? await Handler.ExecuteAsync(stream, read, context, cancellationToken)
            : new CommandOutcome.Invalid(stream, errors);

    public async Task<CommandOutcome> ExecuteAsync(
        StreamName stream, Func<CancellationToken, Task<StoredCommand?>> take, CancellationToken cancellationToken)
    {
        IReadOnlyList<ValidationError> errors = [];
        CommandOutcome outcome = await Handler.ExecuteAsync(stream, TakeAsync, cancellationToken);
        return errors.Count == 0 ? outcome : new CommandOutcome.Invalid(stream, errors);

        async Task<CommandRequest<TCommand>?> TakeAsync(CancellationToken token)
        {
            if (await take(token) is not { } stored)
            {
                return null;
            }
            if (!HasCommand(stored.Name))
            {
                errors = [new ValidationError("$", $"There is no command '{stored.Name}'.")];
                return null;
            }
            return aggregate.Commands.TryRead(stored.Name, stored.Body.Span, out TCommand? command, out errors)
                ? new CommandRequest<TCommand>(command, stored.Context)
                : null;
        }
    }

    public bool TryRead(
        string command, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> stored, out IReadOnlyList<ValidationError> errors)
    {
        byte[]? data = null;
        bool isStorable = aggregate.Commands.TryRead(command, body.Span, out TCommand? read, out errors)
            && aggregate.Commands.TryStore(read, out data, out errors);
        stored = data;
        return isStorable;
    }

    public bool IsSame(string command, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) => aggregate.Commands.IsSame(command, first, second);

    public async Task<StateDocument?> ReadStateAsync(StreamName stream, CancellationToken cancellationToken)
    {
        LoadedState<TState> loaded = await store.LoadStateAsync(aggregate, stream, cancellationToken);
        return loaded.Head.Version == 0
            ? null
            : new StateDocument(
                stream, loaded.Head.Version, JsonSerializer.SerializeToUtf8Bytes(loaded.State, aggregate.StateJson), loaded.RequestCharge);
    }
}
