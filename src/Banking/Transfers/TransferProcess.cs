using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>
/// Moves money from one account to another, step by step: debit, credit, settle; or back, when the target says no. Each step is a
/// command to one aggregate, whose event leads to the next.
/// </summary>
public static class TransferProcess
{
    public static ProcessManager<object> Process { get; } = new()
    {
        Name = "transfer-process",
        Version = 1,
        Start = StartPoint.FromBeginning,
        Steps = ["debit", "mark-debited", "mark-refused", "credit", "mark-credited", "settle", "mark-completed", "refund", "mark-refunded"],
        Sources = [EventSource<object>.Of(TransferAggregate.Definition), EventSource<object>.Of(AccountAggregate.Definition)],
        React = envelope => React(envelope) is { } step ? [step] : [],
    };

    private static ProcessStep? React(EventEnvelope<object> envelope) => envelope.Event switch
    {
        TransferRequested e => ToAccount("debit", e.From, new DebitForTransfer(TransferOf(envelope), e.Amount)),
        OutgoingTransferDebited e => ToTransfer("mark-debited", e.Transfer, new MarkDebited()),
        OutgoingTransferRefused e => ToTransfer("mark-refused", e.Transfer, new MarkRefused(e.Reason)),
        TransferDebited e => ToAccount("credit", e.To, new CreditForTransfer(TransferOf(envelope), e.Amount)),
        IncomingTransferCredited e => ToTransfer("mark-credited", e.Transfer, new MarkCredited()),
        IncomingTransferRefused e => ToTransfer("mark-refused", e.Transfer, new MarkRefused(e.Reason)),
        TransferCredited e => ToAccount("settle", e.From, new SettleTransfer(TransferOf(envelope))),
        OutgoingTransferSettled e => ToTransfer("mark-completed", e.Transfer, new MarkCompleted()),
        TransferRefused { RefusedBy: TransferSide.Target } e => ToAccount("refund", e.From, new RefundTransfer(TransferOf(envelope))),
        OutgoingTransferRefunded e => ToTransfer("mark-refunded", e.Transfer, new MarkRefunded()),
        _ => null,
    };

    private static TransferId TransferOf(EventEnvelope<object> envelope) => TransferId.Parse(envelope.Stream.Id);

    private static ProcessStep ToAccount(string name, AccountId account, AccountCommand command) =>
        new(name, StreamName.Create(AccountAggregate.Category, account.Value), command);

    private static ProcessStep ToTransfer(string name, TransferId transfer, TransferCommand command) =>
        new(name, StreamName.Create(TransferAggregate.Category, transfer.Value), command);
}
