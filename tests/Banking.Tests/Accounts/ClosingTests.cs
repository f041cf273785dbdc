using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class ClosingTests
{
    private static readonly AccountClosed Closed = new(ClosureCause.CustomerRequest);

    [Fact]
    public void An_empty_account_closes() =>
        Given(Opened, new MoneyDeposited(Euros(100)), new MoneyWithdrawn(Euros(100)))
            .When(new CloseAccount(ClosureCause.CustomerRequest))
            .Then(new AccountClosed(ClosureCause.CustomerRequest))
            .AndState(new AccountState(AccountStatus.Closed, Euros(0), Euros(0), FreezeReason: null));

    [Fact]
    public void A_client_that_names_no_cause_leaves_it_unrecorded() =>
        Given(Opened).When(new CloseAccount()).Then(new AccountClosed(ClosureCause.Unrecorded));

    [Fact]
    public void An_account_with_money_in_it_does_not_close() =>
        Given(Opened, new MoneyDeposited(Euros(1))).When(new CloseAccount()).ThenRejected(AccountRejection.BalanceNotZero);

    [Fact]
    public void An_overdrawn_account_does_not_close() =>
        Given(Opened, new OverdraftLimitChanged(Euros(1)), new MoneyWithdrawn(Euros(1)))
            .When(new CloseAccount())
            .ThenRejected(AccountRejection.BalanceNotZero);

    [Fact]
    public void Closing_again_changes_nothing() =>
        Given(Opened, Closed).When(new CloseAccount(ClosureCause.OwnerDied)).ThenNothing();

    [Theory]
    [MemberData(nameof(EverythingElse))]
    public void A_closed_account_refuses_everything_else(AccountCommand command) =>
        Given(Opened, Closed).When(command).ThenRejected(AccountRejection.Closed);

    public static TheoryData<AccountCommand> EverythingElse =>
    [
        new OpenAccount(Alice, Euro), new DepositMoney(Euros(1)), new WithdrawMoney(Euros(1)),
        new ChangeOverdraftLimit(Euros(1)), new FreezeAccount("fraud"), new UnfreezeAccount(),
    ];
}
