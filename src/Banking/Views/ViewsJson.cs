using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Banking;

/// <summary>The stored shapes of views. When one changes, raise the version of its projection: it is then built anew.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(AccountSummary))]
[JsonSerializable(typeof(StatementHeader))]
[JsonSerializable(typeof(StatementEntry))]
[JsonSerializable(typeof(CustomerPortfolio))]
[JsonSerializable(typeof(BankTotals))]
internal sealed partial class ViewsJson : JsonSerializerContext;
