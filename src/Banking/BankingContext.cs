using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The example bounded context: one line per aggregate and per view.</summary>
public static class BankingContext
{
    public static BoundedContext Create() => new BoundedContext()
        .Add(AccountAggregate.Definition)
        .Add(AccountSummaryView.Projection)
        .Add(AccountStatementView.Projection)
        .Add(CustomerPortfolioView.Projection)
        .Add(BankTotalsView.Projection);
}
