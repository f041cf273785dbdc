using CsCheck;
using Serverless.EventSourcing;
using static Serverless.Banking.Tests.Example;

namespace Serverless.Banking.Tests;

/// <summary>Every view agrees with the state that the rules go by, whatever happened. A failure prints the seed that repeats it.</summary>
public sealed class ViewProperties
{
    private const int Iterations = 1_000;

    [Fact]
    public void The_summary_shows_the_state() =>
        AccountGen.History.Sample(
            commits =>
            {
                AccountState state = AccountGen.Fold(commits.SelectMany(c => c));

                AccountSummary summary = Envelopes("7f3a", commits).Aggregate(AccountSummary.Initial, AccountSummaryView.Apply);

                Assert.Equal(
                    (state.Status, state.Balance, state.OverdraftLimit, state.FreezeReason),
                    (summary.Status, summary.Balance, summary.OverdraftLimit, summary.FreezeReason));
            },
            iter: Iterations);

    [Fact]
    public void A_statement_adds_up_line_by_line_to_the_balance() =>
        AccountGen.History.Sample(
            commits =>
            {
                StatementHeader header = StatementHeader.Initial;
                long balance = 0;
                foreach (EventEnvelope<AccountEvent> envelope in Envelopes("7f3a", commits))
                {
                    (header, StatementEntry? entry) = AccountStatementView.Apply(header, envelope);
                    if (entry is not null)
                    {
                        balance += entry.Amount.MinorUnits;
                        Assert.Equal(balance, entry.Balance.MinorUnits);
                    }
                }
                Assert.Equal(AccountGen.Fold(commits.SelectMany(c => c)).Balance, header.Balance);
            },
            iter: Iterations);

    [Fact]
    public void What_the_bank_took_in_less_what_it_gave_out_is_what_all_accounts_hold() =>
        AccountGen.History.Array[0, 5].Sample(
            accounts =>
            {
                Dictionary<string, BankTotals> totals = [];
                Dictionary<Currency, decimal> transferred = []; // In less out.
                CustomerPortfolio portfolio = CustomerPortfolio.Initial;
                foreach (EventEnvelope<AccountEvent> envelope in accounts.SelectMany((commits, n) => Envelopes($"{n}", commits)))
                {
                    portfolio = CustomerPortfolioView.Apply(portfolio, envelope);
                    Money? moved = envelope.Event switch
                    {
                        OutgoingTransferDebited e => Money.Negate(e.Amount),
                        OutgoingTransferRefunded e => e.Amount,
                        IncomingTransferCredited e => e.Amount,
                        _ => null,
                    };
                    if (moved is not null)
                    {
                        transferred[moved.Currency] = transferred.GetValueOrDefault(moved.Currency) + moved.MinorUnits;
                    }
                    if (BankTotalsView.DocumentOf(envelope) is { } document)
                    {
                        totals[document] = BankTotalsView.Apply(totals.GetValueOrDefault(document, BankTotals.Initial), envelope);
                    }
                }
                AccountState[] states = [.. accounts.Select(commits => AccountGen.Fold(commits.SelectMany(c => c)))];
                foreach (IGrouping<Currency, AccountState> group in states.Where(s => s.Status != AccountStatus.NotOpen).GroupBy(s => s.Balance.Currency))
                {
                    decimal held = group.Sum(s => (decimal)s.Balance.MinorUnits);
                    BankTotals[] days = [.. totals.Values.Where(t => t.Currency == group.Key)];
                    Assert.Equal(held, days.Sum(t => t.DepositedMinorUnits - t.WithdrawnMinorUnits) + transferred.GetValueOrDefault(group.Key));
                    Assert.Equal(group.Count(), days.Sum(t => t.AccountsOpened));
                    Assert.Equal(held, portfolio.Totals.Single(t => t.Currency == group.Key).MinorUnits);
                }
            },
            iter: Iterations);

    // A commit every seven hours, so that histories run over several days.
    private static IReadOnlyList<EventEnvelope<AccountEvent>> Envelopes(string id, AccountEvent[][] commits) =>
        commits.Index().Aggregate(
            Account(id), (history, commit) => history.At(Monday.AddHours(7 * commit.Index)).Commit(commit.Item)).Envelopes;
}
