using System.Globalization;
using System.Text.Json;

namespace Serverless.EventSourcing;

/// <summary>One difference between two JSON values: a JSON path (<c>$.balance.minorUnits</c>), and the UTF-8 JSON there before and after; null for absent.</summary>
public sealed record JsonChange(string Path, ReadOnlyMemory<byte>? Before, ReadOnlyMemory<byte>? After)
{
    /// <summary>All differences, members in the order of the newer value; values that differ as a whole are one difference.</summary>
    public static IReadOnlyList<JsonChange> Between(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        using JsonDocument older = JsonDocument.Parse(before);
        using JsonDocument newer = JsonDocument.Parse(after);
        List<JsonChange> changes = [];
        Compare("$", older.RootElement, newer.RootElement, changes);
        return changes;
    }

    private static void Compare(string path, JsonElement before, JsonElement after, List<JsonChange> changes)
    {
        if (JsonElement.DeepEquals(before, after))
        {
            return;
        }
        switch (before.ValueKind, after.ValueKind)
        {
            case (JsonValueKind.Object, JsonValueKind.Object):
                CompareMembers(path, before, after, changes);
                break;
            case (JsonValueKind.Array, JsonValueKind.Array):
                CompareItems(path, before, after, changes);
                break;
            default:
                changes.Add(new JsonChange(path, Utf8(before), Utf8(after)));
                break;
        }
    }

    private static void CompareMembers(string path, JsonElement before, JsonElement after, List<JsonChange> changes)
    {
        foreach (JsonProperty member in after.EnumerateObject())
        {
            string name = $"{path}.{member.Name}";
            if (before.TryGetProperty(member.Name, out JsonElement old))
            {
                Compare(name, old, member.Value, changes);
            }
            else
            {
                changes.Add(new JsonChange(name, Before: null, Utf8(member.Value)));
            }
        }
        foreach (JsonProperty gone in before.EnumerateObject().Where(m => !after.TryGetProperty(m.Name, out _)))
        {
            changes.Add(new JsonChange($"{path}.{gone.Name}", Utf8(gone.Value), After: null));
        }
    }

    private static void CompareItems(string path, JsonElement before, JsonElement after, List<JsonChange> changes)
    {
        int older = before.GetArrayLength();
        int newer = after.GetArrayLength();
        for (int i = 0; i < Math.Max(older, newer); i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (i < older && i < newer)
            {
                Compare(name, before[i], after[i], changes);
            }
            else
            {
                changes.Add(new JsonChange(name, ItemAt(before, i), ItemAt(after, i)));
            }
        }
    }

    private static ReadOnlyMemory<byte>? ItemAt(JsonElement array, int index)
    {
        if (index < array.GetArrayLength())
        {
            return Utf8(array[index]);
        }
        return null; // Spelled out: in a conditional expression null would become an empty memory.
    }

    private static ReadOnlyMemory<byte> Utf8(JsonElement value) => JsonSerializer.SerializeToUtf8Bytes(value);
}
