using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing;

/// <summary>Finds the members of a stored type that are well today and wrong later without a sign: enums as numbers, and 64 bits in a double.</summary>
internal sealed class LooseMembers(JsonSerializerOptions options)
{
    private readonly HashSet<Type> seen = [];

    /// <summary>A sentence per member, with its path and what to do.</summary>
    public IEnumerable<string> Find(JsonTypeInfo json) => Find(json, "$", isConverted: false);

    private IEnumerable<string> Find(JsonTypeInfo json, string path, bool isConverted)
    {
        Type type = Nullable.GetUnderlyingType(json.Type) ?? json.Type;
        if (isConverted)
        {
            return []; // Its own converter knows better.
        }
        return json.Kind switch
        {
            JsonTypeInfoKind.None when type.IsEnum => EnumFault(type, path),
            JsonTypeInfoKind.None => IntegerFault(type, path, json.NumberHandling),
            _ when !seen.Add(json.Type) => [],
            JsonTypeInfoKind.Object => json.Properties
                .Where(p => p.Get is not null)
                .SelectMany(p => Find(p, $"{path}.{p.Name}"))
                .Concat(json.PolymorphismOptions?.DerivedTypes.SelectMany(d => Find(options.GetTypeInfo(d.DerivedType), path, isConverted: false)) ?? []),
            _ => json.ElementType is { } element ? Find(options.GetTypeInfo(element), $"{path}[]", isConverted: false) : [],
        };
    }

    private IEnumerable<string> Find(JsonPropertyInfo property, string path) =>
        property.NumberHandling is { } handling && (handling & JsonNumberHandling.WriteAsString) != 0
            ? []
            : Find(options.GetTypeInfo(property.PropertyType), path, isConverted: property.CustomConverter is not null);

    private IEnumerable<string> EnumFault(Type type, string path)
    {
        byte[] written = JsonSerializer.SerializeToUtf8Bytes(Enum.ToObject(type, 0), options.GetTypeInfo(type));
        return written[0] == (byte)'"'
            ? []
            : [$"{path} ({type.Name}) is an enum that is written as a number, which another order of its names would change. "
                + $"Put [JsonConverter(typeof(JsonStringEnumConverter<{type.Name}>))] on it, or set UseStringEnumConverter = true in the context."];
    }

    private IEnumerable<string> IntegerFault(Type type, string path, JsonNumberHandling? handling)
    {
        bool isWide = type == typeof(long) || type == typeof(ulong) || type == typeof(Int128) || type == typeof(UInt128) || type == typeof(nint) || type == typeof(nuint);
        bool isBuiltIn = options.GetTypeInfo(type).Converter.GetType().Assembly == typeof(JsonSerializer).Assembly;
        return !isWide || !isBuiltIn || ((handling ?? options.NumberHandling) & JsonNumberHandling.WriteAsString) != 0
            ? []
            : [$"{path} ({type.Name}) would be rounded beyond 2^53, without an error. Make it a long and add typeof(SafeInt64Converter) to the Converters "
                + "of the context, which refuses larger values, or typeof(Int64StringConverter), which writes strings."];
    }
}
