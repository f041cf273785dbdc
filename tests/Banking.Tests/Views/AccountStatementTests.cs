using Serverless.EventSourcing.Testing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

public sealed class AccountStatementTests
{
    [Fact]
    public void Every_movement_is_an_entry_with_the_balance_after_it() =>
        ViewSpec.For(AccountStatementView.Projection)
            .GivenNothing()
            .When(Account("7f3a")
                .Commit(Opened)
                .Commit(new MoneyDeposited(Euros(100)))
                .At(Monday.AddDays(1))
                .Commit(new MoneyWithdrawn(Euros(30)), new MoneyDeposited(Euros(5)))
                .Envelopes)
            .ThenHeader(new StatementHeader("7f3a", "alice", Euros(75)))
            .ThenEntries(
                new StatementEntry(2, Monday, StatementEntryKind.Deposit, Euros(100), Euros(100), "command-2"),
                new StatementEntry(3, Monday.AddDays(1), StatementEntryKind.Withdrawal, Euros(-30), Euros(70), "command-3"),
                new StatementEntry(4, Monday.AddDays(1), StatementEntryKind.Deposit, Euros(5), Euros(75), "command-3"));

    [Fact]
    public void What_moves_no_money_is_no_entry() =>
        ViewSpec.For(AccountStatementView.Projection)
            .GivenHeader(new StatementHeader("7f3a", "alice", Euros(0)))
            .When(Account("7f3a")
                .Commit(Opened)
                .Commit(new OverdraftLimitChanged(Euros(5)))
                .Commit(new AccountFrozen("fraud"))
                .Commit(new AccountUnfrozen())
                .Commit(new AccountClosed(ClosureCause.CustomerRequest))
                .Envelopes)
            .ThenHeader(new StatementHeader("7f3a", "alice", Euros(0)))
            .ThenEntries();
}
