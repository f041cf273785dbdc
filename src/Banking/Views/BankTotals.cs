using System.Globalization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>
/// What happened in the whole bank on one day (UTC) in one currency. Sums are in minor units and decimals, stored as strings: they
/// may have more digits than a JSON number keeps. Mirrors stored data.
/// </summary>
public sealed record BankTotals
{
    public required string Day { get; init; }

    public required Currency Currency { get; init; }

    public long AccountsOpened { get; init; }

    public long Deposits { get; init; }

    public decimal DepositedMinorUnits { get; init; }

    public long Withdrawals { get; init; }

    public decimal WithdrawnMinorUnits { get; init; }

    public static BankTotals Initial { get; } = new() { Day = "", Currency = Currency.None };
}

/// <summary>One document per day and currency, <c>2026-11-23.EUR</c>, fed by every account.</summary>
public static class BankTotalsView
{
    public static TotalsView<BankTotals, AccountEvent> Projection { get; } = new()
    {
        Name = "bank-totals",
        Version = 1,
        Sources = [EventSource<AccountEvent>.Of(AccountAggregate.Definition)],
        DocumentOf = DocumentOf,
        Initial = () => BankTotals.Initial,
        Apply = Apply,
        Json = ViewsJson.Default.BankTotals,
    };

    public static string? DocumentOf(EventEnvelope<AccountEvent> envelope) =>
        CurrencyOf(envelope.Event) is { } currency ? $"{DayOf(envelope)}.{currency}" : null;

    public static BankTotals Apply(BankTotals view, EventEnvelope<AccountEvent> envelope)
    {
        BankTotals next = view with { Day = DayOf(envelope), Currency = CurrencyOf(envelope.Event) ?? view.Currency };
        return envelope.Event switch
        {
            AccountOpened => next with { AccountsOpened = next.AccountsOpened + 1 },
            MoneyDeposited e => next with
            {
                Deposits = next.Deposits + 1,
                DepositedMinorUnits = next.DepositedMinorUnits + e.Amount.MinorUnits,
            },
            MoneyWithdrawn e => next with
            {
                Withdrawals = next.Withdrawals + 1,
                WithdrawnMinorUnits = next.WithdrawnMinorUnits + e.Amount.MinorUnits,
            },
            _ => view,
        };
    }

    // The other events have no currency and no part in any total.
    private static Currency? CurrencyOf(AccountEvent @event) => @event switch
    {
        AccountOpened e => e.Currency,
        MoneyDeposited e => e.Amount.Currency,
        MoneyWithdrawn e => e.Amount.Currency,
        _ => null,
    };

    private static string DayOf(EventEnvelope<AccountEvent> envelope) =>
        envelope.Timestamp.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
