using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.Functions.ApiDescription;

/// <summary>Who makes the JSON: a client, who may leave out what has a default, or this system, which leaves out only what is null.</summary>
internal enum SchemaUse
{
    Read,
    Written,
}

/// <summary>
/// The named schemas of the document. A type is described once and referred to from then on; one that looks different when it is read and when
/// it is written, or shares its name with another one, gets a number behind the name.
/// </summary>
internal sealed class SchemaSet
{
    private readonly Dictionary<(Type Type, SchemaUse Use, string Prefix), string> reserved = [];

    /// <summary>Every schema by its name, in the order in which they were needed.</summary>
    public JsonObject Components { get; } = [];

    public static JsonObject Ref(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    /// <summary>A type of the API or of a registration.</summary>
    public JsonObject Add(JsonTypeInfo json, SchemaUse use) => new SchemaExport(this, use, "", data: null).Of(json);

    /// <summary>An answer around data of a registered type, which stands in the place of raw JSON; its name begins with <paramref name="prefix"/>.</summary>
    public JsonObject AddAround(JsonTypeInfo json, string prefix, JsonObject data) => new SchemaExport(this, SchemaUse.Written, prefix, data).Of(json);

    /// <summary>Refers to a schema under a name, or one like it, where it is added if it is not there.</summary>
    public JsonObject Add(string name, JsonObject schema)
    {
        string free = name;
        for (int number = 2; Components[free] is { } other && !JsonNode.DeepEquals(other, schema); number++)
        {
            free = $"{name}{number}";
        }
        if (Components[free] is null)
        {
            Components[free] = schema;
        }
        return Ref(free);
    }

    /// <summary>Adds a type, under the name that was promised for it if it refers to itself.</summary>
    public JsonObject Add(Type type, SchemaUse use, string prefix, JsonObject schema)
    {
        if (!reserved.Remove((type, use, prefix), out string? name))
        {
            return Add(prefix + NameOf(type), schema);
        }
        Components[name] = schema;
        return Ref(name);
    }

    /// <summary>Refers to a type that is being described, from within itself.</summary>
    public JsonObject Promise(Type type, SchemaUse use, string prefix)
    {
        if (!reserved.TryGetValue((type, use, prefix), out string? name))
        {
            JsonObject reference = Add(prefix + NameOf(type), new JsonObject { ["$comment"] = $"{type} as {use}" });
            name = ((string)reference["$ref"]!).Split('/')[^1];
            reserved.Add((type, use, prefix), name);
        }
        return Ref(name);
    }

    /// <summary>The schema that a reference leads to.</summary>
    public JsonObject Resolve(JsonObject reference) => Components[((string)reference["$ref"]!).Split('/')[^1]]!.AsObject();

    private static string NameOf(Type type) => type.IsGenericType
        ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + string.Concat(type.GetGenericArguments().Select(NameOf))
        : type.Name;
}
