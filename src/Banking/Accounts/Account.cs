using System.Diagnostics;
using Decision = Serverless.EventSourcing.Decision<Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Banking;

/// <summary>The rules of one account: pure, total, and without a clock.</summary>
public static class Account
{
    public static Decision Decide(AccountCommand command, AccountState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            OpenAccount c => Open(c, state),
            DebitForTransfer or CreditForTransfer or SettleTransfer or RefundTransfer => AccountTransfers.Decide(command, state),
            _ when state.Status == AccountStatus.NotOpen => Decision.Reject(AccountRejection.NotOpen),

            // Asking again for what is so already changes nothing; a retry therefore stays quiet.
            CloseAccount when state.Status == AccountStatus.Closed => Decision.Accept(),
            _ when state.Status == AccountStatus.Closed => Decision.Reject(AccountRejection.Closed),
            UnfreezeAccount => state.Status == AccountStatus.Frozen ? Decision.Accept(new AccountUnfrozen()) : Decision.Accept(),
            FreezeAccount c when state.Status == AccountStatus.Frozen =>
                c.Reason == state.FreezeReason ? Decision.Accept() : Decision.Reject(AccountRejection.AlreadyFrozen),
            FreezeAccount c => Decision.Accept(new AccountFrozen(c.Reason)),

            // Nothing moves on a frozen account, in or out.
            _ when state.Status == AccountStatus.Frozen => Decision.Reject(AccountRejection.Frozen),
            DepositMoney c => Deposit(c.Amount, state),
            WithdrawMoney c => Withdraw(c.Amount, state),
            ChangeOverdraftLimit c => ChangeLimit(c.Limit, state),
            CloseAccount when state.Balance.MinorUnits != 0 => Decision.Reject(AccountRejection.BalanceNotZero),
            CloseAccount when state.OutgoingTransfers.Count > 0 => Decision.Reject(AccountRejection.TransfersUnderWay),
            CloseAccount c => Decision.Accept(new AccountClosed(c.Cause ?? ClosureCause.Unrecorded)),
            _ => throw new UnreachableException($"No rule for {command?.GetType().Name}."),
        };
    }

    public static AccountState Evolve(AccountState state, AccountEvent @event)
    {
        ArgumentNullException.ThrowIfNull(state);
        return @event switch
        {
            AccountOpened e => new AccountState(
                AccountStatus.Open, new Money(0, e.Currency), OverdraftLimit: new Money(0, e.Currency), FreezeReason: null),
            MoneyDeposited e => state with { Balance = state.Balance + e.Amount },
            MoneyWithdrawn e => state with { Balance = state.Balance - e.Amount },
            OverdraftLimitChanged e => state with { OverdraftLimit = e.Limit },
            AccountFrozen e => state with { Status = AccountStatus.Frozen, FreezeReason = e.Reason },
            AccountUnfrozen => state with { Status = AccountStatus.Open, FreezeReason = null },
            AccountClosed => state with { Status = AccountStatus.Closed },
            OutgoingTransferDebited or OutgoingTransferRefused or OutgoingTransferSettled or OutgoingTransferRefunded
                or IncomingTransferCredited or IncomingTransferRefused => AccountTransfers.Evolve(state, @event),
            _ => throw new UnreachableException($"No step for {@event?.GetType().Name}."),
        };
    }

    private static Decision Open(OpenAccount command, AccountState state) => state.Status switch
    {
        AccountStatus.NotOpen => Decision.Accept(new AccountOpened(command.Owner, command.Currency)),
        AccountStatus.Closed => Decision.Reject(AccountRejection.Closed),
        _ => Decision.Reject(AccountRejection.AlreadyOpen),
    };

    private static Decision Deposit(Money amount, AccountState state) =>
        WhyNotIn(amount, state) is { } reason ? Decision.Reject(reason) : Decision.Accept(new MoneyDeposited(amount));

    private static Decision Withdraw(Money amount, AccountState state) =>
        WhyNotOut(amount, state) is { } reason ? Decision.Reject(reason) : Decision.Accept(new MoneyWithdrawn(amount));

    /// <summary>Why an open account can't take this amount; null when it can.</summary>
    internal static AccountRejection? WhyNotIn(Money amount, AccountState state) =>
        RefuseAmount(amount, state)
        // What has left for a transfer may come back and must still find room.
        ?? (state.BalanceIfAllReturned().TryAdd(amount, out _) ? null : AccountRejection.BalanceLimitExceeded);

    /// <summary>Why an open account can't give this amount; null when it can.</summary>
    internal static AccountRejection? WhyNotOut(Money amount, AccountState state) =>
        RefuseAmount(amount, state)
        ?? (amount.MinorUnits > state.Available().MinorUnits ? AccountRejection.InsufficientFunds : null);

    private static Decision ChangeLimit(Money limit, AccountState state) =>
        limit.Currency != state.Balance.Currency ? Decision.Reject(AccountRejection.CurrencyMismatch)
        : limit.MinorUnits is < 0 or > Money.MaxMinorUnits ? Decision.Reject(AccountRejection.AmountOutOfRange)
        : limit == state.OverdraftLimit ? Decision.Accept()
        : state.Balance.MinorUnits < -limit.MinorUnits ? Decision.Reject(AccountRejection.OverdraftInUse)
        : Decision.Accept(new OverdraftLimitChanged(limit));

    // The range was checked at the edge; commands from inside the process come without that check.
    private static AccountRejection? RefuseAmount(Money amount, AccountState state) =>
        amount.Currency != state.Balance.Currency ? AccountRejection.CurrencyMismatch
        : amount.MinorUnits is < 1 or > Money.MaxMinorUnits ? AccountRejection.AmountOutOfRange
        : null;
}
