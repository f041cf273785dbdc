using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The stored shapes of events and snapshots.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(AccountOpened))]
[JsonSerializable(typeof(MoneyDeposited))]
[JsonSerializable(typeof(MoneyWithdrawn))]
[JsonSerializable(typeof(OverdraftLimitChanged))]
[JsonSerializable(typeof(AccountFrozen))]
[JsonSerializable(typeof(AccountUnfrozen))]
[JsonSerializable(typeof(AccountClosed))]
[JsonSerializable(typeof(OutgoingTransferDebited))]
[JsonSerializable(typeof(OutgoingTransferRefused))]
[JsonSerializable(typeof(OutgoingTransferSettled))]
[JsonSerializable(typeof(OutgoingTransferRefunded))]
[JsonSerializable(typeof(IncomingTransferCredited))]
[JsonSerializable(typeof(IncomingTransferRefused))]
[JsonSerializable(typeof(AccountState))]
internal sealed partial class AccountJson : JsonSerializerContext;

/// <summary>The bodies of commands, as clients send them and as commits keep them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(OpenAccount))]
[JsonSerializable(typeof(DepositMoney))]
[JsonSerializable(typeof(WithdrawMoney))]
[JsonSerializable(typeof(ChangeOverdraftLimit))]
[JsonSerializable(typeof(FreezeAccount))]
[JsonSerializable(typeof(UnfreezeAccount))]
[JsonSerializable(typeof(CloseAccount))]
[JsonSerializable(typeof(DebitForTransfer))]
[JsonSerializable(typeof(CreditForTransfer))]
[JsonSerializable(typeof(SettleTransfer))]
[JsonSerializable(typeof(RefundTransfer))]
internal sealed partial class AccountCommandJson : JsonSerializerContext;
