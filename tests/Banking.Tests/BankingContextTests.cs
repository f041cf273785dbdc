using Serverless.EventSourcing;

namespace Serverless.Banking.Tests;

public sealed class BankingContextTests
{
    [Fact]
    public void It_offers_accounts_and_four_views()
    {
        BoundedContext context = BankingContext.Create();

        IAggregateEndpoint account = Assert.Single(
            context.Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions()).Values);
        Assert.Equal("account", account.Category);
        Assert.Equal(
            ["open", "deposit", "withdraw", "change-overdraft-limit", "freeze", "unfreeze", "close"], account.Commands.Select(c => c.Name));
        Assert.All(account.Commands, command => Assert.NotEmpty(command.Summary));
        Assert.Equal(
            ["account-summary", "account-statement", "customer-portfolio", "bank-totals"], context.Projections.Select(p => p.Name));
    }

    [Fact]
    public void Every_rejection_has_a_code_and_a_sentence_of_its_own()
    {
        Rejection[] rejections = [.. Enum.GetValues<AccountRejection>().Select(AccountRejections.Describe)];

        Assert.Equal(rejections.Length, rejections.DistinctBy(r => r.Code).Count());
        Assert.All(rejections, r => Assert.Matches("^[a-z]+(-[a-z]+)*$", r.Code));
        Assert.All(rejections, r => Assert.Matches("^[A-Z].*\\.$", r.Message));
    }
}
