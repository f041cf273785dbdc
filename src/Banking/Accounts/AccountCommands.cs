using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>What one account can be asked to do. The account itself is named by the stream. Mirrors request bodies.</summary>
public abstract record AccountCommand
{
    private protected AccountCommand() { } // Closed: every case is in this file.
}

public sealed record OpenAccount(OwnerId Owner, Currency Currency) : AccountCommand;

public sealed record DepositMoney(Money Amount) : AccountCommand;

public sealed record WithdrawMoney(Money Amount) : AccountCommand;

/// <summary>How far below zero the balance may go; zero for not at all.</summary>
public sealed record ChangeOverdraftLimit(Money Limit) : AccountCommand;

public sealed record FreezeAccount(string Reason) : AccountCommand;

public sealed record UnfreezeAccount : AccountCommand;

/// <summary>Clients that were there before the cause don't send it.</summary>
public sealed record CloseAccount(ClosureCause? Cause = null) : AccountCommand;

/// <summary>Pay for a transfer, or refuse to, with an event either way.</summary>
public sealed record DebitForTransfer(TransferId Transfer, Money Amount) : AccountCommand;

/// <summary>Take the money of a transfer, or refuse to, with an event either way.</summary>
public sealed record CreditForTransfer(TransferId Transfer, Money Amount) : AccountCommand;

/// <summary>The transfer that was paid has arrived.</summary>
public sealed record SettleTransfer(TransferId Transfer) : AccountCommand;

/// <summary>The transfer that was paid has failed: take the money back. Never refused, or the money would be nowhere.</summary>
public sealed record RefundTransfer(TransferId Transfer) : AccountCommand;

/// <summary>What must hold for a body alone, whatever the state: everything else is a rule of <see cref="Account"/>.</summary>
public static class AccountCommandChecks
{
    public const int MaxReasonLength = 200;

    public static IEnumerable<ValidationError> Check(OpenAccount command)
    {
        if (!command.Currency.IsInUse)
        {
            yield return new ValidationError("$.currency", $"{command.Currency} is not a currency in use (ISO 4217).");
        }
    }

    public static IEnumerable<ValidationError> Check(DepositMoney command) => AmountCheck.Of(command.Amount);

    public static IEnumerable<ValidationError> Check(WithdrawMoney command) => AmountCheck.Of(command.Amount);

    public static IEnumerable<ValidationError> Check(ChangeOverdraftLimit command)
    {
        if (command.Limit.MinorUnits is < 0 or > Money.MaxMinorUnits)
        {
            yield return new ValidationError("$.limit.minorUnits", $"A limit is 0 to {Money.MaxMinorUnits} minor units.");
        }
    }

    public static IEnumerable<ValidationError> Check(FreezeAccount command)
    {
        if (string.IsNullOrWhiteSpace(command.Reason) || command.Reason.Length > MaxReasonLength)
        {
            yield return new ValidationError("$.reason", $"A reason is a text of 1 to {MaxReasonLength} characters.");
        }
    }
}

internal static class AmountCheck
{
    public static IEnumerable<ValidationError> Of(Money amount)
    {
        if (amount.MinorUnits is < 1 or > Money.MaxMinorUnits)
        {
            yield return new ValidationError("$.amount.minorUnits", $"An amount is 1 to {Money.MaxMinorUnits} minor units.");
        }
    }
}
