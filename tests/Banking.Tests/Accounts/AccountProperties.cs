using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsCheck;
using Serverless.EventSourcing;
using static Serverless.Banking.Tests.Example;
using Accepted = Serverless.EventSourcing.Decision<Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>.Accepted;
using Rejected = Serverless.EventSourcing.Decision<Serverless.Banking.AccountEvent, Serverless.Banking.AccountRejection>.Rejected;

namespace Serverless.Banking.Tests;

/// <summary>What holds for every history. A failure prints the seed that repeats it.</summary>
public sealed class AccountProperties
{
    private const int Iterations = 3_000;

    [Fact]
    public void The_balance_is_the_sum_of_what_moved_and_never_below_the_limit() =>
        AccountGen.History.Sample(
            commits =>
            {
                Int128 sum = 0;
                AccountState state = AccountState.Initial;
                foreach (AccountEvent @event in commits.SelectMany(c => c))
                {
                    state = Account.Evolve(state, @event);
                    sum += @event switch
                    {
                        MoneyDeposited e => e.Amount.MinorUnits,
                        MoneyWithdrawn e => -e.Amount.MinorUnits,
                        OutgoingTransferDebited e => -e.Amount.MinorUnits,
                        OutgoingTransferRefunded e => e.Amount.MinorUnits,
                        IncomingTransferCredited e => e.Amount.MinorUnits,
                        _ => 0,
                    };
                    Assert.Equal(sum, state.Balance.MinorUnits);
                    Assert.InRange(state.Balance.MinorUnits, -state.OverdraftLimit.MinorUnits, Money.MaxMinorUnits);
                    Assert.InRange(state.OverdraftLimit.MinorUnits, 0, Money.MaxMinorUnits);
                    Assert.Equal(state.Balance.Currency, state.OverdraftLimit.Currency);
                }
            },
            iter: Iterations);

    [Fact]
    public void Any_command_on_any_reachable_state_is_decided_and_the_first_reason_that_holds_is_given() =>
        Gen.Select(AccountGen.History, AccountGen.Command).Sample(
            (commits, command) =>
            {
                AccountState state = AccountGen.Fold(commits.SelectMany(c => c));
                AccountRejection[] reasons = [.. Enum.GetValues<AccountRejection>().Where(reason => Holds(reason, command, state))];

                AccountRejection? given = Account.Decide(command, state) is Rejected rejected ? rejected.Reason : null;

                Assert.Equal(reasons.Length == 0 ? null : reasons[0], given);
            },
            iter: Iterations * 3);

    /// <summary>Each reason by itself, as a person would state it, without regard to the others.</summary>
    private static bool Holds(AccountRejection reason, AccountCommand command, AccountState state)
    {
        if (command is DebitForTransfer or CreditForTransfer or SettleTransfer or RefundTransfer)
        {
            return false; // Steps of a process refuse with an event.
        }
        Money? moved = (command as DepositMoney)?.Amount ?? (command as WithdrawMoney)?.Amount;
        Money? money = moved ?? (command as ChangeOverdraftLimit)?.Limit;
        return reason switch
        {
            AccountRejection.NotOpen => state.Status == AccountStatus.NotOpen && command is not OpenAccount,
            AccountRejection.AlreadyOpen => state.Status is AccountStatus.Open or AccountStatus.Frozen && command is OpenAccount,
            AccountRejection.Closed => state.Status == AccountStatus.Closed && command is not CloseAccount,
            AccountRejection.AlreadyFrozen =>
                state.Status == AccountStatus.Frozen && command is FreezeAccount freeze && freeze.Reason != state.FreezeReason,
            AccountRejection.Frozen => state.Status == AccountStatus.Frozen && (money is not null || command is CloseAccount),
            AccountRejection.CurrencyMismatch => money is not null && money.Currency != state.Balance.Currency,
            AccountRejection.AmountOutOfRange =>
                (moved is not null && moved.MinorUnits is <= 0 or > Money.MaxMinorUnits)
                || (command is ChangeOverdraftLimit && money?.MinorUnits is < 0 or > Money.MaxMinorUnits),
            AccountRejection.InsufficientFunds => command is WithdrawMoney w
                && (Int128)state.Balance.MinorUnits - w.Amount.MinorUnits < -(Int128)state.OverdraftLimit.MinorUnits,
            AccountRejection.BalanceLimitExceeded => command is DepositMoney d
                && state.OutgoingTransfers.Values.Sum(m => (decimal)m.MinorUnits) + state.Balance.MinorUnits + d.Amount.MinorUnits > Money.MaxMinorUnits,
            AccountRejection.OverdraftInUse => command is ChangeOverdraftLimit c
                && state.Balance.MinorUnits < -(Int128)c.Limit.MinorUnits,
            AccountRejection.BalanceNotZero => command is CloseAccount && state.Balance.MinorUnits != 0,
            AccountRejection.TransfersUnderWay => command is CloseAccount && state.OutgoingTransfers.Count > 0,
            _ => throw new ArgumentOutOfRangeException(nameof(reason)),
        };
    }

