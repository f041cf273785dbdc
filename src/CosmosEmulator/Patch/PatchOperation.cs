using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Http;

namespace Serverless.CosmosEmulator.Patch;

/// <summary>Why one operation can't be done on an item. The patch adds which operation it was.</summary>
internal sealed class PatchFailedException(string message) : Exception(message);

/// <summary>One operation of a patch.</summary>
internal sealed record PatchOperation(string Name, PatchPath Path, PatchPath? From, JsonElement? Value)
{
    private const string Documentation = "https://aka.ms/cosmosdbpatchdocs";

    private static readonly string[] SystemProperties = ["_rid", "_self", "_etag", "_attachments", "_ts"];

    private string Title => char.ToUpperInvariant(Name[0]) + Name[1..];

    public static PatchOperation Parse(JsonElement element)
    {
        string name = Text(element, "op")?.ToLowerInvariant() ?? throw Malformed("An operation has no 'op'.");
        PatchPath path = PatchPath.Parse(Text(element, "path") ?? throw Malformed("An operation has no 'path'."));
        PatchPath? from = Text(element, "from") is { } source ? PatchPath.Parse(source) : null;
        JsonElement? value = element.TryGetProperty("value"u8, out JsonElement given) ? given.Clone() : null;
        bool complete = name switch
        {
            "add" or "set" or "replace" => value is not null,
            "incr" or "increment" => value is { ValueKind: JsonValueKind.Number },
            "move" => from is not null,
            "remove" => true,
            _ => throw Malformed($"The operation '{name}' is unknown."),
        };
        if (!complete)
        {
            throw Malformed($"The operation '{name}' lacks a member or has one of the wrong type.");
        }

        return SystemProperties.Contains(path.Segments[0])
            ? throw new RefusedException(Errors.BadRequest($"The system property '{path.Text}' can't be patched."))
            : new PatchOperation(name, path, from, value);
    }

    public void Apply(JsonObject item)
    {
        switch (Name)
        {
            case "add":
                Put(item, Path, NewValue(), inArray: ArrayWrite.Insert);
                break;
            case "set":
                Put(item, Path, NewValue(), inArray: ArrayWrite.Set);
                break;
            case "replace":
                Find(item, Path);
                Put(item, Path, NewValue(), inArray: ArrayWrite.Set);
                break;
            case "remove":
                Remove(item, Path);
                break;
            case "move":
                Move(item);
                break;
            default:
                Increment(item);
                break;
        }
    }

    private JsonNode? NewValue() => Value is { ValueKind: not JsonValueKind.Null } value ? JsonNode.Parse(value.GetRawText()) : null;

    private void Move(JsonObject item)
    {
        PatchPath from = From ?? throw new PatchFailedException("'from' is missing.");
        if (Path.IsBelow(from))
        {
            throw new PatchFailedException($"The path '{from.Text}' can't be moved into itself.");
        }

        JsonNode? moved = Find(item, from)?.DeepClone();
        Remove(item, from);
        Put(item, Path, moved, inArray: ArrayWrite.Insert);
    }

    /// <summary>Whole numbers stay whole. A path that does not exist yet begins with the value.</summary>
    private void Increment(JsonObject item)
    {
        JsonElement step = Value ?? default;
        if (Parent(item, Path) is JsonObject parent && !parent.ContainsKey(Path.Last))
        {
            parent[Path.Last] = NewValue();
            return;
        }

        if (Find(item, Path) is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            throw new PatchFailedException($"The value at '{Path.Text}' is not a number.");
        }

        bool whole = value.TryGetValue(out long current) & step.TryGetInt64(out long by);
        JsonNode sum = whole ? JsonValue.Create(checked(current + by)) : JsonValue.Create(value.GetValue<double>() + step.GetDouble());
        Put(item, Path, sum, inArray: ArrayWrite.Set);
    }

    private JsonNode? Find(JsonObject item, PatchPath path) => Parent(item, path) switch
    {
        JsonObject parent when parent.TryGetPropertyValue(path.Last, out JsonNode? value) => value,
        JsonArray array when Index(path.Last) is { } index && index < array.Count => array[index],
        _ => throw new PatchFailedException($"The path '{path.Text}' does not exist."),
    };

    private void Put(JsonObject item, PatchPath path, JsonNode? value, ArrayWrite inArray)
    {
        switch (Parent(item, path))
        {
            case JsonObject parent:
                parent[path.Last] = value;
                break;
            case JsonArray array when path.Last == "-" || Index(path.Last) == array.Count:
                array.Add(value);
                break;
            case JsonArray array when Index(path.Last) is { } index && index < array.Count:
                if (inArray == ArrayWrite.Insert)
                {
                    array.Insert(index, value);
                }
                else
                {
                    array[index] = value;
                }

                break;
            default:
                throw new PatchFailedException($"The path '{path.Text}' does not exist, or its index is out of bounds.");
        }
    }

    private void Remove(JsonObject item, PatchPath path)
    {
        Find(item, path);
        if (Parent(item, path) is JsonArray array)
        {
            array.RemoveAt(Index(path.Last) ?? throw new PatchFailedException($"The path '{path.Text}' does not exist."));
        }
        else
        {
            ((JsonObject?)Parent(item, path))?.Remove(path.Last);
        }
    }

    private JsonNode? Parent(JsonObject item, PatchPath path)
    {
        JsonNode? node = item;
        foreach (string segment in path.Segments.SkipLast(1))
        {
            node = node switch
            {
                JsonObject parent when parent.TryGetPropertyValue(segment, out JsonNode? child) => child,
                JsonArray array when Index(segment) is { } index && index < array.Count => array[index],
                _ => throw new PatchFailedException(
                    $"{Title} Operation can only create a child object of an existing node(array or object) and cannot create path "
                    + $"recursively, no path found beyond: '{segment}'. Learn more: {Documentation}"),
            };
        }

        return node;
    }

    private static int? Index(string segment) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : null;

    private static string? Text(JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static RefusedException Malformed(string detail) => new(Errors.MalformedBody("patch", detail));

    private enum ArrayWrite
    {
        Insert,
        Set,
    }
}

/// <summary>A JSON pointer that names something inside an item.</summary>
internal sealed record PatchPath(string Text, IReadOnlyList<string> Segments)
{
    public string Last => Segments[^1];

    public static PatchPath Parse(string text) => text.Length > 1 && text[0] == '/'
        ? new PatchPath(text, [.. text[1..].Split('/').Select(Unescape)])
        : throw new RefusedException(Errors.MalformedBody("patch", $"The path '{text}' does not begin with a slash."));

    public bool IsBelow(PatchPath other) =>
        Segments.Count > other.Segments.Count && Segments.Take(other.Segments.Count).SequenceEqual(other.Segments);

    private static string Unescape(string segment) =>
        segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
