using System.Diagnostics;

namespace Serverless.EventSourcing;

/// <summary>One command on its way. Confirmed: nothing newer and no earlier outcome was there when last looked.</summary>
internal sealed class CommandRun<TCommand, TState>(
    Func<CancellationToken, Task<CommandRequest<TCommand>?>> take, LoadedState<TState> known, CommandTrace? trace)
    where TCommand : class
    where TState : class
{
    private CommandRequest<TCommand>? request;
    private bool isTaken;

    public StreamName Stream => Known.Head.Stream;

    public TCommand Command => Request.Command;

    public CommandContext Context => Request.Context;

    /// <summary>The command as it will be stored.</summary>
    public byte[] CommandData { get; set; } = [];

    public LoadedState<TState> Known { get; private set; } = known;

    public CommandTrace? Trace { get; } = trace;

    public double Charge { get; set; } = known.RequestCharge;

    public bool IsConfirmed { get; private set; }

    private CommandRequest<TCommand> Request => request ?? throw new UnreachableException("Decided before it was taken.");

    /// <summary>Gets the command, unless that was done since the state is known. False when there is nothing to do any more.</summary>
    public async ValueTask<bool> TakeAsync(CancellationToken cancellationToken)
    {
        if (!isTaken)
        {
            request = await take(cancellationToken);
            isTaken = request is not null;
        }
        return isTaken;
    }

    /// <summary>The stream was read up to its end. What is newer than the known state asks for the command again.</summary>
    public void Confirm(LoadedState<TState> newest)
    {
        isTaken &= newest.Head.Version == Known.Head.Version;
        Known = newest;
        IsConfirmed = true;
    }
}

/// <summary>A command with who sends it and in which conversation.</summary>
public sealed record CommandRequest<TCommand>(TCommand Command, CommandContext Context)
    where TCommand : class;
