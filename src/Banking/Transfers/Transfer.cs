using System.Diagnostics;
using Serverless.EventSourcing;
using Decision = Serverless.EventSourcing.Decision<Serverless.Banking.TransferEvent, Serverless.Banking.TransferRejection>;

namespace Serverless.Banking;

/// <summary>Why a transfer says no. The order is the precedence.</summary>
public enum TransferRejection
{
    NotRequested,
    AlreadyRequested,
    WrongStep,
}

/// <summary>The rules of one transfer: which step follows which. A step sent again is known by its command id.</summary>
public static class Transfer
{
    public static Decision Decide(TransferCommand command, TransferState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return command switch
        {
            RequestTransfer c when state.Status == TransferStatus.None => Decision.Accept(new TransferRequested(c.From, c.To, c.Amount)),
            RequestTransfer c => (c.From, c.To, c.Amount) == (state.From, state.To, state.Amount)
                ? Decision.Accept()
                : Decision.Reject(TransferRejection.AlreadyRequested),
            _ when state.Status == TransferStatus.None => Decision.Reject(TransferRejection.NotRequested),
            MarkDebited => Step(state, TransferStatus.Requested, new TransferDebited(state.To, state.Amount)),
            MarkCredited => Step(state, TransferStatus.Debited, new TransferCredited(state.From)),
            MarkCompleted => Step(state, TransferStatus.Credited, new TransferCompleted()),
            MarkRefused c when state.Status is TransferStatus.Requested or TransferStatus.Debited =>
                Decision.Accept(new TransferRefused(
                    state.From, c.Reason, state.Status == TransferStatus.Debited ? TransferSide.Target : TransferSide.Source)),
            MarkRefused => Decision.Reject(TransferRejection.WrongStep),
            MarkRefunded => Step(state, TransferStatus.Returning, new TransferRefunded()),
            _ => throw new UnreachableException($"No rule for {command?.GetType().Name}."),
        };
    }

    public static TransferState Evolve(TransferState state, TransferEvent @event)
    {
        ArgumentNullException.ThrowIfNull(state);
        return @event switch
        {
            TransferRequested e => new TransferState(TransferStatus.Requested, e.From, e.To, e.Amount, RefusedBecause: null),
            TransferDebited => state with { Status = TransferStatus.Debited },
            TransferCredited => state with { Status = TransferStatus.Credited },
            TransferCompleted => state with { Status = TransferStatus.Completed },
            TransferRefused e => state with
            {
                Status = e.RefusedBy == TransferSide.Target ? TransferStatus.Returning : TransferStatus.Refused,
                RefusedBecause = e.Reason,
            },
            TransferRefunded => state with { Status = TransferStatus.Refunded },
            _ => throw new UnreachableException($"No step for {@event?.GetType().Name}."),
        };
    }

    public static Rejection Describe(TransferRejection reason) => reason switch
    {
        TransferRejection.NotRequested => new("transfer-not-requested", "There is no such transfer."),
        TransferRejection.AlreadyRequested => new("transfer-already-requested", "There is a transfer of that id with other accounts or another amount."),
        TransferRejection.WrongStep => new("transfer-wrong-step", "The transfer is not at the point where this step belongs."),
        _ => throw new UnreachableException($"No description of {reason}."),
    };

    private static Decision Step(TransferState state, TransferStatus from, TransferEvent @event) =>
        state.Status == from ? Decision.Accept(@event) : Decision.Reject(TransferRejection.WrongStep);
}
