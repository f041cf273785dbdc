using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Functions.Tests.Support;

/// <summary>
/// Checks JSON against the schemas of a document, as far as these use JSON Schema: a keyword that is not known here is a fault, so that none
/// is believed to be checked that is not.
/// </summary>
internal sealed class SchemaCheck(JsonObject document)
{
    /// <summary>What doesn't fit, with its place; nothing when all does.</summary>
    public IEnumerable<string> Errors(JsonNode schema, JsonNode? value, string place = "$") =>
        schema.AsObject().SelectMany(k => Keyword(k.Key, k.Value!, schema.AsObject(), value, place));

    /// <summary>What a reference within the document leads to.</summary>
    public JsonNode Resolve(JsonNode node) => (string?)node["$ref"] is { } reference
        ? Resolve(reference.Split('/')[1..].Aggregate((JsonNode)document, (n, part) => n[part] ?? throw new InvalidOperationException($"{reference} leads nowhere.")))
        : node;

    private IEnumerable<string> Keyword(string keyword, JsonNode argument, JsonObject schema, JsonNode? value, string place) => keyword switch
    {
        "$ref" => Errors(Resolve(schema), value, place),
        "type" => Unless(Types(argument).Any(t => IsA(t, value)), $"{place} is not {argument.ToJsonString()} but {Text(value)}"),
        "enum" => Unless(argument.AsArray().Any(a => JsonNode.DeepEquals(a, value)), $"{place} is {Text(value)}, none of {argument.ToJsonString()}"),
        "const" => Unless(JsonNode.DeepEquals(argument, value), $"{place} is {Text(value)}, not {argument.ToJsonString()}"),
        "anyOf" => Unless(argument.AsArray().Any(s => !Errors(s!, value, place).Any()), $"{place} fits none of {argument.ToJsonString()}"),
        "oneOf" => Unless(argument.AsArray().Count(s => !Errors(s!, value, place).Any()) == 1, $"{place} does not fit one of {argument.ToJsonString()}"),
        "required" when value is JsonObject o => argument.AsArray().Where(n => !o.ContainsKey((string)n!)).Select(n => $"{place}.{n} is missing"),
        "properties" when value is JsonObject o =>
            argument.AsObject().Where(p => o.ContainsKey(p.Key)).SelectMany(p => Errors(p.Value!, o[p.Key], $"{place}.{p.Key}")),
        "additionalProperties" when value is JsonObject o =>
            o.Where(m => schema["properties"]?.AsObject().ContainsKey(m.Key) != true).SelectMany(m => argument.GetValueKind() == JsonValueKind.False
                ? [$"{place}.{m.Key} is not known"]
                : Errors(argument, m.Value, $"{place}.{m.Key}")),
        "items" when value is JsonArray a => a.SelectMany((item, i) => Errors(argument, item, $"{place}[{i}]")),
        "pattern" when IsA("string", value) => Unless(Regex.IsMatch((string)value!, (string)argument!), $"{place} is {Text(value)}, not like {argument}"),
        "minLength" when IsA("string", value) => Unless(((string)value!).Length >= (int)argument, $"{place} is too short"),
        "maxLength" when IsA("string", value) => Unless(((string)value!).Length <= (int)argument, $"{place} is too long"),
        "minimum" when IsA("number", value) => Unless(decimal.Parse(Text(value)) >= (decimal)argument, $"{place} is too small"),
        "maximum" when IsA("number", value) => Unless(decimal.Parse(Text(value)) <= (decimal)argument, $"{place} is too large"),
        "format" when (string?)argument == "date-time" && IsA("string", value) => Unless(DateTimeOffset.TryParse((string)value!, out _), $"{place} is no instant"),
        "examples" => argument.AsArray().SelectMany(e => Errors(Without(schema, "examples"), e, "an example")),
        "required" or "properties" or "additionalProperties" or "items" or "pattern" or "minLength" or "maxLength" or "minimum" or "maximum" => [],
        "format" or "description" or "default" => [],
        _ => throw new NotSupportedException($"The keyword {keyword} at {place} is not checked."),
    };

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(t => (string)t!) : [(string)type!];

    private static bool IsA(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("null", JsonValueKind.Null) => true,
        ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => decimal.Parse(Text(value)) % 1 == 0,
        _ => false,
    };

    private static IEnumerable<string> Unless(bool fits, string error) => fits ? [] : [error];

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "null";

    private static JsonObject Without(JsonObject schema, string keyword)
    {
        JsonObject rest = schema.DeepClone().AsObject();
        rest.Remove(keyword);
        return rest;
    }
}
