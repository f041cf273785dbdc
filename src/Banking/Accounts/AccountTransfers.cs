using System.Collections.Immutable;
using System.Diagnostics;
using Decision = Serverless.EventSourcing.Decision<Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>;

namespace Serverless.Banking;

/// <summary>
/// An account's part in transfers. Debits and credits are never answered with a rejection: the refusal is an event, so that it stands
/// under the step's command id and a step sent again after a crash can't be decided differently.
/// </summary>
internal static class AccountTransfers
{
    public static Decision Decide(AccountCommand command, AccountState state) => command switch
    {
        DebitForTransfer c when state.OutgoingTransfers.ContainsKey(c.Transfer.Value) => Decision.Accept(),
        DebitForTransfer c => Accept((WhyNot(state) ?? Account.WhyNotOut(c.Amount, state)) is { } reason
            ? new OutgoingTransferRefused(c.Transfer, c.Amount, CodeOf(reason))
            : new OutgoingTransferDebited(c.Transfer, c.Amount)),
        CreditForTransfer c => Accept((WhyNot(state) ?? Account.WhyNotIn(c.Amount, state)) is { } reason
            ? new IncomingTransferRefused(c.Transfer, c.Amount, CodeOf(reason))
            : new IncomingTransferCredited(c.Transfer, c.Amount)),
        SettleTransfer c => state.OutgoingTransfers.ContainsKey(c.Transfer.Value)
            ? Accept(new OutgoingTransferSettled(c.Transfer))
            : Decision.Accept(),

        // Whatever happened to the account since: the money has to be somewhere.
        RefundTransfer c => state.OutgoingTransfers.TryGetValue(c.Transfer.Value, out Money? amount)
            ? Accept(new OutgoingTransferRefunded(c.Transfer, amount))
            : Decision.Accept(),
        _ => throw new UnreachableException($"No rule for {command?.GetType().Name}."),
    };

    public static AccountState Evolve(AccountState state, AccountEvent @event) => @event switch
    {
        OutgoingTransferDebited e => state with
        {
            Balance = state.Balance - e.Amount,
            OutgoingTransfers = UnderWay(state).SetItem(e.Transfer.Value, e.Amount),
        },
        OutgoingTransferSettled e => state with { OutgoingTransfers = UnderWay(state).Remove(e.Transfer.Value) },
        OutgoingTransferRefunded e => state with
        {
            Balance = state.Balance + e.Amount,
            OutgoingTransfers = UnderWay(state).Remove(e.Transfer.Value),
        },
        IncomingTransferCredited e => state with { Balance = state.Balance + e.Amount },
        OutgoingTransferRefused or IncomingTransferRefused => state,
        _ => throw new UnreachableException($"No step for {@event?.GetType().Name}."),
    };

    private static AccountRejection? WhyNot(AccountState state) => state.Status switch
    {
        AccountStatus.NotOpen => AccountRejection.NotOpen,
        AccountStatus.Closed => AccountRejection.Closed,
        AccountStatus.Frozen => AccountRejection.Frozen,
        _ => null,
    };

    // From a snapshot it comes as another kind of dictionary.
    private static ImmutableDictionary<string, Money> UnderWay(AccountState state) =>
        state.OutgoingTransfers as ImmutableDictionary<string, Money> ?? state.OutgoingTransfers.ToImmutableDictionary();

    private static Decision Accept(AccountEvent @event) => Decision.Accept(@event);

    private static string CodeOf(AccountRejection reason) => AccountRejections.Describe(reason).Code;
}
