using System.Text.Json.Serialization;
using Serverless.EventSourcing;

namespace Serverless.Workshop;

/// <summary>The stored shapes of events and snapshots.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(WidgetCreated))]
[JsonSerializable(typeof(WidgetRenamed))]
[JsonSerializable(typeof(WidgetState))]
internal sealed partial class WidgetJson : JsonSerializerContext;

/// <summary>The bodies of commands, as clients send them and as commits keep them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(CreateWidget))]
[JsonSerializable(typeof(RenameWidget))]
internal sealed partial class WidgetCommandJson : JsonSerializerContext;
