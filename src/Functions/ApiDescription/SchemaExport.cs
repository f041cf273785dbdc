using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Serverless.EventSourcing;
using Serverless.Functions.History;
using Serverless.Functions.Http;

namespace Serverless.Functions.ApiDescription;

/// <summary>
/// Makes schemas from the metadata that the serializer works by, so what it does is what is described. It adds what the platform's exporter
/// doesn't know: what converters write, which members are always there, and names in the place of repetitions.
/// </summary>
internal sealed class SchemaExport(SchemaSet set, SchemaUse use, string prefix, JsonObject? data)
{
    public JsonObject Of(JsonTypeInfo json) =>
        JsonSchemaExporter.GetJsonSchemaAsNode(
            json, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform }).AsObject();

    private JsonObject Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        JsonTypeInfo json = Nullable.GetUnderlyingType(context.TypeInfo.Type) is { } underlying
            ? context.TypeInfo.Options.GetTypeInfo(underlying)
            : context.TypeInfo;
        JsonObject schema = node is JsonObject { } o && o.ContainsKey("$ref")
            ? set.Promise(json.Type, use, PrefixOf(json))
            : Describe(context, json, node);
        return IsNullable(context) ? OrNull(schema) : schema;
    }

    private JsonObject Describe(JsonSchemaExporterContext context, JsonTypeInfo json, JsonNode node)
    {
        if (json.Type == typeof(RawJson))
        {
            // What changed can be of any type; all else that is stored is an object.
            return context.PropertyInfo?.DeclaringType == typeof(ChangeAnswer) ? new JsonObject { ["description"] = "Any JSON." }
                : data?.DeepClone().AsObject() ?? new JsonObject { ["type"] = "object" };
        }
        JsonConverter converter = context.PropertyInfo?.CustomConverter ?? json.Converter;
        JsonObject schema = converter is IJsonSchemaProvider provider ? provider.GetJsonSchema() : node as JsonObject ?? [];
        if (json.Type.IsEnum && schema["enum"] is JsonArray values)
        {
            schema = new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. values.OfType<JsonNode>().Select(v => v.DeepClone())]) };
        }
        if (json.Kind == JsonTypeInfoKind.Object)
        {
            schema["type"] = "object";
            AddRequired(schema, json);
        }
        WithoutNull(schema);
        AddFormat(schema, json.Type);
        bool isNamed = converter == json.Converter && IsNamed(json, converter);
        if (isNamed)
        {
            AddDescription(schema, json.Type);
            schema = set.Add(json.Type, use, PrefixOf(json), schema);
        }
        if (context.PropertyInfo?.AttributeProvider is { } member)
        {
            AddDescription(schema, member);
        }
        return schema;
    }

    /// <summary>Read: what the reader wants. Written: what is never left out.</summary>
    private void AddRequired(JsonObject schema, JsonTypeInfo json)
    {
        string[] required = [.. schema["required"]?.AsArray().Select(r => (string)r!) ?? []];
        if (use == SchemaUse.Written)
        {
            // What is no member is a type discriminator, and stays.
            required = [.. required.Except(json.Properties.Select(p => p.Name)), .. json.Properties.Where(IsAlwaysWritten).Select(p => p.Name)];
        }
        schema.Remove("required");
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]);
        }
    }

    private bool IsNullable(JsonSchemaExporterContext context) => context.PropertyInfo is not { } property
        ? Nullable.GetUnderlyingType(context.TypeInfo.Type) is not null
        : use == SchemaUse.Written ? property.IsGetNullable && property.Options.DefaultIgnoreCondition == JsonIgnoreCondition.Never
        : property.AssociatedParameter?.IsNullable ?? property.IsSetNullable;

    private static bool IsAlwaysWritten(JsonPropertyInfo property) =>
        property is { Get: not null, ShouldSerialize: null, IsExtensionData: false } && property.Options.DefaultIgnoreCondition switch
        {
            JsonIgnoreCondition.Never => true,
            JsonIgnoreCondition.WhenWritingNull => !property.IsGetNullable,
            _ => false,
        };

    private static bool IsNamed(JsonTypeInfo json, JsonConverter converter) =>
        (json.Kind == JsonTypeInfoKind.Object || json.Type.IsEnum || converter is IJsonSchemaProvider)
        && json.Type.Namespace?.Split('.')[0] != nameof(System);

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema.ContainsKey("$ref"))
        {
            return new JsonObject { ["oneOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        }
        if (schema["type"] is JsonValue type)
        {
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        }
        return schema;
    }

    private static void WithoutNull(JsonObject schema)
    {
        if (schema["type"] is JsonArray types)
        {
            JsonNode[] others = [.. types.OfType<JsonNode>().Where(t => (string?)t != "null").Select(t => t.DeepClone())];
            schema["type"] = others.Length == 1 ? others[0] : new JsonArray(others);
        }
    }

    private static void AddFormat(JsonObject schema, Type type)
    {
        string? format = Type.GetTypeCode(type) switch
        {
            TypeCode.Int32 when !type.IsEnum => "int32",
            TypeCode.Int64 when !type.IsEnum => "int64",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            _ => null,
        };
        if (format is not null && (string?)(schema["type"] as JsonValue) is "integer" or "number")
        {
            schema["format"] = format;
        }
    }

    private static void AddDescription(JsonObject schema, ICustomAttributeProvider member)
    {
        if (member.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false) is [DescriptionAttribute { Description.Length: > 0 } description, ..])
        {
            schema["description"] = description.Description;
        }
    }

    private string PrefixOf(JsonTypeInfo json) => prefix.Length > 0 && HasRawJson(json, []) ? prefix : "";

    private static bool HasRawJson(JsonTypeInfo json, HashSet<Type> seen) =>
        json.Type == typeof(RawJson)
        || (Nullable.GetUnderlyingType(json.Type) ?? json.ElementType) is { } inner && seen.Add(inner) && HasRawJson(json.Options.GetTypeInfo(inner), seen)
        || json.Properties.Any(p => seen.Add(p.PropertyType) && HasRawJson(p.Options.GetTypeInfo(p.PropertyType), seen));
}
