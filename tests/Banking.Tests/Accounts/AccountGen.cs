using CsCheck;
using Serverless.EventSourcing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

/// <summary>Commands of every kind, good and bad, and histories that the rules let happen.</summary>
internal static class AccountGen
{
    /// <summary>The largest whole number that JSON readers keep exactly.</summary>
    private const long MaxStored = (1L << 53) - 1;

    private static readonly Gen<long> MinorUnits = Gen.Frequency(
        (20, Gen.Long[1, 200]),
        (2, Gen.Long[1, Banking.Money.MaxMinorUnits]),
        (1, Gen.OneOf(
            0, -1, -MaxStored, MaxStored, Banking.Money.MaxMinorUnits - 1, Banking.Money.MaxMinorUnits, Banking.Money.MaxMinorUnits + 1)));

    private static readonly Gen<Money> Money = Gen.Select(
        MinorUnits, Gen.Frequency((15, Gen.Const(Euro)), (1, Gen.Const(Dollar))), (amount, currency) => new Money(amount, currency));

    private static readonly Gen<string> Reason = Gen.OneOf("fraud", "court order", "");

    private static readonly Gen<TransferId> Transfer = Gen.OneOf(TransferId.Parse("t1"), TransferId.Parse("t2"), TransferId.Parse("t3"));

    /// <summary>Any command, whether or not a client could have sent it.</summary>
    public static readonly Gen<AccountCommand> Command = Gen.Frequency<AccountCommand>(
        (1, Gen.OneOf<AccountCommand>(new OpenAccount(Alice, Euro), new OpenAccount(Bob, Dollar), new OpenAccount(Bob, Currency.None))),
        (10, Money.Select(m => (AccountCommand)new DepositMoney(m))),
        (10, Money.Select(m => (AccountCommand)new WithdrawMoney(m))),
        (3, Money.Select(m => (AccountCommand)new ChangeOverdraftLimit(m))),
        (1, Reason.Select(r => (AccountCommand)new FreezeAccount(r))),
        (2, Gen.Const((AccountCommand)new UnfreezeAccount())),
        (1, Gen.Const((AccountCommand)new CloseAccount())),
        (4, Gen.Select(Transfer, Money, (t, m) => (AccountCommand)new DebitForTransfer(t, m))),
        (2, Gen.Select(Transfer, Money, (t, m) => (AccountCommand)new CreditForTransfer(t, m))),
        (2, Transfer.Select(t => (AccountCommand)new SettleTransfer(t))),
        (2, Transfer.Select(t => (AccountCommand)new RefundTransfer(t))));

    /// <summary>The commits that a run of commands leads to: one command in ten has no account yet, the others do.</summary>
    public static readonly Gen<AccountEvent[][]> History = Gen.Select(
        Gen.Frequency((9, Gen.Const(true)), (1, Gen.Const(false))), Command.List[0, 40], (open, commands) => Run(open, commands));

    public static AccountState Fold(IEnumerable<AccountEvent> events) => events.Aggregate(AccountState.Initial, Account.Evolve);

    private static AccountEvent[][] Run(bool open, List<AccountCommand> commands)
    {
        List<AccountEvent[]> commits = [];
        AccountState state = AccountState.Initial;
        foreach (AccountCommand command in open ? commands.Prepend(new OpenAccount(Alice, Euro)) : commands)
        {
            if (Account.Decide(command, state) is Decision<AccountEvent, AccountRejection>.Accepted { Events: { Count: > 0 } events })
            {
                commits.Add([.. events]);
                state = events.Aggregate(state, Account.Evolve);
            }
        }
        return [.. commits];
    }
}
