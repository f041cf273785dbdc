using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>
/// All accounts of one owner, by id, and what they hold per currency. Mirrors stored data.
/// </summary>
public sealed record CustomerPortfolio(string Owner, IReadOnlyList<PortfolioAccount> Accounts, IReadOnlyList<Total> Totals)
{
    public static CustomerPortfolio Initial { get; } = new("", [], []);
}

public sealed record PortfolioAccount(string Account, AccountStatus Status, Money Balance);

/// <summary>A sum over accounts. It may have more digits than a JSON number keeps, so it is a decimal, which is stored as a string.</summary>
public sealed record Total(decimal MinorUnits, Currency Currency);

/// <summary>One portfolio per owner, fed by all streams of that owner.</summary>
public static class CustomerPortfolioView
{
    public static DocumentView<CustomerPortfolio, AccountEvent> Projection { get; } = new()
    {
        Name = "customer-portfolio",
        Version = 1,
        Sources = [EventSource<AccountEvent>.Of(AccountAggregate.Definition)],
        // An account never changes hands: its opening names the owner for good.
        Key = ViewKey<AccountEvent>.NamedBy(envelope => (envelope.Event as AccountOpened)?.Owner.Value),
        Initial = () => CustomerPortfolio.Initial,
        Apply = Apply,
        Json = ViewsJson.Default.CustomerPortfolio,
    };

    public static CustomerPortfolio Apply(CustomerPortfolio view, EventEnvelope<AccountEvent> envelope) => envelope.Event switch
    {
        AccountOpened e => With(
            view with { Owner = e.Owner.Value },
            new PortfolioAccount(envelope.Stream.Id, AccountStatus.Open, new Money(0, e.Currency))),
        AccountEvent e when Movement.Of(e) is { } movement =>
            Change(view, envelope, account => account with { Balance = account.Balance + movement.Amount }),
        AccountFrozen => Change(view, envelope, account => account with { Status = AccountStatus.Frozen }),
        AccountUnfrozen => Change(view, envelope, account => account with { Status = AccountStatus.Open }),
        AccountClosed => Change(view, envelope, account => account with { Status = AccountStatus.Closed }),
        _ => view,
    };

    private static CustomerPortfolio Change(
        CustomerPortfolio view, EventEnvelope<AccountEvent> envelope, Func<PortfolioAccount, PortfolioAccount> change) =>
        With(view, change(view.Accounts.Single(a => a.Account == envelope.Stream.Id)));

    // Sorted, so that the order in which streams arrive doesn't show.
    private static CustomerPortfolio With(CustomerPortfolio view, PortfolioAccount changed)
    {
        PortfolioAccount[] accounts =
            [.. view.Accounts.Where(a => a.Account != changed.Account).Append(changed).OrderBy(a => a.Account, StringComparer.Ordinal)];
        Total[] totals =
        [
            .. accounts.GroupBy(a => a.Balance.Currency)
                .Select(g => new Total(g.Sum(a => (decimal)a.Balance.MinorUnits), g.Key))
                .OrderBy(t => t.Currency.Code, StringComparer.Ordinal),
        ];
        return view with { Accounts = accounts, Totals = totals };
    }
}
