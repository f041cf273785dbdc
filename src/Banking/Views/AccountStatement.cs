using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>What stands above a statement, and the balance that the next entry goes on from. Mirrors stored data.</summary>
public sealed record StatementHeader(string Account, string Owner, Money Balance)
{
    public static StatementHeader Initial { get; } = new("", "", Money.None);
}

/// <summary>One movement: <paramref name="Amount"/> is negative for money that left. Mirrors stored data.</summary>
public sealed record StatementEntry(
    long Version, DateTimeOffset At, StatementEntryKind Kind, Money Amount, Money Balance, string CorrelationId);

[JsonConverter(typeof(StatementEntryKindConverter))]
public enum StatementEntryKind
{
    Deposit,
    Withdrawal,
    TransferOut,
    TransferRefund,
    TransferIn,
}

internal sealed class StatementEntryKindConverter()
    : JsonStringEnumConverter<StatementEntryKind>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Every movement of an account with the balance after it.</summary>
public static class AccountStatementView
{
    public static EntriesView<StatementHeader, StatementEntry, AccountEvent> Projection { get; } = new()
    {
        Name = "account-statement",
        Version = 1,
        Sources = [EventSource<AccountEvent>.Of(AccountAggregate.Definition)],
        Key = ViewKey<AccountEvent>.Stream,
        Initial = () => StatementHeader.Initial,
        Apply = Apply,
        HeaderJson = ViewsJson.Default.StatementHeader,
        EntryJson = ViewsJson.Default.StatementEntry,
    };

    public static (StatementHeader Header, StatementEntry? Entry) Apply(StatementHeader header, EventEnvelope<AccountEvent> envelope) =>
        envelope.Event switch
        {
            AccountOpened e => (new StatementHeader(envelope.Stream.Id, e.Owner.Value, new Money(0, e.Currency)), null),
            AccountEvent e when Movement.Of(e) is { } movement => Move(header, envelope, movement.Kind, movement.Amount),
            _ => (header, null),
        };

    private static (StatementHeader Header, StatementEntry Entry) Move(
        StatementHeader header, EventEnvelope<AccountEvent> envelope, StatementEntryKind kind, Money amount)
    {
        Money balance = header.Balance + amount;
        return (
            header with { Balance = balance },
            new StatementEntry(envelope.Version, envelope.Timestamp, kind, amount, balance, envelope.CorrelationId));
    }
}
