using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class OverdraftTests
{
    [Fact]
    public void A_new_limit_is_recorded() =>
        Given(Opened)
            .When(new ChangeOverdraftLimit(Euros(500)))
            .Then(new OverdraftLimitChanged(Euros(500)))
            .AndState(new AccountState(AccountStatus.Open, Euros(0), Euros(500), FreezeReason: null));

    [Fact]
    public void The_limit_it_has_already_changes_nothing() =>
        Given(Opened, new OverdraftLimitChanged(Euros(500))).When(new ChangeOverdraftLimit(Euros(500))).ThenNothing();

    [Fact]
    public void No_overdraft_on_a_new_account_changes_nothing() =>
        Given(Opened).When(new ChangeOverdraftLimit(Euros(0))).ThenNothing();

    [Fact]
    public void A_limit_can_be_lowered_to_what_is_in_use() =>
        Given(Opened, new OverdraftLimitChanged(Euros(500)), new MoneyWithdrawn(Euros(300)))
            .When(new ChangeOverdraftLimit(Euros(300)))
            .Then(new OverdraftLimitChanged(Euros(300)));

    [Fact]
    public void A_limit_below_what_is_in_use_is_rejected() =>
        Given(Opened, new OverdraftLimitChanged(Euros(500)), new MoneyWithdrawn(Euros(300)))
            .When(new ChangeOverdraftLimit(Euros(299)))
            .ThenRejected(AccountRejection.OverdraftInUse);

    [Theory]
    [InlineData(-1)]
    [InlineData(-((1L << 53) - 1))]
    [InlineData(Money.MaxMinorUnits + 1)]
    public void A_limit_out_of_range_is_rejected(long cents) =>
        Given(Opened).When(new ChangeOverdraftLimit(Euros(cents))).ThenRejected(AccountRejection.AmountOutOfRange);
}
