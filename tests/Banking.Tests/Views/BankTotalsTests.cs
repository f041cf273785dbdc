using Serverless.EventSourcing.Testing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class BankTotalsTests
{
    [Fact]
    public void Every_day_and_currency_has_its_own_totals() =>
        ViewSpec.For(BankTotalsView.Projection)
            .GivenNothing()
            .When(Account("a")
                .Commit(Opened)
                .Commit(new MoneyDeposited(Euros(100)), new MoneyWithdrawn(Euros(30)))
                .At(Monday.AddDays(1))
                .Commit(new MoneyDeposited(Euros(8)))
                .Envelopes)
            .When(Account("b").Commit(new AccountOpened(Bob, Dollar)).Commit(new MoneyDeposited(Dollars(7))).Envelopes)
            .When(Account("c").Commit(new AccountOpened(Bob, Euro)).Commit(new MoneyDeposited(Euros(1))).Envelopes)
            .ThenView("2026-11-23.EUR", new BankTotals
            {
                Day = "2026-11-23",
                Currency = Euro,
                AccountsOpened = 2,
                Deposits = 2,
                DepositedMinorUnits = 101,
                Withdrawals = 1,
                WithdrawnMinorUnits = 30,
            })
            .ThenView("2026-11-23.USD", new BankTotals
            {
                Day = "2026-11-23",
                Currency = Dollar,
                AccountsOpened = 1,
                Deposits = 1,
                DepositedMinorUnits = 7,
            })
            .ThenView("2026-11-24.EUR", new BankTotals { Day = "2026-11-24", Currency = Euro, Deposits = 1, DepositedMinorUnits = 8 })
            .ThenDocuments("2026-11-23.EUR", "2026-11-23.USD", "2026-11-24.EUR");

    [Fact]
    public void A_day_ends_at_midnight_utc() =>
        ViewSpec.For(BankTotalsView.Projection)
            .GivenNothing()
            .When(Account("a")
                .At(new DateTimeOffset(2026, 11, 24, 0, 30, 0, TimeSpan.FromHours(1)))
                .Commit(Opened)
                .At(new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero))
                .Commit(new MoneyDeposited(Euros(1)))
                .Envelopes)
            .ThenDocuments("2026-11-23.EUR", "2026-11-24.EUR");

    [Fact]
    public void What_moves_no_money_counts_nowhere() =>
        ViewSpec.For(BankTotalsView.Projection)
            .GivenNothing()
            .When(Account("a")
                .Commit(new OverdraftLimitChanged(Euros(1)))
                .Commit(new AccountFrozen("fraud"))
                .Commit(new AccountUnfrozen())
                .Commit(new AccountClosed(ClosureCause.CustomerRequest))
                .Envelopes)
            .ThenDocuments();
}
