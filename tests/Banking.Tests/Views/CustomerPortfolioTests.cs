using Serverless.EventSourcing;
using Serverless.EventSourcing.Testing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class CustomerPortfolioTests
{
    [Fact]
    public void It_lists_all_accounts_of_an_owner_with_totals_per_currency() =>
        ViewSpec.For(CustomerPortfolioView.Projection)
            .GivenNothing()
            .When(Account("b").Commit(Opened).Commit(new MoneyDeposited(Euros(100))).Commit(new AccountFrozen("fraud")).Envelopes)
            .When(Account("c").Commit(new AccountOpened(Alice, Dollar)).Commit(new MoneyDeposited(Dollars(7))).Envelopes)
            .When(Account("a").Commit(Opened).Commit(new MoneyDeposited(Euros(5)), new MoneyWithdrawn(Euros(5))).Commit(new AccountClosed(ClosureCause.CustomerRequest)).Envelopes)
            .ThenView(new CustomerPortfolio(
                "alice",
                [
                    new PortfolioAccount("a", AccountStatus.Closed, Euros(0)),
                    new PortfolioAccount("b", AccountStatus.Frozen, Euros(100)),
                    new PortfolioAccount("c", AccountStatus.Open, Dollars(7)),
                ],
                [new Total(100, Euro), new Total(7, Dollar)]));

    [Fact]
    public void The_order_in_which_the_accounts_arrive_does_not_show()
    {
        IReadOnlyList<EventEnvelope<AccountEvent>> a = Account("a").Commit(Opened).Commit(new MoneyDeposited(Euros(1))).Envelopes;
        IReadOnlyList<EventEnvelope<AccountEvent>> b = Account("b").Commit(Opened).Commit(new MoneyDeposited(Euros(2))).Envelopes;
        CustomerPortfolio expected = new(
            "alice",
            [new PortfolioAccount("a", AccountStatus.Open, Euros(1)), new PortfolioAccount("b", AccountStatus.Open, Euros(2))],
            [new Total(3, Euro)]);

        ViewSpec.For(CustomerPortfolioView.Projection).GivenNothing().When(a).When(b).ThenView(expected);
        ViewSpec.For(CustomerPortfolioView.Projection).GivenNothing().When(b).When(a).ThenView(expected);
        ViewSpec.For(CustomerPortfolioView.Projection).GivenNothing().When(a[0], b[0], b[1], a[1]).ThenView(expected);
    }

    [Fact]
    public void A_total_over_many_full_accounts_is_exact() =>
        ViewSpec.For(CustomerPortfolioView.Projection)
            .GivenView(new CustomerPortfolio(
                "alice",
                [.. Enumerable.Range(1, 20_000).Select(n => new PortfolioAccount($"{n:D6}", AccountStatus.Open, Euros(Money.MaxMinorUnits)))],
                Totals: []))
            .When(Account("z").Commit(Opened).Envelopes[0])
            .ThenView(new CustomerPortfolio(
                "alice",
                [
                    .. Enumerable.Range(1, 20_000).Select(n => new PortfolioAccount($"{n:D6}", AccountStatus.Open, Euros(Money.MaxMinorUnits))),
                    new PortfolioAccount("z", AccountStatus.Open, Euros(0)),
                ],
                [new Total(20_000m * Money.MaxMinorUnits, Euro)])); // More than a long can count.

    [Fact]
    public void A_stream_belongs_to_the_owner_that_its_opening_names()
    {
        History<AccountEvent> account = Account("7f3a").Commit(new AccountOpened(Bob, Euro)).Commit(new MoneyDeposited(Euros(1)));

        Assert.Equal("bob", CustomerPortfolioView.Projection.KeyOf(account.Commits[0]));
        Assert.Null(CustomerPortfolioView.Projection.KeyOf(account.Commits[1]));
        Assert.Null(CustomerPortfolioView.Projection.KeyOf(account.Stream));
    }
}
