using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class FreezingTests
{
    private static readonly AccountFrozen Frozen = new("fraud");

    [Fact]
    public void An_account_is_frozen_with_its_reason() =>
        Given(Opened)
            .When(new FreezeAccount("fraud"))
            .Then(new AccountFrozen("fraud"))
            .AndState(new AccountState(AccountStatus.Frozen, Euros(0), Euros(0), "fraud"));

    [Fact]
    public void Freezing_again_for_the_same_reason_changes_nothing() =>
        Given(Opened, Frozen).When(new FreezeAccount("fraud")).ThenNothing();

    [Fact]
    public void Freezing_a_frozen_account_for_another_reason_is_rejected() =>
        Given(Opened, Frozen).When(new FreezeAccount("court order")).ThenRejected(AccountRejection.AlreadyFrozen);

    [Theory]
    [MemberData(nameof(Movements))]
    public void Nothing_moves_on_a_frozen_account(AccountCommand command) =>
        Given(Opened, new MoneyDeposited(Euros(100)), Frozen).When(command).ThenRejected(AccountRejection.Frozen);

    public static TheoryData<AccountCommand> Movements =>
        [new DepositMoney(Euros(1)), new WithdrawMoney(Euros(1)), new ChangeOverdraftLimit(Euros(1)), new CloseAccount()];

    [Fact]
    public void An_unfrozen_account_works_as_before() =>
        Given(Opened, new MoneyDeposited(Euros(100)), Frozen)
            .When(new UnfreezeAccount())
            .Then(new AccountUnfrozen())
            .AndState(new AccountState(AccountStatus.Open, Euros(100), Euros(0), FreezeReason: null));

    [Fact]
    public void Unfreezing_an_account_that_is_not_frozen_changes_nothing() =>
        Given(Opened, Frozen, new AccountUnfrozen()).When(new UnfreezeAccount()).ThenNothing();
}
