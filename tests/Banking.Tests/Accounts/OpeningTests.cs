using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class OpeningTests
{
    [Fact]
    public void An_account_opens_empty_in_its_currency() =>
        Given()
            .When(new OpenAccount(Alice, Euro))
            .Then(new AccountOpened(Alice, Euro))
            .AndState(new AccountState(AccountStatus.Open, Euros(0), Euros(0), FreezeReason: null));

    [Fact]
    public void An_open_account_is_not_opened_again() =>
        Given(Opened).When(new OpenAccount(Alice, Euro)).ThenRejected(AccountRejection.AlreadyOpen);

    [Fact]
    public void A_frozen_account_is_not_opened_again() =>
        Given(Opened, new AccountFrozen("fraud")).When(new OpenAccount(Bob, Dollar)).ThenRejected(AccountRejection.AlreadyOpen);

    [Fact]
    public void A_closed_account_stays_closed() =>
        Given(Opened, new AccountClosed(ClosureCause.CustomerRequest)).When(new OpenAccount(Alice, Euro)).ThenRejected(AccountRejection.Closed);

    [Theory]
    [MemberData(nameof(EverythingElse))]
    public void Nothing_else_is_done_before_the_account_is_open(AccountCommand command) =>
        Given().When(command).ThenRejected(AccountRejection.NotOpen);

    public static TheoryData<AccountCommand> EverythingElse =>
    [
        new DepositMoney(Euros(1)), new WithdrawMoney(Euros(1)), new ChangeOverdraftLimit(Euros(1)),
        new FreezeAccount("fraud"), new UnfreezeAccount(), new CloseAccount(),
    ];
}
