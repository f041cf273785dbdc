using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Banking;

/// <summary>
/// Facts about one transfer. Each says what the next step needs, so that the process needs no state of its own. Names and shapes are
/// stored: change them only through an upcaster.
/// </summary>
public abstract record TransferEvent
{
    private protected TransferEvent() { } // Closed: every case is in this file.
}

public sealed record TransferRequested(AccountId From, AccountId To, Money Amount) : TransferEvent;

public sealed record TransferDebited(AccountId To, Money Amount) : TransferEvent;

public sealed record TransferCredited(AccountId From) : TransferEvent;

/// <summary>Both accounts have booked it and know that it is over.</summary>
public sealed record TransferCompleted : TransferEvent;

/// <summary>
/// An account said no. <paramref name="Reason"/> is its code. When it was the target, the money had left the source and goes back.
/// </summary>
public sealed record TransferRefused(AccountId From, string Reason, TransferSide RefusedBy) : TransferEvent;

public sealed record TransferRefunded : TransferEvent;

[JsonConverter(typeof(TransferSideConverter))]
public enum TransferSide
{
    Source,
    Target,
}

internal sealed class TransferSideConverter()
    : JsonStringEnumConverter<TransferSide>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
