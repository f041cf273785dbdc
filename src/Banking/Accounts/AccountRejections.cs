using System.Diagnostics;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>Why an account says no. The order is the precedence: of several reasons the first one is given.</summary>
public enum AccountRejection
{
    NotOpen,
    AlreadyOpen,
    Closed,
    AlreadyFrozen,
    Frozen,
    CurrencyMismatch,
    AmountOutOfRange,
    InsufficientFunds,
    BalanceLimitExceeded,
    OverdraftInUse,
    BalanceNotZero,
    TransfersUnderWay,
}

public static class AccountRejections
{
    /// <summary>Codes are part of the API: clients branch on them. Sentences may change.</summary>
    public static Rejection Describe(AccountRejection reason) => reason switch
    {
        AccountRejection.NotOpen => new("account-not-open", "The account was never opened."),
        AccountRejection.AlreadyOpen => new("account-already-open", "The account is open already."),
        AccountRejection.Closed => new("account-closed", "The account is closed, and closed accounts stay closed."),
        AccountRejection.AlreadyFrozen => new("account-already-frozen", "The account is frozen already, for another reason."),
        AccountRejection.Frozen => new("account-frozen", "The account is frozen."),
        AccountRejection.CurrencyMismatch => new("currency-mismatch", "The account is in another currency."),
        AccountRejection.AmountOutOfRange => new("amount-out-of-range", "The amount is too small or too large."),
        AccountRejection.InsufficientFunds => new("insufficient-funds", "The balance and the overdraft limit don't cover the amount."),
        AccountRejection.BalanceLimitExceeded => new("balance-limit-exceeded", "The balance would be larger than an account can hold."),
        AccountRejection.OverdraftInUse => new("overdraft-in-use", "The account is overdrawn by more than that limit."),
        AccountRejection.BalanceNotZero => new("balance-not-zero", "Only an account with a balance of zero can be closed."),
        AccountRejection.TransfersUnderWay => new("transfers-under-way", "Transfers from this account have neither arrived nor come back yet."),
        _ => throw new UnreachableException($"No description of {reason}."),
    };
}
