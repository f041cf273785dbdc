using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Tests;

/// <summary>Remembers the id of every command that was sent, and can say that it is too busy.</summary>
internal sealed class RecordingEndpoint(IAggregateEndpoint inner) : IAggregateEndpoint
{
    private readonly List<string> sent = [];

    public IReadOnlyList<string> Sent => sent;

    public bool IsBusy { get; set; }

    public void Forget() => sent.Clear();

    public string Category => inner.Category;

    public IReadOnlyCollection<CommandShape> Commands => inner.Commands;

    public IReadOnlyList<EventShape> Events => inner.Events;

    public JsonTypeInfo StateJson => inner.StateJson;

    public IAggregateHistory History => inner.History;

    public bool HasCommand(string name) => inner.HasCommand(name);

    public Task<CommandOutcome> ExecuteAsync(
        StreamName stream, string command, ReadOnlyMemory<byte> body, CommandContext context, CancellationToken cancellationToken)
    {
        lock (sent)
        {
            sent.Add(context.CommandId);
        }
        return IsBusy
            ? Task.FromResult<CommandOutcome>(new CommandOutcome.Busy(stream, QueueLimit: 1))
            : inner.ExecuteAsync(stream, command, body, context, cancellationToken);
    }

    public Task<CommandOutcome> ExecuteAsync(
        StreamName stream, Func<CancellationToken, Task<StoredCommand?>> take, CancellationToken cancellationToken) =>
        inner.ExecuteAsync(stream, take, cancellationToken);

    public bool TryRead(
        string command, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> stored, out IReadOnlyList<ValidationError> errors) =>
        inner.TryRead(command, body, out stored, out errors);

    public bool IsSame(string command, ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second) => inner.IsSame(command, first, second);

    public Task<StateDocument?> ReadStateAsync(StreamName stream, CancellationToken cancellationToken) => inner.ReadStateAsync(stream, cancellationToken);
}
