using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.EventSourcing.Testing;

/// <summary>One place where two shapes differ. What the old shape wrote can still be read, or not.</summary>
internal sealed record ShapeDifference(string Sentence, bool KeepsOldReadable);

/// <summary>What is different in a newer description of a shape, in words.</summary>
internal static class ShapeComparison
{
    public static IEnumerable<ShapeDifference> Between(JsonObject older, JsonObject newer) => Compare("$", older, newer);

    private static IEnumerable<ShapeDifference> Compare(string path, JsonObject older, JsonObject newer)
    {
        string was = Text(older, "type");
        string now = Text(newer, "type");
        if (was != now)
        {
            return [new($"{path} was {was} and is now {now}.", KeepsOldReadable: (was, now) == ("32-bit integer", "64-bit integer"))];
        }
        return
        [
            .. Flags(path, older, newer),
            .. Members(path, older["members"] as JsonObject ?? [], newer["members"] as JsonObject ?? []),
            .. Values(path, older["values"] as JsonArray ?? [], newer["values"] as JsonArray ?? []),
            .. older["of"] is JsonObject of && newer["of"] is JsonObject newOf ? Compare(was == "list" ? path + "[]" : path + ".*", of, newOf) : [],
            .. Text(older, "discriminator") == Text(newer, "discriminator")
                ? []
                : (ShapeDifference[])[new($"{path} is told apart by '{Text(newer, "discriminator")}' and not by '{Text(older, "discriminator")}'.", KeepsOldReadable: false)],
            .. Cases(path, older["cases"] as JsonObject ?? [], newer["cases"] as JsonObject ?? []),
        ];
    }

    private static IEnumerable<ShapeDifference> Flags(string path, JsonObject older, JsonObject newer)
    {
        if (Has(older, "required") != Has(newer, "required"))
        {
            yield return Has(newer, "required")
                ? new($"{path} could be left out and must be there now.", KeepsOldReadable: false)
                : new($"{path} had to be there and can be left out now.", KeepsOldReadable: true);
        }
        if (Has(older, "nullable") != Has(newer, "nullable"))
        {
            yield return Has(newer, "nullable")
                ? new($"{path} was never null and can be now.", KeepsOldReadable: true)
                : new($"{path} could be null and must not be now.", KeepsOldReadable: false);
        }
    }

    private static IEnumerable<ShapeDifference> Members(string path, JsonObject older, JsonObject newer) =>
    [
        .. older.Where(m => !newer.ContainsKey(m.Key)).Select(m => new ShapeDifference($"{path}.{m.Key} is gone; it was {Phrase(m.Value!)}.", KeepsOldReadable: false)),
        .. newer.Where(m => !older.ContainsKey(m.Key)).Select(m => new ShapeDifference($"{path}.{m.Key} is new: {Phrase(m.Value!)}.", KeepsOldReadable: !Has(m.Value!, "required"))),
        .. older.Where(m => newer.ContainsKey(m.Key)).SelectMany(m => Compare($"{path}.{m.Key}", m.Value!.AsObject(), newer[m.Key]!.AsObject())),
    ];

    private static IEnumerable<ShapeDifference> Values(string path, JsonArray older, JsonArray newer)
    {
        string[] was = [.. older.Select(v => v!.ToJsonString())];
        string[] now = [.. newer.Select(v => v!.ToJsonString())];
        return
        [
            .. was.Except(now).Select(v => new ShapeDifference($"{path} can't be {v} any more.", KeepsOldReadable: false)),
            .. now.Except(was).Select(v => new ShapeDifference($"{path} can be {v} as well.", KeepsOldReadable: true)),
        ];
    }

    private static IEnumerable<ShapeDifference> Cases(string path, JsonObject older, JsonObject newer) =>
    [
        .. older.Where(c => !newer.ContainsKey(c.Key)).Select(c => new ShapeDifference($"{path} can't be the case '{c.Key}' any more.", KeepsOldReadable: false)),
        .. newer.Where(c => !older.ContainsKey(c.Key)).Select(c => new ShapeDifference($"{path} can be the case '{c.Key}' as well.", KeepsOldReadable: true)),
        .. older.Where(c => newer.ContainsKey(c.Key)).SelectMany(c => Compare($"{path}({c.Key})", c.Value!.AsObject(), newer[c.Key]!.AsObject())),
    ];

    /// <summary>Where a stored value is not of a shape; null when it is. What a converter writes is not looked into.</summary>
    public static string? FirstMisfit(JsonElement value, JsonObject shape, string path = "$")
    {
        string type = Text(shape, "type");
        if (value.ValueKind == JsonValueKind.Null)
        {
            return Has(shape, "nullable") ? null : $"{path} is null.";
        }
        bool isRightKind = type switch
        {
            "object" or "map" => value.ValueKind == JsonValueKind.Object,
            "list" => value.ValueKind == JsonValueKind.Array,
            "text" or "instant" => value.ValueKind == JsonValueKind.String,
            "true or false" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "one of" => ((JsonArray)shape["values"]!).Any(v => v!.ToJsonString() == value.GetRawText()),
            _ => !(type.EndsWith("integer", StringComparison.Ordinal) || type == "number") || value.ValueKind == JsonValueKind.Number,
        };
        if (!isRightKind)
        {
            return $"{path} is {value.GetRawText()} and not {Phrase(shape)}.";
        }
        return type switch
        {
            "list" => value.EnumerateArray().Select((v, i) => FirstMisfit(v, (JsonObject)shape["of"]!, $"{path}[{i}]")).FirstOrDefault(m => m is not null),
            "map" => value.EnumerateObject().Select(v => FirstMisfit(v.Value, (JsonObject)shape["of"]!, $"{path}.{v.Name}")).FirstOrDefault(m => m is not null),
            "object" when !shape.ContainsKey("cases") => FirstMisfitOfMembers(value, (JsonObject)shape["members"]!, path),
            _ => null,
        };
    }

    private static string? FirstMisfitOfMembers(JsonElement value, JsonObject members, string path) =>
        members.Where(m => Has(m.Value!, "required") && !value.TryGetProperty(m.Key, out _)).Select(m => $"{path}.{m.Key} is missing.").FirstOrDefault()
        ?? value.EnumerateObject()
            .Select(v => members[v.Name] is JsonObject member ? FirstMisfit(v.Value, member, $"{path}.{v.Name}") : $"{path}.{v.Name} is not a member.")
            .FirstOrDefault(m => m is not null);

    private static string Phrase(JsonNode shape)
    {
        string type = Text(shape, "type");
        string values = shape["values"] is JsonArray all ? " " + string.Join(", ", all.Select(v => v!.ToJsonString())) : "";
        return $"{(Has(shape, "required") ? "required" : "optional")}, {type}{values}{(Has(shape, "nullable") ? ", or null" : "")}";
    }

    private static bool Has(JsonNode shape, string flag) => shape[flag] is not null;

    private static string Text(JsonNode shape, string member) => (string?)shape[member] ?? "";
}
