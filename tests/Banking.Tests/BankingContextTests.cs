using Serverless.EventSourcing;

namespace Serverless.Banking.Tests;

public sealed class BankingContextTests
{
    [Fact]
    public void It_offers_accounts_transfers_four_views_and_a_process()
    {
        BoundedContext context = BankingContext.Create();

        IReadOnlyDictionary<string, IAggregateEndpoint> aggregates =
            context.Bind(new InMemoryEventStore(), TimeProvider.System, new CommandHandlerOptions());

        Assert.Equal(["account", "transfer"], aggregates.Keys.Order());
        Assert.Equal(
            ["open", "deposit", "withdraw", "change-overdraft-limit", "freeze", "unfreeze", "close"], PublicCommandsOf("account"));
        Assert.Equal(["request"], PublicCommandsOf("transfer"));
        Assert.Equal(
            ["account-summary", "account-statement", "customer-portfolio", "bank-totals"], context.Projections.Select(p => p.Name));
        Assert.Equal(["transfer-process"], context.Processes.Select(p => p.Name));

        IEnumerable<string> PublicCommandsOf(string category) => aggregates[category].Commands
            .Where(c => !c.IsInternal)
            .Select(c =>
            {
                Assert.NotEmpty(c.Summary);
                return c.Name;
            });
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
