using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The one registration of the transfer. Its streams are short and end, so they need no snapshots.</summary>
public static class TransferAggregate
{
    public const string Category = "transfer";

    public static Aggregate<TransferCommand, TransferState, TransferEvent, TransferRejection> Definition { get; } = new()
    {
        Category = Category,
        Initial = () => TransferState.Initial,
        Decide = Transfer.Decide,
        Evolve = Transfer.Evolve,
        // Names are stored for ever.
        Events = new EventCodecBuilder<TransferEvent>()
            .Add("transfer.requested", 1, TransferJson.Default.TransferRequested)
            .Add("transfer.debited", 1, TransferJson.Default.TransferDebited)
            .Add("transfer.credited", 1, TransferJson.Default.TransferCredited)
            .Add("transfer.completed", 1, TransferJson.Default.TransferCompleted)
            .Add("transfer.refused", 2, TransferJson.Default.TransferRefused)
            .Upcast("transfer.refused", 1, TransferUpcasters.RefusedWithFlag)
            .Add("transfer.refunded", 1, TransferJson.Default.TransferRefunded)
            .Build(),
        Commands = new CommandCatalog<TransferCommand>
        {
            {
                "request", TransferJson.Default.RequestTransfer, TransferCommandChecks.Check, "Asks for money to go from one account to another.",
                new RequestTransfer(AccountId.Parse("alice-1"), AccountId.Parse("bob-1"), new Money(1000, Currency.Parse("EUR")))
            },
        }
            .AddInternal("mark-debited", TransferJson.Default.MarkDebited)
            .AddInternal("mark-credited", TransferJson.Default.MarkCredited)
            .AddInternal("mark-completed", TransferJson.Default.MarkCompleted)
            .AddInternal("mark-refused", TransferJson.Default.MarkRefused)
            .AddInternal("mark-refunded", TransferJson.Default.MarkRefunded),
        Describe = Transfer.Describe,
        StateJson = TransferJson.Default.TransferState,
    };
}

/// <summary>The stored shapes of transfers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(TransferRequested))]
[JsonSerializable(typeof(TransferDebited))]
[JsonSerializable(typeof(TransferCredited))]
[JsonSerializable(typeof(TransferCompleted))]
[JsonSerializable(typeof(TransferRefused))]
[JsonSerializable(typeof(TransferRefunded))]
[JsonSerializable(typeof(TransferState))]
[JsonSerializable(typeof(RequestTransfer))]
[JsonSerializable(typeof(MarkDebited))]
[JsonSerializable(typeof(MarkCredited))]
[JsonSerializable(typeof(MarkCompleted))]
[JsonSerializable(typeof(MarkRefused))]
[JsonSerializable(typeof(MarkRefunded))]
internal sealed partial class TransferJson : JsonSerializerContext;
