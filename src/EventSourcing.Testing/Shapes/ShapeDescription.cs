using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.EventSourcing.Testing;

/// <summary>
/// What a type looks like in JSON, worked out from its serializer metadata: members with their names, types, whether they must be there
/// and may be null, values of enums, and the converters that write what the metadata can't tell. Classes and their names don't show.
/// </summary>
internal sealed class ShapeDescription(Func<Type, string> converterName)
{
    private readonly Dictionary<Type, string> underWay = [];

    public JsonObject Of(JsonTypeInfo json) => Describe(json, "$");

    private JsonObject Describe(JsonTypeInfo json, string path)
    {
        if (Nullable.GetUnderlyingType(json.Type) is { } underlying)
        {
            return Describe(json.Options.GetTypeInfo(underlying), path);
        }
        if (json.Type.IsEnum)
        {
            return new JsonObject { ["type"] = "one of", ["values"] = Values(json) };
        }
        if (IsOwn(json.Converter.GetType()))
        {
            return Converter(json.Converter.GetType());
        }
        if (!underWay.TryAdd(json.Type, path))
        {
            return new JsonObject { ["type"] = $"the same as {underWay[json.Type]}" };
        }
        JsonObject shape = json.Kind switch
        {
            JsonTypeInfoKind.Object => new JsonObject { ["type"] = "object", ["members"] = Members(json, path) },
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "list", ["of"] = Describe(json.Options.GetTypeInfo(json.ElementType!), path + "[]") },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "map", ["of"] = Describe(json.Options.GetTypeInfo(json.ElementType!), path + ".*") },
            _ => new JsonObject { ["type"] = Scalar(json.Type) },
        };
        if (json.PolymorphismOptions is { } cases)
        {
            shape["discriminator"] = cases.TypeDiscriminatorPropertyName;
            shape["cases"] = new JsonObject(cases.DerivedTypes.Where(c => c.DerivedType != json.Type).Select(c => KeyValuePair.Create(
                $"{c.TypeDiscriminator}", (JsonNode?)Describe(json.Options.GetTypeInfo(c.DerivedType), $"{path}({c.TypeDiscriminator})"))));
        }
        underWay.Remove(json.Type);
        return shape;
    }

    private JsonObject Members(JsonTypeInfo json, string path)
    {
        JsonObject members = [];
        foreach (JsonPropertyInfo property in json.Properties.Where(p => p.Get is not null || p.Set is not null || p.AssociatedParameter is not null))
        {
            JsonParameterInfo? parameter = property.AssociatedParameter is { IsMemberInitializer: false } p ? p : null;
            JsonObject member = property.CustomConverter is { } converter && IsOwn(converter.GetType())
                ? Converter(converter.GetType())
                : Describe(json.Options.GetTypeInfo(property.PropertyType), $"{path}.{property.Name}");
            if (property.IsRequired || (json.Options.RespectRequiredConstructorParameters && parameter is { HasDefaultValue: false }))
            {
                member["required"] = true;
            }
            if (parameter?.IsNullable ?? property.IsSetNullable)
            {
                member["nullable"] = true;
            }
            members[property.Name] = member;
        }
        return members;
    }

    private static JsonArray Values(JsonTypeInfo json) =>
        [.. Enum.GetValuesAsUnderlyingType(json.Type).Cast<object>().Select(v => JsonSerializer.SerializeToNode(Enum.ToObject(json.Type, v), json))];

    private JsonObject Converter(Type converter) =>
        new() { ["type"] = converter == typeof(SafeInt64Converter) ? Scalar(typeof(long)) : $"what {converterName(converter)} writes" };

    // Enums with a naming policy come from a factory of the platform's; what is left are converters that somebody wrote.
    private static bool IsOwn(Type converter) => converter.Assembly != typeof(JsonSerializer).Assembly;

    private static string Scalar(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.String or TypeCode.Char => "text",
        TypeCode.Boolean => "true or false",
        TypeCode.Int32 => "32-bit integer",
        TypeCode.Int64 => "64-bit integer",
        TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.UInt32 or TypeCode.UInt64 => $"{type.Name} integer",
        TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "number",
        TypeCode.DateTime => "instant",
        _ => typeof(JsonNode).IsAssignableFrom(type) || type == typeof(JsonElement) || type == typeof(object) ? "anything" : type.Name,
    };
}
