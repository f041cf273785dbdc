using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class MovingMoneyTests
{
    [Fact]
    public void A_deposit_raises_the_balance() =>
        Given(Opened, new MoneyDeposited(Euros(100)))
            .When(new DepositMoney(Euros(25)))
            .Then(new MoneyDeposited(Euros(25)))
            .AndState(new AccountState(AccountStatus.Open, Euros(125), Euros(0), FreezeReason: null));

    [Fact]
    public void A_withdrawal_lowers_the_balance_down_to_nothing() =>
        Given(Opened, new MoneyDeposited(Euros(100)))
            .When(new WithdrawMoney(Euros(100)))
            .Then(new MoneyWithdrawn(Euros(100)))
            .AndState(new AccountState(AccountStatus.Open, Euros(0), Euros(0), FreezeReason: null));

    [Fact]
    public void Withdrawing_more_than_the_balance_is_rejected() =>
        Given(Opened, new MoneyDeposited(Euros(100)))
            .When(new WithdrawMoney(Euros(101)))
            .ThenRejected(AccountRejection.InsufficientFunds);

    [Fact]
    public void An_overdraft_limit_adds_to_what_can_be_withdrawn() =>
        Given(Opened, new MoneyDeposited(Euros(100)), new OverdraftLimitChanged(Euros(50)))
            .When(new WithdrawMoney(Euros(150)))
            .Then(new MoneyWithdrawn(Euros(150)))
            .AndState(new AccountState(AccountStatus.Open, Euros(-50), Euros(50), FreezeReason: null));

    [Fact]
    public void Withdrawing_beyond_the_overdraft_limit_is_rejected() =>
        Given(Opened, new OverdraftLimitChanged(Euros(50)), new MoneyWithdrawn(Euros(30)))
            .When(new WithdrawMoney(Euros(21)))
            .ThenRejected(AccountRejection.InsufficientFunds);

    [Theory]
    [MemberData(nameof(InDollars))]
    public void Another_currency_than_the_account_s_is_rejected(AccountCommand command) =>
        Given(Opened, new MoneyDeposited(Euros(100))).When(command).ThenRejected(AccountRejection.CurrencyMismatch);

    public static TheoryData<AccountCommand> InDollars =>
        [new DepositMoney(Dollars(1)), new WithdrawMoney(Dollars(1)), new ChangeOverdraftLimit(Dollars(1))];

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-((1L << 53) - 1))]
    [InlineData(Money.MaxMinorUnits + 1)]
    [InlineData((1L << 53) - 1)]
    public void An_amount_out_of_range_is_rejected_even_when_nobody_checked_the_body(long cents)
    {
        Given(Opened).When(new DepositMoney(Euros(cents))).ThenRejected(AccountRejection.AmountOutOfRange);
        Given(Opened).When(new WithdrawMoney(Euros(cents))).ThenRejected(AccountRejection.AmountOutOfRange);
    }

    [Fact]
    public void A_balance_can_reach_the_largest_amount() =>
        Given(Opened, new MoneyDeposited(Euros(Money.MaxMinorUnits - 1)))
            .When(new DepositMoney(Euros(1)))
            .Then(new MoneyDeposited(Euros(1)));

    [Fact]
    public void A_balance_larger_than_an_account_can_hold_is_a_rejection_and_not_an_overflow() =>
        Given(Opened, new MoneyDeposited(Euros(Money.MaxMinorUnits)))
            .When(new DepositMoney(Euros(Money.MaxMinorUnits)))
            .ThenRejected(AccountRejection.BalanceLimitExceeded);

    [Fact]
    public void The_same_amount_again_is_another_deposit() => // Only the command id tells a retry from a second deposit.
        Given(Opened, new MoneyDeposited(Euros(5))).When(new DepositMoney(Euros(5))).Then(new MoneyDeposited(Euros(5)));
}
