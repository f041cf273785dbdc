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

    /// <summary>What may be withdrawn now. A method, since properties are stored.</summary>
    public Money Available() => Balance + OverdraftLimit;
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
