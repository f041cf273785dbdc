using System.Text.Json.Nodes;

namespace Serverless.Functions.ApiDescription;

/// <summary>Makes up a value of a schema, with the examples that it names, and with required members only.</summary>
internal static class SchemaSample
{
    private const int MaxDepth = 20;

    public static JsonNode? Of(JsonObject schema, JsonObject components, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            return null; // A type that requires itself has no value at all.
        }
        if ((string?)schema["$ref"] is { } reference)
        {
            return Of(components[reference.Split('/')[^1]]!.AsObject(), components, depth + 1);
        }
        if ((schema["examples"] ?? schema["enum"])?.AsArray() is [{ } first, ..])
        {
            return first.DeepClone();
        }
        if ((schema["const"] ?? schema["default"]) is { } given)
        {
            return given.DeepClone();
        }
        if ((schema["oneOf"] ?? schema["anyOf"])?.AsArray() is [JsonObject choice, ..])
        {
            return Of(choice, components, depth + 1);
        }
        return (string?)(schema["type"] is JsonArray types ? types[0] : schema["type"]) switch
        {
            "object" => Members(schema, components, depth),
            "array" => new JsonArray(),
            "string" => "text",
            "integer" or "number" => schema["minimum"]?.DeepClone() ?? 1,
            "boolean" => true,
            _ => null,
        };
    }

    private static JsonObject Members(JsonObject schema, JsonObject components, int depth) => new(
        (schema["required"]?.AsArray() ?? []).Select(r => (string)r!).Select(name => KeyValuePair.Create(
            name, schema["properties"]?[name] is JsonObject member ? Of(member, components, depth + 1) : null)));
}
