namespace Serverless.Banking;

/// <summary>What an event does to the balance, for every view that shows one: the kind of movement and its signed amount.</summary>
internal static class Movement
{
    public static (StatementEntryKind Kind, Money Amount)? Of(AccountEvent @event) => @event switch
    {
        MoneyDeposited e => (StatementEntryKind.Deposit, e.Amount),
        MoneyWithdrawn e => (StatementEntryKind.Withdrawal, Money.Negate(e.Amount)),
        OutgoingTransferDebited e => (StatementEntryKind.TransferOut, Money.Negate(e.Amount)),
        OutgoingTransferRefunded e => (StatementEntryKind.TransferRefund, e.Amount),
        IncomingTransferCredited e => (StatementEntryKind.TransferIn, e.Amount),
        _ => null,
    };
}
