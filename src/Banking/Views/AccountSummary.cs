using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>One account at a glance. Mirrors stored data.</summary>
public sealed record AccountSummary
{
    public required string Account { get; init; }

    public required string Owner { get; init; }

    public required AccountStatus Status { get; init; }

    public required Money Balance { get; init; }

    public required Money OverdraftLimit { get; init; }

    public string? FreezeReason { get; init; }

    public DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    public static AccountSummary Initial { get; } = new()
    {
        Account = "",
        Owner = "",
        Status = AccountStatus.NotOpen,
        Balance = Money.None,
        OverdraftLimit = Money.None,
    };
}

/// <summary>One summary per account.</summary>
public static class AccountSummaryView
{
    public static DocumentView<AccountSummary, AccountEvent> Projection { get; } = new()
    {
        Name = "account-summary",
        Version = 1,
        Sources = [EventSource<AccountEvent>.Of(AccountAggregate.Definition)],
        Key = ViewKey<AccountEvent>.Stream,
        Initial = () => AccountSummary.Initial,
        Apply = Apply,
        Json = ViewsJson.Default.AccountSummary,
    };

    public static AccountSummary Apply(AccountSummary view, EventEnvelope<AccountEvent> envelope) => envelope.Event switch
    {
        AccountOpened e => view with
        {
            Account = envelope.Stream.Id,
            Owner = e.Owner.Value,
            Status = AccountStatus.Open,
            Balance = new Money(0, e.Currency),
            OverdraftLimit = new Money(0, e.Currency),
            OpenedAt = envelope.Timestamp,
        },
        AccountEvent e when Movement.Of(e) is { } movement => view with { Balance = view.Balance + movement.Amount },
        OverdraftLimitChanged e => view with { OverdraftLimit = e.Limit },
        AccountFrozen e => view with { Status = AccountStatus.Frozen, FreezeReason = e.Reason },
        AccountUnfrozen => view with { Status = AccountStatus.Open, FreezeReason = null },
        AccountClosed => view with { Status = AccountStatus.Closed, ClosedAt = envelope.Timestamp },
        _ => view,
    };
}
