using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Banking;

/// <summary>Facts about one account. Names and shapes are stored: change them only through an upcaster.</summary>
public abstract record AccountEvent
{
    private protected AccountEvent() { } // Closed: every case is in this file.
}

public sealed record AccountOpened(OwnerId Owner, Currency Currency) : AccountEvent;

public sealed record MoneyDeposited(Money Amount) : AccountEvent;

public sealed record MoneyWithdrawn(Money Amount) : AccountEvent;

public sealed record OverdraftLimitChanged(Money Limit) : AccountEvent;

public sealed record AccountFrozen(string Reason) : AccountEvent;

public sealed record AccountUnfrozen : AccountEvent;

/// <summary>Version 1 had no cause: those that were closed then read as <see cref="ClosureCause.Unrecorded"/>.</summary>
public sealed record AccountClosed(ClosureCause Cause) : AccountEvent;

/// <summary>Money left for a transfer that is under way; it comes back if the transfer fails.</summary>
public sealed record OutgoingTransferDebited(TransferId Transfer, Money Amount) : AccountEvent;

/// <summary>The account has not paid a transfer. A fact and not only an answer, because the process goes on from it.</summary>
public sealed record OutgoingTransferRefused(TransferId Transfer, Money Amount, string Reason) : AccountEvent;

/// <summary>A transfer that was paid has arrived.</summary>
public sealed record OutgoingTransferSettled(TransferId Transfer) : AccountEvent;

/// <summary>A transfer that was paid has failed, and the money is back.</summary>
public sealed record OutgoingTransferRefunded(TransferId Transfer, Money Amount) : AccountEvent;

public sealed record IncomingTransferCredited(TransferId Transfer, Money Amount) : AccountEvent;

/// <summary>The account has not taken a transfer. May be the first fact of a stream: of an account that was never opened.</summary>
public sealed record IncomingTransferRefused(TransferId Transfer, Money Amount, string Reason) : AccountEvent;

/// <summary>Who wanted an account closed: supervisors ask a bank how often it was the bank.</summary>
[JsonConverter(typeof(ClosureCauseConverter))]
public enum ClosureCause
{
    /// <summary>Nobody said.</summary>
    Unrecorded,
    CustomerRequest,
    BankDecision,
    OwnerDied,
}

internal sealed class ClosureCauseConverter()
    : JsonStringEnumConverter<ClosureCause>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