    [Fact]
    public void What_is_asked_for_a_state_stays_quiet_once_the_state_is_reached() =>
        Gen.Select(AccountGen.History, AccountGen.Command).Sample(
            (commits, command) =>
            {
                AccountState state = AccountGen.Fold(commits.SelectMany(c => c));
                if (command is OpenAccount or DepositMoney or WithdrawMoney or DebitForTransfer or CreditForTransfer || Account.Decide(command, state) is not Accepted first)
                {
                    return; // These add something each time; only the command id tells a retry.
                }
                AccountState after = first.Events.Aggregate(state, Account.Evolve);
                Assert.Empty(Assert.IsType<Accepted>(Account.Decide(command, after)).Events);
            },
            iter: Iterations);

    [Fact]
    public void Folding_can_stop_anywhere_and_go_on_from_a_snapshot() =>
        Gen.Select(AccountGen.History, Gen.Int[0, 40]).Sample(
            (commits, at) =>
            {
                Commit[] stored = [.. Stored(commits)];
                at = Math.Min(at, stored.Length);
                Aggregate<AccountCommand, AccountState, AccountEvent, AccountRejection> account = AccountAggregate.Definition;

                AccountState whole = account.Fold(account.Initial(), stored);
                AccountState half = account.Fold(account.Initial(), stored[..at]);

                Assert.Equal(whole, account.Fold(half, stored[at..]));
                Assert.Equal(whole, account.Fold(RoundTrip(half, account.StateJson), stored[at..]));
            },
            iter: Iterations);

    [Fact]
    public void Every_event_is_read_back_as_it_was_decided() =>
        AccountGen.History.Sample(
            commits => Assert.Equal(
                commits.SelectMany(c => c), Stored(commits).SelectMany(AccountAggregate.Definition.Events.Decode)),
            iter: Iterations);

    [Fact]
    public void Every_command_is_read_back_as_it_was_sent() =>
        AccountGen.Command.Sample(
            command =>
            {
                JsonTypeInfo json = AccountAggregate.Definition.Commands.ShapeOf(command).Json;
                Assert.Equal(command, JsonSerializer.Deserialize(JsonSerializer.Serialize(command, json), json));
            },
            iter: Iterations);

    [Fact]
    public void A_good_body_means_that_no_amount_is_out_of_range() =>
        Gen.Select(AccountGen.History, AccountGen.Command).Sample(
            (commits, command) =>
            {
                CommandShape shape = AccountAggregate.Definition.Commands.ShapeOf(command);
                byte[] body = JsonSerializer.SerializeToUtf8Bytes(command, shape.Json);
                if (AccountAggregate.Definition.Commands.TryRead(shape.Name, body, out AccountCommand? read, out _))
                {
                    Assert.NotEqual(
                        new Rejected(AccountRejection.AmountOutOfRange), Account.Decide(read, AccountGen.Fold(commits.SelectMany(c => c))));
                }
            },
            iter: Iterations);

    private static IEnumerable<Commit> Stored(AccountEvent[][] commits) =>
        commits.Aggregate(Account("7f3a"), (history, events) => history.Commit(events)).Commits;

    private static T RoundTrip<T>(T value, JsonTypeInfo<T> json) => JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(value, json), json)!;
}
