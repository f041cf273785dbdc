using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Serverless.EventSourcing;

/// <summary>One command on its way, from its turn to its end.</summary>
internal sealed class CommandRun<TCommand, TState>(StreamName stream, Func<CancellationToken, Task<CommandRequest<TCommand>?>> take, CommandTrace? trace)
    where TCommand : class
    where TState : class
{
    private CommandRequest<TCommand>? request;
    private LoadedState<TState>? known;
    private ExceptionDispatchInfo? fault;
    private CommandOutcome? outcome;

    public StreamName Stream => stream;

    public TCommand Command => Request.Command;

    public CommandContext Context => Request.Context;

    /// <summary>The command as it will be stored.</summary>
    public byte[] CommandData { get; set; } = [];

    /// <summary>The state that it is decided on: the newest one known, and what the commands before it in its group make of that.</summary>
    public LoadedState<TState> Known
    {
        get => known ?? throw new UnreachableException("Decided before the state was known.");
        set => known = value;
    }

    public CommandTrace? Trace { get; } = trace;

    public double Charge { get; set; }

    public bool IsTaken => request is not null;

    /// <summary>The stream was read up to its end for it: nothing newer and no earlier outcome was there when last looked.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>What it was decided to be, or what the aggregate threw, as long as the state it was decided on holds. Null when it has events.</summary>
    public Tentative? Answer { get; set; }

    private CommandRequest<TCommand> Request => request ?? throw new UnreachableException("Decided before it was taken.");

    /// <summary>Gets the command. False when there is nothing to do any more.</summary>
    public async ValueTask<bool> TakeAsync(CancellationToken cancellationToken) => (request = await take(cancellationToken)) is not null;

    /// <summary>The stream has gone on: the command is asked for again.</summary>
    public void PutBack() => request = null;

    public bool HasEnded => outcome is not null || fault is not null;

    public void End(CommandOutcome value) => outcome = value;

    public void Fail(Exception error) => fault = ExceptionDispatchInfo.Capture(error);

    /// <summary>The outcome, or the fault is thrown.</summary>
    public CommandOutcome Result()
    {
        fault?.Throw();
        return outcome ?? throw new UnreachableException("A turn was over before its command was.");
    }

    /// <summary>One of both.</summary>
    internal readonly record struct Tentative(CommandOutcome? Outcome, DeciderException? Fault);
}

/// <summary>A command with who sends it and in which conversation.</summary>
public sealed record CommandRequest<TCommand>(TCommand Command, CommandContext Context)
    where TCommand : class;
