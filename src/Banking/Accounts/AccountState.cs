using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Banking;

/// <summary>
/// What the rules of an account need to know, and nothing else: views are for showing. Stored in snapshots: raise
/// <see cref="AccountAggregate.StateSchemaVersion"/> when the shape or its meaning changes.
/// </summary>
public sealed record AccountState(AccountStatus Status, Money Balance, Money OverdraftLimit, string? FreezeReason)
{
    public static AccountState Initial { get; } = new(AccountStatus.NotOpen, Money.None, Money.None, FreezeReason: null);

    /// <summary>Transfers that were paid and have neither arrived nor come back, by id.</summary>
    public IReadOnlyDictionary<string, Money> OutgoingTransfers { get; init; } = ImmutableDictionary<string, Money>.Empty;

    /// <summary>What may be withdrawn now. A method, since properties are stored.</summary>
    public Money Available() => Balance + OverdraftLimit;

    /// <summary>The balance when every transfer that is under way from here failed.</summary>
    public Money BalanceIfAllReturned() => OutgoingTransfers.Values.Aggregate(Balance, (sum, amount) => sum + amount);

    // By content: a dictionary would compare by reference.
    public bool Equals(AccountState? other) =>
        other is not null
        && (Status, Balance, OverdraftLimit, FreezeReason) == (other.Status, other.Balance, other.OverdraftLimit, other.FreezeReason)
        && OutgoingTransfers.Count == other.OutgoingTransfers.Count
        && OutgoingTransfers.All(t => other.OutgoingTransfers.TryGetValue(t.Key, out Money? amount) && amount == t.Value);

    public override int GetHashCode() => HashCode.Combine(Status, Balance, OverdraftLimit, FreezeReason, OutgoingTransfers.Count);
}

[JsonConverter(typeof(AccountStatusConverter))]
public enum AccountStatus
{
    NotOpen,
    Open,
    Frozen,
    Closed,
}

internal sealed class AccountStatusConverter()
    : JsonStringEnumConverter<AccountStatus>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
