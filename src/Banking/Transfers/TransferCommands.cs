using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>What one transfer can be asked to do. All but the request are steps of <see cref="TransferProcess"/>.</summary>
public abstract record TransferCommand
{
    private protected TransferCommand() { } // Closed: every case is in this file.
}

public sealed record RequestTransfer(AccountId From, AccountId To, Money Amount) : TransferCommand;

public sealed record MarkDebited : TransferCommand;

public sealed record MarkCredited : TransferCommand;

public sealed record MarkCompleted : TransferCommand;

public sealed record MarkRefused(string Reason) : TransferCommand;

public sealed record MarkRefunded : TransferCommand;

/// <summary>What must hold for the body alone.</summary>
public static class TransferCommandChecks
{
    public static IEnumerable<ValidationError> Check(RequestTransfer command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.From == command.To)
        {
            yield return new ValidationError("$.to", "A transfer goes to another account.");
        }
        foreach (ValidationError error in AmountCheck.Of(command.Amount))
        {
            yield return error;
        }
    }
}
