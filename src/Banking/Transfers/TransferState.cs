using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Banking;

/// <summary>How far a transfer is. Stored in snapshots and shown to clients.</summary>
public sealed record TransferState(TransferStatus Status, AccountId From, AccountId To, Money Amount, string? RefusedBecause)
{
    public static TransferState Initial { get; } =
        new(TransferStatus.None, AccountId.None, AccountId.None, Money.None, RefusedBecause: null);
}

[JsonConverter(typeof(TransferStatusConverter))]
public enum TransferStatus
{
    None,
    Requested,
    Debited,
    Credited,
    Completed,

    /// <summary>Refused after the debit: the money is on its way back.</summary>
    Returning,
    Refused,
    Refunded,
}

internal sealed class TransferStatusConverter()
    : JsonStringEnumConverter<TransferStatus>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
