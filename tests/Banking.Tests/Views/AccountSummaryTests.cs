using Serverless.EventSourcing.Testing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class AccountSummaryTests
{
    private static readonly AccountSummary Summary = new()
    {
        Account = "7f3a",
        Owner = "alice",
        Status = AccountStatus.Open,
        Balance = Euros(0),
        OverdraftLimit = Euros(0),
        OpenedAt = Monday,
    };

    [Fact]
    public void Opening_says_whose_account_it_is_and_since_when() => Given().When(Account("7f3a").Commit(Opened).Envelopes).ThenView(Summary);

    [Fact]
    public void Money_and_limits_move_the_figures() =>
        Given()
            .When(Account("7f3a")
                .Commit(Opened)
                .Commit(new OverdraftLimitChanged(Euros(50)), new MoneyDeposited(Euros(100)))
                .Commit(new MoneyWithdrawn(Euros(130)))
                .Envelopes)
            .ThenView(Summary with { Balance = Euros(-30), OverdraftLimit = Euros(50) });

    [Fact]
    public void A_freeze_shows_with_its_reason_until_it_ends()
    {
        History<AccountEvent> frozen = Account("7f3a").Commit(Opened).Commit(new AccountFrozen("fraud"));

        Given().When(frozen.Envelopes).ThenView(Summary with { Status = AccountStatus.Frozen, FreezeReason = "fraud" });
        Given().When(frozen.Commit(new AccountUnfrozen()).Envelopes).ThenView(Summary);
    }

    [Fact]
    public void Closing_shows_when() =>
        Given()
            .When(Account("7f3a").Commit(Opened).At(Monday.AddDays(1)).Commit(new AccountClosed(ClosureCause.CustomerRequest)).Envelopes)
            .ThenView(Summary with { Status = AccountStatus.Closed, ClosedAt = Monday.AddDays(1) });

    private static DocumentViewSpec<AccountSummary, AccountEvent>.Given Given() => ViewSpec.For(AccountSummaryView.Projection).GivenNothing();
}
