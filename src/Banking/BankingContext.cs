using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The example bounded context: one line per aggregate, view and process.</summary>
public static class BankingContext
{
    public static BoundedContext Create() => new BoundedContext()
        .Add(AccountAggregate.Definition)
        .Add(TransferAggregate.Definition)
        .Add(AccountSummaryView.Projection)
        .Add(AccountStatementView.Projection)
        .Add(CustomerPortfolioView.Projection)
        .Add(BankTotalsView.Projection)
        .Add(TransferProcess.Process);
}
