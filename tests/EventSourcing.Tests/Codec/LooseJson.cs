using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Tests;

public enum Color
{
    Red,
    Green,
}

public sealed record Ticking(long Ticks);

public sealed record LooseColor(Color Color);

public sealed record MaybeLooseColor(Color? Maybe);

public sealed record LooseUnsigned(ulong Unsigned);

public sealed record LooseList(IReadOnlyList<Ticking> List);

public sealed record LooseTable(IReadOnlyDictionary<string, long> Table);

public sealed record Tight(
    [property: JsonConverter(typeof(JsonStringEnumConverter<Color>))] Color Color,
    long Number,
    [property: JsonConverter(typeof(Int64StringConverter))] long Id);

/// <summary>Types with one loose member each.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter)])]
[JsonSerializable(typeof(Ticking))]
[JsonSerializable(typeof(LooseColor))]
[JsonSerializable(typeof(MaybeLooseColor))]
[JsonSerializable(typeof(LooseUnsigned))]
[JsonSerializable(typeof(LooseList))]
[JsonSerializable(typeof(LooseTable))]
internal sealed partial class LooseJson : JsonSerializerContext
{
    public static JsonTypeInfo Of(string member) => member switch
    {
        "color" => Default.LooseColor,
        "maybe" => Default.MaybeLooseColor,
        "ticks" => Default.Ticking,
        "unsigned" => Default.LooseUnsigned,
        "list" => Default.LooseList,
        "table" => Default.LooseTable,
        _ => throw new ArgumentException(member, nameof(member)),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(UtcInstantConverter), typeof(DecimalStringConverter), typeof(SafeInt64Converter)])]
[JsonSerializable(typeof(Tight))]
internal sealed partial class TightJson : JsonSerializerContext;
