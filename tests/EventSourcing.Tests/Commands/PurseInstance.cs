namespace Serverless.EventSourcing.Tests;

/// <summary>One instance of the command side of purses: a handler with its own cache, and the calls that it makes.</summary>
internal sealed class PurseInstance
{
    private readonly CommandHandler<PurseCommand, PurseState, PurseEvent, PurseRejection> handler;
    private int fresh;

    public PurseInstance(
        IEventStore store,
        CommandHandlerOptions? options = null,
        TimeProvider? time = null,
        Aggregate<PurseCommand, PurseState, PurseEvent, PurseRejection>? aggregate = null)
    {
        Store = new RecordingStore(store);
        handler = new(aggregate ?? Purse.Definition, Store, time ?? TimeProvider.System, options ?? new CommandHandlerOptions());
    }

    public RecordingStore Store { get; }

    /// <summary>Sends a command under an id that was never used.</summary>
    public Task<CommandOutcome> SendAsync(PurseCommand command, string stream = "1", long? ifMatch = null) =>
        SendAsync(
            new CommandContext { CommandId = $"{GetHashCode()}.{fresh++}", Actor = "test", MayBeRepeated = false, ExpectedVersion = ifMatch },
            command,
            stream);

    /// <summary>Sends a command under an id that a client chose.</summary>
    public Task<CommandOutcome> SendAsync(string id, PurseCommand command, string stream = "1", long? ifMatch = null) =>
        SendAsync(new CommandContext { CommandId = id, Actor = "test", ExpectedVersion = ifMatch }, command, stream);

    public Task<CommandOutcome> SendAsync(
        CommandContext context, PurseCommand command, string stream = "1", CancellationToken? cancellationToken = null) =>
        handler.ExecuteAsync(Purse.Stream(stream), command, context, cancellationToken ?? TestContext.Current.CancellationToken);

    /// <summary>Sends a command that must write, and answers what it wrote.</summary>
    public async Task<Commit> CommitAsync(PurseCommand command, string stream = "1")
    {
        CommandOutcome.Accepted accepted = Assert.IsType<CommandOutcome.Accepted>(await SendAsync(command, stream));
        return Assert.IsType<Commit>(accepted.Commit);
    }
}
