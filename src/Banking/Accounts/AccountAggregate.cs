using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The one registration of the account: everything the platform needs to know of it.</summary>
public static class AccountAggregate
{
    public const string Category = "account";

    /// <summary>Raise it when the shape or the meaning of <see cref="AccountState"/> changes: older snapshots are then ignored.</summary>
    public const int StateSchemaVersion = 1;

    private static Money Example => new(1250, Currency.Parse("EUR"));

    public static Aggregate<AccountCommand, AccountState, AccountEvent, AccountRejection> Definition { get; } = new()
    {
        Category = Category,
        Initial = () => AccountState.Initial,
        Decide = Account.Decide,
        Evolve = Account.Evolve,
        // Names are stored for ever.
        Events = new EventCodecBuilder<AccountEvent>()
            .Add("account.opened", 1, AccountJson.Default.AccountOpened)
            .Add("account.money-deposited", 1, AccountJson.Default.MoneyDeposited)
            .Add("account.money-withdrawn", 1, AccountJson.Default.MoneyWithdrawn)
            .Add("account.overdraft-limit-changed", 1, AccountJson.Default.OverdraftLimitChanged)
            .Add("account.frozen", 1, AccountJson.Default.AccountFrozen)
            .Add("account.unfrozen", 1, AccountJson.Default.AccountUnfrozen)
            .Add("account.closed", 2, AccountJson.Default.AccountClosed)
            .Upcast("account.closed", 1, AccountUpcasters.ClosedWithoutCause)
            .Add("account.outgoing-transfer-debited", 1, AccountJson.Default.OutgoingTransferDebited)
            .Add("account.outgoing-transfer-refused", 1, AccountJson.Default.OutgoingTransferRefused)
            .Add("account.outgoing-transfer-settled", 1, AccountJson.Default.OutgoingTransferSettled)
            .Add("account.outgoing-transfer-refunded", 1, AccountJson.Default.OutgoingTransferRefunded)
            .Add("account.incoming-transfer-credited", 1, AccountJson.Default.IncomingTransferCredited)
            .Add("account.incoming-transfer-refused", 1, AccountJson.Default.IncomingTransferRefused)
            .Build(),
        Commands = new CommandCatalog<AccountCommand>
        {
            {
                "open", AccountCommandJson.Default.OpenAccount, AccountCommandChecks.Check, "Opens an account for an owner, in one currency, once.",
                new OpenAccount(OwnerId.Parse("alice"), Currency.Parse("EUR"))
            },
            { "deposit", AccountCommandJson.Default.DepositMoney, AccountCommandChecks.Check, "Adds money.", new DepositMoney(Example) },
            {
                "withdraw", AccountCommandJson.Default.WithdrawMoney, AccountCommandChecks.Check, "Takes money, as far as balance and overdraft limit go.",
                new WithdrawMoney(Example)
            },
            {
                "change-overdraft-limit", AccountCommandJson.Default.ChangeOverdraftLimit, AccountCommandChecks.Check,
                "Sets how far below zero the balance may go.", new ChangeOverdraftLimit(Example)
            },
            {
                "freeze", AccountCommandJson.Default.FreezeAccount, AccountCommandChecks.Check, "Stops everything that moves money.",
                new FreezeAccount("The card was stolen.")
            },
            { "unfreeze", AccountCommandJson.Default.UnfreezeAccount, null, "Ends a freeze." },
            {
                "close", AccountCommandJson.Default.CloseAccount, null, "Closes an account with a balance of zero, for good.",
                new CloseAccount(ClosureCause.CustomerRequest)
            },
        }
            .AddInternal("debit-for-transfer", AccountCommandJson.Default.DebitForTransfer)
            .AddInternal("credit-for-transfer", AccountCommandJson.Default.CreditForTransfer)
            .AddInternal("settle-transfer", AccountCommandJson.Default.SettleTransfer)
            .AddInternal("refund-transfer", AccountCommandJson.Default.RefundTransfer),
        Describe = AccountRejections.Describe,
        StateJson = AccountJson.Default.AccountState,
        Snapshots = new SnapshotSchema(StateSchemaVersion, EveryEvents: 10),
    };
}
